"""An alarm's actions are on."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import METRIC_ALARM
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET, is_true, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the switch; the provider's default is true."""
    value = resource.at("actionsEnabled")
    if value is not UNSET and not is_true(value):
        yield Finding.judge(resource, "actionsEnabled", value, found=show(value, public_form), allowed="true, or unset")


RULE = ResourceRule(
    id="alarm-stay-enabled",
    title="An alarm's actions are on.",
    severity=Severity.HIGH,
    reason="what was turned off for one night's work stays off",
    fix="leave actionsEnabled out; silence the topic's receiver for the night instead",
    spec=("5.1.1",),
    frameworks=("AWS Security Hub CloudWatch.17",),
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
    topic="monitoring",
    absent="Unset is allowed: it is then true.",
    example=Example(refused="actions_enabled=False", taken="# it is left out"),
    types=(METRIC_ALARM,),
    check=check,
    remedy=lambda _resource, _limits: {("actionsEnabled",): True},
)
