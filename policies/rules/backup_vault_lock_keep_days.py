"""The lock of a vault keeps every recovery point a week at least, and lets the longest life pass."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import at_least
from policies.cloud import VAULT_LOCK
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


_LEAST = at_least("minRetentionDays", limit="minimumDays", unit="days")
_MOST = at_least("maxRetentionDays", limit="longestDays", unit="days", unset=True)


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge both ends of what the lock lets jobs keep."""
    yield from _LEAST(resource, limits)
    yield from _MOST(resource, limits)


RULE = ResourceRule(
    id="backup-vault-lock-keep-days",
    title="The lock of a vault keeps every recovery point a week at least, and lets the longest life pass.",
    severity=Severity.HIGH,
    reason="without a minimum, whoever may write a plan lets recovery points end tomorrow; below 90 days "
    "at the other end the vault refuses weekly backups",
    fix="set fashion-wallet:cloud backups.vaultLock",
    spec=("5.2.1",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
    topic="backups",
    limits=(
        least("minimumDays", 7, "The shortest life that the lock lets pass at least.", minimum=1),
        least("longestDays", 90, "The longest life that the lock must let pass.", minimum=1),
    ),
    absent="An unset or zero minimum is a violation; an unset maximum is not.",
    example=Example(refused="min_retention_days=None", taken="min_retention_days=7, max_retention_days=400"),
    types=(VAULT_LOCK,),
    check=check,
)
