"""A key is enabled."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import KMS_KEY, KMS_REPLICA
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET, is_true, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the switch, which a replica has under another name."""
    name = "isEnabled" if resource.type == KMS_KEY else "enabled"
    value = resource.at(name)
    if value is not UNSET and not is_true(value):
        yield Finding.judge(resource, name, value, found=show(value, public_form), allowed="true, or unset")


RULE = ResourceRule(
    id="kms-key-stay-enabled",
    title="A key is enabled.",
    severity=Severity.CRITICAL,
    reason="a disabled key stops the databases at their next start, and every backup and restore at once",
    fix="leave the key enabled; take away a grant or a statement of its policy instead",
    spec=("6.2.1",),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html",
    topic="keys",
    absent="Unset is allowed: it is then enabled. Empty and zero are violations.",
    example=Example(refused="is_enabled=False", taken="# is_enabled is left out"),
    types=(KMS_KEY, KMS_REPLICA),
    check=check,
)
