"""Somebody receives what every topic of alerts says."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import TOPIC, TOPIC_SUBSCRIPTION
from policies.relations import each_has
from policies.rule import Example, Resource, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def _has_endpoint(resource: Resource) -> Any:
    endpoint = resource.at("endpoint")
    return endpoint if endpoint is UNKNOWN else isinstance(endpoint, str) and bool(endpoint.strip())


RULE = StackRule(
    id="sns-topic-require-subscription",
    title="Somebody receives what every topic of alerts says.",
    severity=Severity.HIGH,
    reason="alarms that go to a topic nobody listens to are the same as none",
    fix="set fashion-wallet:cloud monitoring.alertEmails",
    spec=("5.1.1", "5.2.2"),
    link="https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
    topic="monitoring",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="aws.sns.Topic(…) # alone",
        taken='aws.sns.TopicSubscription(…, topic=topic.arn, protocol="email", endpoint="…")',
    ),
    check=each_has(
        (TOPIC,),
        TOPIC_SUBSCRIPTION,
        ("topic",),
        ("arn", "id"),
        what="its subscription",
        allowed="a TopicSubscription with an endpoint",
        good=_has_endpoint,
    ),
)
