"""No key protects data and the backups of data."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.key_use import BACKUPS, domains_by_key, uses_of
from policies.rule import Example, Finding, Limits, NotApplicableError, Stack, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for a key with uses in the domain of backups and in another."""
    keys = domains_by_key(uses_of(stack))
    if not keys:
        raise NotApplicableError("the stack uses no key that can be told")
    for use in (use for uses in keys.pop("", {}).values() for use in uses):
        yield Finding.judge(use.resource, use.where, UNKNOWN, found="", allowed="a key of its own")
    for domains in keys.values():
        others = sorted(set(domains) - {BACKUPS})
        if BACKUPS in domains and others:
            for use in domains[BACKUPS]:
                found = f"the key of {' and '.join(others)} too"
                yield Finding(resource=use.resource, where=use.where, found=found, allowed="a key for backups alone")


RULE = StackRule(
    id="kms-key-forbid-sharing-with-backups",
    title="No key protects data and the backups of data.",
    severity=Severity.CRITICAL,
    reason="a key that is lost, or withdrawn by somebody, takes the data and every backup of it together",
    fix='use keys.key("backups") for vaults and buckets, and for nothing else',
    spec=("5.2.2", "6.2.1"),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html",
    topic="keys",
    absent="What has no key is the question of other rules; a key that is not known yet is told by what it is made of.",
    example=Example(
        refused='kms_key_arn=keys.key("relational").arn # a vault', taken='kms_key_arn=keys.key("backups").arn'
    ),
    check=check,
)
