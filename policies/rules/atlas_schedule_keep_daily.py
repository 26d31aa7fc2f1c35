"""Atlas makes a snapshot every day and keeps it for 30 days."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.atlas_schedules import item_days
from policies.cloud import ATLAS_SCHEDULE
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the daily item."""
    days = item_days(resource.at("policyItemDaily"))
    if days is UNKNOWN or days < limits["minimumDays"]:
        found = f"kept for {days} days"
        allowed = f"snapshots of every day, kept for {limits['minimumDays']} days or more"
        yield Finding.judge(resource, "policyItemDaily", days, found=found, allowed=allowed)


RULE = ResourceRule(
    id="atlas-schedule-keep-daily",
    title="Atlas makes a snapshot every day and keeps it for 30 days.",
    severity=Severity.HIGH,
    reason="damage that is seen after three weeks is mended by what was kept four",
    fix="set fashion-wallet:cloud backups.dailyRetentionDays",
    spec=("5.2.1",),
    link="https://www.mongodb.com/docs/atlas/backup/cloud-backup/scheduling/",
    topic="backups",
    limits=(least("minimumDays", 30, "The shortest life of a daily snapshot.", minimum=1),),
    example=Example(
        refused='retention_unit="days", retention_value=7', taken='retention_unit="days", retention_value=30'
    ),
    types=(ATLAS_SCHEDULE,),
    check=check,
)
