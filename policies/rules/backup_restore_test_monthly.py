"""Backups are restored for a test once a month at least."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import RESTORE_PLAN
from policies.limits import most
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.schedules import longest_gap_days
from policies.values import show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the longest time between two runs of the schedule."""
    schedule = resource.at("scheduleExpression")
    gap = longest_gap_days(schedule) if isinstance(schedule, str) else None
    if gap is None or gap > limits["maximumDays"]:
        found = show(schedule, public_form) if gap is None else f"a run every {gap} days"
        allowed = f"a run every {limits['maximumDays']} days or oftener"
        yield Finding.judge(resource, "scheduleExpression", schedule, found=found, allowed=allowed)


RULE = ResourceRule(
    id="backup-restore-test-monthly",
    title="Backups are restored for a test once a month at least.",
    severity=Severity.HIGH,
    reason="a backup that nobody has restored is a hope; the specification wants a test every month",
    fix="set fashion-wallet:cloud backups.restoreTest.dayOfMonth",
    spec=("5.2.2",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html",
    topic="backups",
    limits=(most("maximumDays", 31, "The longest time between two tests.", minimum=1, maximum=366),),
    absent="Unset, empty, and an expression that cannot be read are violations.",
    example=Example(
        refused='schedule_expression="cron(0 7 1 1 ? *)" # once a year', taken='schedule_expression="cron(0 7 1 * ? *)"'
    ),
    types=(RESTORE_PLAN,),
    check=check,
)
