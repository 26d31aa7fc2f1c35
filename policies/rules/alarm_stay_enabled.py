"""An alarm's actions are on."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import METRIC_ALARM
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


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
    check=switch_on("actionsEnabled", unset=True),
    remedy=lambda _resource, _limits: {("actionsEnabled",): True},
)
