"""Reads names of AWS's resources (ARNs)."""

from typing import Any, Final

__all__ = ["region_of"]

_PARTS: Final = 6
"""arn:partition:service:region:account:resource."""


def region_of(arn: Any) -> str:
    """Return the region in an ARN, empty where there is none."""
    parts = arn.split(":", _PARTS - 1) if isinstance(arn, str) else []
    return parts[3] if len(parts) == _PARTS and parts[0] == "arn" else ""
