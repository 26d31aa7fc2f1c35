"""The instance classes that run PostgreSQL 15 and newer on RDS, with their memory: AWS's table, families by sizes.

A class outside of it is refused; a test compares it with the SDK's own list. Memory decides how many connections fit.
"""

from __future__ import annotations

__all__ = ["BYTES_A_CONNECTION", "FAMILIES", "INSTANCE_CLASSES", "memory_gib", "most_connections"]

_GENERAL, _MEMORY = 4, 8  # GiB for each virtual processor
_BURSTABLE = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
_PROCESSORS = {"large": 2, "xlarge": 4, **{f"{times}xlarge": 4 * times for times in (2, 4, 8, 12, 16, 24, 32)}}
_TO_16 = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_INTEL_5 = (*_TO_16, "24xlarge")
_INTEL_6 = (*_TO_16, "24xlarge", "32xlarge")

BYTES_A_CONNECTION = 9_531_392
"""What RDS reckons with itself: its default of max_connections is the memory divided by this."""
_GIB = 1024**3


def _sized(ratio: int, sizes: tuple[str, ...]) -> dict[str, int]:
    return {size: ratio * _PROCESSORS[size] for size in sizes}


FAMILIES: dict[str, dict[str, int]] = {
    "t3": _BURSTABLE,
    "t4g": _BURSTABLE,
    "m5": _sized(_GENERAL, _INTEL_5),
    "m6g": _sized(_GENERAL, _TO_16),
    "m6i": _sized(_GENERAL, _INTEL_6),
    "m7g": _sized(_GENERAL, _TO_16),
    "r5": _sized(_MEMORY, _INTEL_5),
    "r6g": _sized(_MEMORY, _TO_16),
    "r6i": _sized(_MEMORY, _INTEL_6),
    "r7g": _sized(_MEMORY, _TO_16),
}
"""Memory in GiB by family and size."""

INSTANCE_CLASSES: dict[str, int] = {
    f"db.{family}.{size}": gib for family, sizes in FAMILIES.items() for size, gib in sizes.items()
}
"""Memory in GiB by class."""


def memory_gib(instance_class: str) -> int:
    """Return the memory of a class of the table, in GiB."""
    return INSTANCE_CLASSES[instance_class]


def most_connections(instance_class: str) -> int:
    """Return how many connections the memory of a class holds by RDS's own reckoning."""
    return memory_gib(instance_class) * _GIB // BYTES_A_CONNECTION
