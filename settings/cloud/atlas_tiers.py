"""What each size of an Atlas cluster on AWS can do, and which versions of MongoDB Atlas runs.

Owns: the tables. Does not own: which of them a stack uses (`atlas.py`), the rules about them (`atlas_rules.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

__all__ = [
    "MAJORS",
    "RESERVED_BY_ATLAS",
    "SHARED_TIERS",
    "SMALLEST_DISK_GB",
    "TIERS",
    "Tier",
    "smallest_tier_for",
    "tier",
]

RESERVED_BY_ATLAS: Final = 10
"""Connections that Atlas keeps for itself on each node."""
SMALLEST_DISK_GB: Final = 10
"""Atlas makes any disk at least so large."""
SHARED_TIERS: Final = ("M0", "M2", "M5", "FLEX")
"""They have no backup of their own, no private endpoint and no customer key; Atlas's own names."""
MAJORS: Final = {"7.0": date(2027, 8, 31), "8.0": date(2029, 10, 31)}
"""Major versions for dedicated clusters, and when MongoDB ends their support.

https://www.mongodb.com/legal/support-policy/lifecycles, read in November 2026.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """A size: most connections and memory of a node, and the largest disk that it takes."""

    name: str
    connections: int
    memory_gb: int
    largest_disk_gb: int

    @property
    def kind(self) -> str:
        """Its class, general (M) or low CPU (R); compute is scaled within one."""
        return self.name[0]

    @property
    def order(self) -> int:
        """Where it stands among the sizes of its class."""
        return int(self.name[1:])


_TB: Final = 1024
TIERS: Final = {
    tier.name: tier
    for tier in (
        Tier(name="M10", connections=1_500, memory_gb=2, largest_disk_gb=128),
        Tier(name="M20", connections=3_000, memory_gb=4, largest_disk_gb=255),
        Tier(name="M30", connections=3_000, memory_gb=8, largest_disk_gb=512),
        Tier(name="M40", connections=6_000, memory_gb=16, largest_disk_gb=1 * _TB),
        Tier(name="M50", connections=16_000, memory_gb=32, largest_disk_gb=4 * _TB),
        Tier(name="M60", connections=32_000, memory_gb=64, largest_disk_gb=4 * _TB),
        Tier(name="M80", connections=96_000, memory_gb=128, largest_disk_gb=4 * _TB),
        Tier(name="M140", connections=96_000, memory_gb=192, largest_disk_gb=4 * _TB),
        Tier(name="M200", connections=128_000, memory_gb=256, largest_disk_gb=4 * _TB),
        Tier(name="M300", connections=128_000, memory_gb=384, largest_disk_gb=4 * _TB),
        Tier(name="R40", connections=4_000, memory_gb=16, largest_disk_gb=1 * _TB),
        Tier(name="R50", connections=16_000, memory_gb=32, largest_disk_gb=4 * _TB),
        Tier(name="R60", connections=32_000, memory_gb=64, largest_disk_gb=4 * _TB),
        Tier(name="R80", connections=64_000, memory_gb=128, largest_disk_gb=4 * _TB),
        Tier(name="R200", connections=128_000, memory_gb=256, largest_disk_gb=4 * _TB),
        Tier(name="R300", connections=128_000, memory_gb=384, largest_disk_gb=4 * _TB),
        Tier(name="R400", connections=128_000, memory_gb=512, largest_disk_gb=4 * _TB),
    )
}
"""Dedicated sizes on AWS, by name.

Connections of a node: https://www.mongodb.com/docs/atlas/reference/atlas-limits/. Memory and disks:
https://www.mongodb.com/docs/atlas/customize-storage/. Sizes on local NVMe disks are left out: their disks cannot grow.
"""


def tier(name: str) -> Tier:
    """Return the size of a name that the settings have checked."""
    return TIERS[name]


def smallest_tier_for(connections: int, kind: str) -> Tier | None:
    """Return the smallest size of a class that takes so many connections; None where none does."""
    fitting = [one for one in TIERS.values() if one.kind == kind and one.connections - RESERVED_BY_ATLAS >= connections]
    return min(fitting, key=lambda one: one.order, default=None)
