"""An object in a bucket of backups cannot be deleted for a week at least."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.checks import at_least, one_of
from policies.cloud import BUCKET_LOCK
from policies.limits import choice, least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def _in_years(resource: Resource) -> Any:
    """Whether the life is given in years, of which one is more than any limit of a week or a month."""
    years = resource.at("rule", "defaultRetention", "years")
    return years if years is UNKNOWN else isinstance(years, int) and years > 0


_MODE = one_of("rule", "defaultRetention", "mode", limit="modes")
_DAYS = at_least("rule", "defaultRetention", "days", limit="minimumDays", unit="days", unless=_in_years)


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the mode and the life of the lock."""
    yield from _MODE(resource, limits)
    yield from _DAYS(resource, limits)


RULE = ResourceRule(
    id="s3-object-lock-keep-days",
    title="An object in a bucket of backups cannot be deleted for a week at least.",
    severity=Severity.HIGH,
    reason="who has the keys of a day, or has encrypted the databases for a ransom, deletes the backups next",
    fix="set fashion-wallet:cloud backups.buckets.objectLock",
    spec=("5.2.1", "5.2.2"),
    frameworks=("AWS Security Hub S3.15",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    topic="buckets",
    limits=(
        choice("modes", ["GOVERNANCE", "COMPLIANCE"], "The modes of the lock that are allowed."),
        least("minimumDays", 7, "The shortest life of the lock.", minimum=1),
    ),
    absent="No rule is a violation: a bucket with object lock alone locks nothing.",
    example=Example(
        refused="# no rule: only what is uploaded with a lock is locked", taken='mode="GOVERNANCE", days=30'
    ),
    types=(BUCKET_LOCK,),
    check=check,
)
