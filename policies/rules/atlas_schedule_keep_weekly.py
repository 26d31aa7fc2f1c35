"""Atlas makes a snapshot every week and keeps it for 90 days."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.atlas_schedules import item_days
from policies.cloud import ATLAS_SCHEDULE
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the weekly items; the longest life counts."""
    items = resource.at("policyItemWeeklies")
    lives = [item_days(one) for one in items] if isinstance(items, list) else [item_days(items)]
    known = max((one for one in lives if one is not UNKNOWN), default=0)
    if known < limits["minimumDays"]:
        allowed = f"snapshots of every week, kept for {limits['minimumDays']} days or more"
        unsure = UNKNOWN if UNKNOWN in lives else known
        yield Finding.judge(resource, "policyItemWeeklies", unsure, found=f"kept for {known} days", allowed=allowed)


RULE = ResourceRule(
    id="atlas-schedule-keep-weekly",
    title="Atlas makes a snapshot every week and keeps it for 90 days.",
    severity=Severity.HIGH,
    reason="the specification wants a quarter of a year, and nothing else reaches that far back",
    fix="set fashion-wallet:cloud backups.weeklyRetentionDays",
    spec=("5.2.1",),
    link="https://www.mongodb.com/docs/atlas/backup/cloud-backup/scheduling/",
    topic="backups",
    limits=(least("minimumDays", 90, "The shortest life of a weekly snapshot.", minimum=1),),
    example=Example(
        refused='retention_unit="weeks", retention_value=4', taken='retention_unit="days", retention_value=90'
    ),
    types=(ATLAS_SCHEDULE,),
    check=check,
)
