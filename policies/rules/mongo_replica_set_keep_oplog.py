"""The oplog reaches back far enough for a member that was away and for what reads it."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, identifier, is_true, show
from policies.wire import MONGO_REPLICA_SET, MONGOD_MEMBER

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge `oplogRetentionH` of a set and of each of its members; an arbiter has no oplog."""
    arbiter = at(resource.properties, "arbiter")
    if is_true(arbiter):
        return
    minimum = limits["minimumH"]
    value = at(resource.properties, "oplogRetentionH")
    if isinstance(value, bool) or not isinstance(value, int | float) or value < minimum:
        yield Finding.judge(
            resource,
            "oplogRetentionH",
            UNKNOWN if arbiter is UNKNOWN else value,
            found=show(value, identifier),
            allowed=f"at least {minimum} (hours)",
        )


RULE = ResourceRule(
    id="mongo-replica-set-keep-oplog",
    title="The oplog of MongoDB reaches back a day at least.",
    severity=Severity.HIGH,
    reason="a member that was away for longer must copy all data anew, and a backup or change stream that reads the "
    "oplog has a hole where it was overwritten",
    fix="raise fashion-wallet:mongodb oplogRetentionH to the minimum",
    spec=("5.1.2", "5.2.1"),
    link="https://www.mongodb.com/docs/manual/core/replica-set-oplog/#minimum-oplog-retention-period",
    limits=(
        Limit(
            name="minimumH",
            schema={"type": "integer", "minimum": 1, "maximum": 720},
            default=24,
            meaning="The fewest hours that the oplog is kept.",
        ),
    ),
    absent="Unset, empty and zero are violations: mongod then keeps what fits the oplog's size, however few hours that "
    "is. An arbiter has no oplog and is not judged.",
    types=(MONGOD_MEMBER, MONGO_REPLICA_SET),
    example=Example(refused="oplog_retention_h=6", taken="oplog_retention_h=24"),
    check=check,
)
