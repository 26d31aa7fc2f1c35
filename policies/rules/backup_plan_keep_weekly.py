"""A plan makes a backup every week and keeps it for 90 days."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import BACKUP_PLAN
from policies.limits import least
from policies.plans import Wanted, judge_plan, kept_days, runs_within, tri
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Look for a rule that runs weekly and keeps what it makes."""
    days = limits["minimumDays"]
    wanted = Wanted(
        allowed=f"a rule that runs every week and keeps for {days} days or more",
        fine=lambda rule: tri(runs_within(rule, 7), kept_days(rule, days)),
    )
    yield from judge_plan(resource, wanted)


RULE = ResourceRule(
    id="backup-plan-keep-weekly",
    title="A plan makes a backup every week and keeps it for 90 days.",
    severity=Severity.HIGH,
    reason="the specification wants a quarter of a year, and nothing else reaches that far back",
    fix="set fashion-wallet:cloud backups.weeklyRetentionDays",
    spec=("5.2.1",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html",
    topic="backups",
    limits=(least("minimumDays", 90, "The shortest life of a weekly backup.", minimum=1),),
    absent="No rules, and a rule without a schedule or a life, are violations.",
    example=Example(refused="delete_after=35", taken='schedule="cron(0 5 ? * SUN *)", delete_after=90'),
    types=(BACKUP_PLAN,),
    check=check,
)
