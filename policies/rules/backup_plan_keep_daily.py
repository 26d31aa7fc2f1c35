"""A plan makes a backup every day and keeps it for 30 days."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import BACKUP_PLAN
from policies.limits import least
from policies.plans import Wanted, judge_plan, kept_days, runs_within, tri
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Look for a rule that runs daily and keeps what it makes."""
    days = limits["minimumDays"]
    wanted = Wanted(
        allowed=f"a rule that runs every day and keeps for {days} days or more",
        fine=lambda rule: tri(runs_within(rule, 1), kept_days(rule, days)),
    )
    yield from judge_plan(resource, wanted)


RULE = ResourceRule(
    id="backup-plan-keep-daily",
    title="A plan makes a backup every day and keeps it for 30 days.",
    severity=Severity.HIGH,
    reason="damage that is seen after three weeks is mended by what was kept four",
    fix="set fashion-wallet:cloud backups.dailyRetentionDays",
    spec=("5.2.1",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html",
    topic="backups",
    limits=(least("minimumDays", 30, "The shortest life of a daily backup.", minimum=1),),
    absent="No rules, and a rule without a schedule or a life, are violations.",
    example=Example(refused="delete_after=14", taken='schedule="cron(0 3 ? * * *)", delete_after=30'),
    types=(BACKUP_PLAN,),
    check=check,
)
