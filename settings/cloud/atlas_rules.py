"""Rules between Atlas's settings, and between them and those of MongoDB that are the same everywhere.

Rules are about `AtlasInUse`: a section of the cloud cannot see the rest of a stack's settings by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from settings.cloud.atlas import AtlasSettings
from settings.cloud.atlas_tiers import RESERVED_BY_ATLAS, SMALLEST_DISK_GB, Tier, smallest_tier_for, tier
from settings.derived import needed_mongodb_connections
from settings.mongodb import MongodbSettings
from settings.rules import Rule

__all__ = ["ATLAS_MONGODB_RULES", "ATLAS_RULES", "AtlasInUse"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasInUse:
    """What the rules are about: Atlas's settings, and what the stack says of MongoDB on every substrate."""

    atlas: AtlasSettings
    mongodb: MongodbSettings

    @property
    def needed(self) -> int:
        """Connections that a node must take: the pools of all logins' clients full, and the reserved ones."""
        return needed_mongodb_connections(self.mongodb)

    @property
    def smallest(self) -> Tier:
        """The smallest size that the nodes may have."""
        atlas = self.atlas
        return tier(
            atlas.minimum_instance_size
            if atlas.maximum_instance_size and atlas.minimum_instance_size
            else atlas.instance_size
        )

    @property
    def size_key(self) -> str:
        """Which setting says that size."""
        return "instanceSize" if self.smallest.name == self.atlas.instance_size else "minimumInstanceSize"


def _room(size: Tier) -> int:
    return size.connections - RESERVED_BY_ATLAS


def _larger(use: AtlasInUse) -> str:
    fitting = smallest_tier_for(use.needed, use.smallest.kind)
    return (
        f"set {use.size_key} to {fitting.name} or larger, or lower mongodb.pool.maxPoolSize"
        if fitting
        else ("lower mongodb.pool.maxPoolSize: no size takes so many")
    )


def _beyond(use: AtlasInUse) -> bool:
    """Whether the bounds of autoscaling do not enclose the size, or are of another class."""
    atlas = use.atlas
    size = tier(atlas.instance_size)
    low, high = atlas.minimum_instance_size, atlas.maximum_instance_size
    if low and not high:
        return True
    bounds = [tier(name) for name in (low, high) if name]
    if any(bound.kind != size.kind for bound in bounds):
        return True
    return bool((low and tier(low).order > size.order) or (high and tier(high).order < size.order))


ATLAS_RULES: tuple[Rule[AtlasInUse], ...] = (
    Rule(
        key="instanceSize",
        holds="room for the pools of all users' clients, all full, and the reserved connections, "
        "also at `minimumInstanceSize`",
        broken=lambda u: u.needed > _room(u.smallest),
        cause=lambda u: (
            f"the pools can open {u.needed} connections to a node, and {u.smallest.name} takes "
            f"{u.smallest.connections}, {RESERVED_BY_ATLAS} of them Atlas's own"
        ),
        got=lambda u: u.smallest.name,
        allowed=lambda u: f"a size that takes {u.needed + RESERVED_BY_ATLAS} connections or more",
        fix=_larger,
    ),
    Rule(
        key="diskSizeGb",
        holds="at most what the size (also `minimumInstanceSize`) takes",
        broken=lambda u: u.atlas.disk_size_gb > u.smallest.largest_disk_gb,
        cause=lambda u: f"is more than a node of {u.smallest.name} takes",
        got=lambda u: u.atlas.disk_size_gb,
        allowed=lambda u: f"{SMALLEST_DISK_GB} to {u.smallest.largest_disk_gb}",
        fix=lambda u: f"lower it, or set {u.size_key} to a larger size",
    ),
    Rule(
        key="maximumInstanceSize",
        holds="not below `instanceSize`, which is not below `minimumInstanceSize`, all of one class (M or R)",
        broken=_beyond,
        cause=lambda u: (
            "is left out, so that minimumInstanceSize would never apply"
            if u.atlas.maximum_instance_size is None
            else "and minimumInstanceSize do not enclose instanceSize, or are not of its class"
        ),
        got=lambda u: (
            f"{u.atlas.minimum_instance_size or 'nothing'} to {u.atlas.maximum_instance_size or 'nothing'} "
            f"around {u.atlas.instance_size}"
        ),
        allowed=lambda u: f"sizes of class {u.atlas.instance_size[0]}, minimum ≤ {u.atlas.instance_size} ≤ maximum",
        fix=lambda _: "correct the bounds, or leave both out: then Atlas never changes the size",
    ),
)
"""Keys are those of `cloud.atlas`."""

ATLAS_MONGODB_RULES: tuple[Rule[AtlasInUse], ...] = (
    Rule(
        key="members",
        holds="on Atlas 3 or 5, without `arbiter`: Atlas has none",
        broken=lambda u: u.mongodb.arbiter or u.mongodb.members == 2,  # noqa: PLR2004 - as the message says
        cause=lambda _: "needs an arbiter, and Atlas has none",
        got=lambda u: f"{u.mongodb.members}, arbiter {str(u.mongodb.arbiter).lower()}",
        allowed=lambda _: "3 or 5",
        fix=lambda _: "set members to 3 and leave arbiter out",
    ),
    Rule(
        key="maxConnections",
        holds="on Atlas left out: the size decides",
        broken=lambda u: u.mongodb.max_connections is not None,
        cause=lambda _: "cannot be set on Atlas, where the size decides",
        got=lambda u: u.mongodb.max_connections,
        allowed=lambda _: "nothing",
        fix=lambda _: "leave it out; cloud.atlas.instanceSize is what to change",
    ),
    Rule(
        key="parameters",
        holds="on Atlas left out: it takes no `setParameter`",
        broken=lambda u: bool(u.mongodb.parameters),
        cause=lambda _: "cannot be set on Atlas, which takes no setParameter",
        got=lambda u: dict(u.mongodb.parameters),
        allowed=lambda _: "nothing",
        fix=lambda _: "leave it out",
    ),
    Rule(
        key="priorities",
        holds="on Atlas left out: members have no names of ours there",
        broken=lambda u: bool(u.mongodb.priorities),
        cause=lambda _: "cannot be set on Atlas, which chooses the primary within a region itself",
        got=lambda u: dict(u.mongodb.priorities),
        allowed=lambda _: "nothing",
        fix=lambda _: "leave it out",
    ),
)
"""Keys are those of `mongodb`."""
