"""A key is rotated at least once a year."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import at_most, switch_on
from policies.cloud import KMS_KEY
from policies.limits import most
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


_ON = switch_on("enableKeyRotation")
_PERIOD = at_most("rotationPeriodInDays", limit="maximumDays", unit="days", unset=True)


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the switch and the period."""
    yield from _ON(resource, limits)
    yield from _PERIOD(resource, limits)


RULE = ResourceRule(
    id="kms-key-rotate",
    title="A key is rotated at least once a year.",
    severity=Severity.HIGH,
    reason="what one version of a key has encrypted is what its loss gives away; data need not be encrypted anew",
    fix="set enableKeyRotation=True; a key that replaces it by hand breaks every backup under the old one",
    spec=("6.2.1",),
    frameworks=("AWS Security Hub KMS.4", "CIS AWS Foundations Benchmark v3.0.0: 3.6"),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    topic="keys",
    limits=(most("maximumDays", 365, "The longest period of rotation.", minimum=90, maximum=2560),),
    absent="An unset switch is a violation, an unset period is not: it is then a year.",
    example=Example(refused="enable_key_rotation=False", taken="enable_key_rotation=True"),
    types=(KMS_KEY,),
    check=check,
    remedy=lambda _resource, _limits: {("enableKeyRotation",): True},
)
