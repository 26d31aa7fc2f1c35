"""The time series have a base backup every day."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import off_or_unset, public_form
from policies.cloud import CNPG_SCHEDULE
from policies.limits import most
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.schedules import longest_gap_days
from policies.values import show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the schedule, and that it is not suspended."""
    schedule, suspend = resource.at("spec", "schedule"), resource.at("spec", "suspend")
    gap = longest_gap_days(schedule) if isinstance(schedule, str) else None
    if gap is None or gap > limits["maximumDays"]:
        found = show(schedule, public_form) if gap is None else f"a run every {gap} days"
        allowed = f"a run every {limits['maximumDays']} days or oftener, as second minute hour day month weekday"
        yield Finding.judge(resource, "spec.schedule", schedule, found=found, allowed=allowed)
    if not off_or_unset(suspend):
        found = show(suspend, public_form)
        yield Finding.judge(resource, "spec.suspend", suspend, found=found, allowed="false, or unset")


RULE = ResourceRule(
    id="cnpg-backup-run-daily",
    title="The time series have a base backup every day.",
    severity=Severity.HIGH,
    reason="a restore replays all WAL since the base backup, so its age is the time that the restore takes",
    fix="set fashion-wallet:cloud backups.dailyAt",
    spec=("5.2.1",),
    link="https://cloudnative-pg.io/documentation/current/backup/#scheduled-backups",
    topic="backups",
    limits=(most("maximumDays", 1, "The longest time between two base backups.", minimum=1, maximum=366),),
    absent="No schedule, and one that cannot be read, are violations.",
    example=Example(refused='schedule: "0 0 0 * * 0" # weekly', taken='schedule: "0 30 2 * * *"'),
    types=(CNPG_SCHEDULE,),
    check=check,
)
