"""A secret is rotated every 90 days or oftener."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import number, public_form
from policies.cloud import SECRET_ROTATION
from policies.limits import most
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.schedules import longest_gap_days
from policies.values import UNSET, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the days, or the schedule where that is given instead."""
    days, schedule = (resource.at("rotationRules", name) for name in ("automaticallyAfterDays", "scheduleExpression"))
    found = number(days)
    if found is None and isinstance(schedule, str):
        found = longest_gap_days(schedule)
    if found is None or not 1 <= found <= limits["maximumDays"]:
        value = days if days is not UNSET else schedule
        allowed = f"1 to {limits['maximumDays']} (days)"
        yield Finding.judge(resource, "rotationRules", value, found=show(value, public_form), allowed=allowed)


RULE = ResourceRule(
    id="secret-rotation-keep-short",
    title="A secret is rotated every 90 days or oftener.",
    severity=Severity.MEDIUM,
    reason="a password that leaked without anybody seeing it is worth something until the next rotation",
    fix="set fashion-wallet:cloud secrets.rotationDays to 90 or less",
    spec=("6.1.1",),
    frameworks=("AWS Security Hub SecretsManager.4",),
    link="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html",
    topic="secrets",
    limits=(most("maximumDays", 90, "The longest time between two rotations.", minimum=1, maximum=1000),),
    absent="No rule, and zero, are violations.",
    example=Example(refused="automatically_after_days=365", taken="automatically_after_days=30"),
    types=(SECRET_ROTATION,),
    check=check,
)
