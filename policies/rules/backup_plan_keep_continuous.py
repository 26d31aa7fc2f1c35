"""A plan keeps every point in time of the last seven days."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import BACKUP_PLAN
from policies.limits import least
from policies.plans import Wanted, judge_plan, kept_days, tri
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, is_true

__all__ = ["RULE"]


_MOST_DAYS = 35
"""AWS Backup keeps a continuous backup no longer."""


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Look for a rule that backs up continuously."""
    days = limits["minimumDays"]
    wanted = Wanted(
        allowed=f"a rule with enableContinuousBackup that keeps for {days} to {_MOST_DAYS} days",
        fine=lambda rule: tri(_continuous(rule), kept_days(rule, days, most=_MOST_DAYS)),
    )
    yield from judge_plan(resource, wanted)


def _continuous(rule: Any) -> Any:
    value = at(rule, "enableContinuousBackup")
    return value if value is UNKNOWN else is_true(value)


RULE = ResourceRule(
    id="backup-plan-keep-continuous",
    title="A plan keeps every point in time of the last seven days.",
    severity=Severity.HIGH,
    reason="a daily backup loses up to a day, and the specification allows a quarter of an hour",
    fix="set fashion-wallet:cloud rds.backupRetentionDays",
    spec=("5.2.1", "5.2.2"),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html",
    topic="backups",
    limits=(least("minimumDays", 7, "How far back a point in time can be restored at least.", minimum=1),),
    absent="No rules, and a rule without a schedule or a life, are violations.",
    example=Example(refused="enable_continuous_backup=False", taken="enable_continuous_backup=True, delete_after=7"),
    types=(BACKUP_PLAN,),
    check=check,
)
