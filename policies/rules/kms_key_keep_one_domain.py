"""A key protects one domain: relational, documents, time series, secrets or logs."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.key_use import BACKUPS, domains_by_key, uses_of
from policies.rule import Example, Finding, Limits, NotApplicableError, Stack, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for a key with uses in two domains; backups are the question of kms-key-forbid-sharing-with-backups."""
    keys = domains_by_key(use for use in uses_of(stack) if use.domain != BACKUPS)
    if not keys:
        raise NotApplicableError("the stack uses no key that can be told")
    for use in (use for uses in keys.pop("", {}).values() for use in uses):
        yield Finding.judge(use.resource, use.where, UNKNOWN, found="", allowed="a key of its own")
    for domains in keys.values():
        if len(domains) > 1:
            first, *others = sorted(domains)
            for domain in others:
                for use in domains[domain]:
                    found = f"the key of {first} too"
                    yield Finding(
                        resource=use.resource, where=use.where, found=found, allowed=f"a key for {domain} alone"
                    )


RULE = StackRule(
    id="kms-key-keep-one-domain",
    title="A key protects one domain: relational, documents, time series, secrets or logs.",
    severity=Severity.HIGH,
    reason="who may read the logs could otherwise read the databases, and no key could be withdrawn alone",
    fix="use keys.key(domain) of the resource's own domain",
    spec=("6.2.1", "6.1"),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html",
    topic="keys",
    absent="What has no key is the question of other rules; a key that is not known yet is told by what it is made of.",
    example=Example(
        refused='kms_key_id=keys.key("secrets").arn # a log group', taken='kms_key_id=keys.key("logs").arn'
    ),
    check=check,
)
