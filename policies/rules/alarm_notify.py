"""An alarm tells somebody."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import METRIC_ALARM
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the actions of the state ALARM."""
    actions = resource.at("alarmActions")
    if not isinstance(actions, list) or not any(one is UNKNOWN or (isinstance(one, str) and one) for one in actions):
        allowed = "a list with the ARN of a topic"
        yield Finding.judge(resource, "alarmActions", actions, found=show(actions, lambda _: False), allowed=allowed)


RULE = ResourceRule(
    id="alarm-notify",
    title="An alarm tells somebody.",
    severity=Severity.HIGH,
    reason="an alarm without an action is a coloured square that nobody looks at",
    fix="put the topic of alerts into alarmActions",
    spec=("5.1.1", "5.2.2"),
    frameworks=("AWS Security Hub CloudWatch.15",),
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html",
    topic="monitoring",
    example=Example(refused="alarm_actions=[]", taken="alarm_actions=[alerts.topic_arn]"),
    types=(METRIC_ALARM,),
    check=check,
)
