"""The oplog of a cluster on Atlas reaches back a day at least."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import number, public_form
from policies.cloud import ATLAS_CLUSTER
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the hours, or where storage does not grow by itself and Atlas has none, the size."""
    hours = resource.at("advancedConfiguration", "oplogMinRetentionHours")
    size = resource.at("advancedConfiguration", "oplogSizeMb")
    found, mebibytes = number(hours), number(size)
    if found is not None and found >= limits["minimumHours"]:
        return
    if hours is UNSET and mebibytes is not None and mebibytes >= limits["minimumMib"]:
        return
    unknown = UNKNOWN if UNKNOWN in (hours, size) else hours
    where = "advancedConfiguration.oplogMinRetentionHours"
    allowed = f"at least {limits['minimumHours']} (hours), or oplogSizeMb of at least {limits['minimumMib']}"
    yield Finding.judge(resource, where, unknown, found=show(hours, public_form), allowed=allowed)


RULE = ResourceRule(
    id="atlas-cluster-keep-oplog",
    title="The oplog of a cluster on Atlas reaches back a day at least.",
    severity=Severity.HIGH,
    reason="a member that was away for longer copies everything anew, and a change stream that was too is lost",
    fix="set fashion-wallet:mongodb oplogRetentionH to 24 or more",
    spec=("5.1.2", "5.2.1"),
    link="https://www.mongodb.com/docs/manual/core/replica-set-oplog/#minimum-oplog-retention-period",
    topic="documents",
    limits=(
        least("minimumHours", 24, "The fewest hours that the oplog is kept.", minimum=1, maximum=720),
        least(
            "minimumMib",
            990,
            "The smallest oplog where Atlas takes a size only; 990 MiB is MongoDB's own smallest.",
            minimum=990,
            maximum=10_000_000,
        ),
    ),
    absent="Unset and zero are violations, where no size is given either.",
    example=Example(refused="oplog_min_retention_hours=1", taken="oplog_min_retention_hours=48"),
    types=(ATLAS_CLUSTER,),
    check=check,
)
