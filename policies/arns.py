"""Reads names of AWS's resources (ARNs)."""

from typing import Any, Final

__all__ = ["parts_of", "region_of"]

_PARTS: Final = 6


def parts_of(arn: Any) -> list[str]:
    """Return the six parts of an ARN (arn, partition, service, region, account, resource), none where it is none."""
    parts = arn.split(":", _PARTS - 1) if isinstance(arn, str) else []
    return parts if len(parts) == _PARTS and parts[0] == "arn" else []


def region_of(arn: Any) -> str:
    """Return the region in an ARN, empty where there is none."""
    parts = parts_of(arn)
    return parts[3] if parts else ""
