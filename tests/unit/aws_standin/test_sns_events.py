"""Topics and event rules of the aws stand-in over the emulator: made, drifted, mended, changed, replaced, deleted."""

import json

import pytest

from plugins.base import ProviderError
from tests.fixtures.aws_standin import AwsMade, AwsPlugin, assert_as_declared

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"


def _topic(plugin: AwsPlugin) -> AwsMade:
    return plugin.create(
        "sns.Topic", name="alerts", displayName="Alerts", kmsMasterKeyId=KEY, signatureVersion=2, tags={"a": "b"}
    )


def _policy(topic: str, service: str = "cloudwatch.amazonaws.com") -> str:
    statement = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic, "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_topic_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    topic = _topic(plugin)
    assert topic.id == topic["arn"] == plugin.aws.arn("sns", "alerts")
    assert topic["owner"] == plugin.aws.account_id
    assert_as_declared(topic)
    sns = plugin.aws.client("sns")
    sns.set_topic_attributes(TopicArn=topic.id, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    assert topic.mend() == ("kmsMasterKeyId",)
    topic.update(displayName=None, tags={"c": "d"})
    assert_as_declared(topic)
    assert sns.get_topic_attributes(TopicArn=topic.id)["Attributes"]["DisplayName"] == ""
    assert topic.diff(name="other").replaces == ("name",)
    topic.delete()


def test_a_topic_of_a_wrong_name_is_refused(plugin: AwsPlugin) -> None:
    assert "up to 256 letters" in plugin.refusals("sns.Topic", name="alerts.fifo")[0]


def test_a_policy_of_a_topic_lives_through_drift_and_leaves_the_owner_s(plugin: AwsPlugin) -> None:
    topic = _topic(plugin).id
    policy = plugin.create("sns.TopicPolicy", arn=topic, policy=_policy(topic))
    assert policy.id == topic
    assert_as_declared(policy)
    sns = plugin.aws.client("sns")
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=_policy(topic, "events.amazonaws.com")
    )
    assert policy.mend() == ("policy",)
    policy.update(policy=_policy(topic, "backup.amazonaws.com"))
    assert_as_declared(policy)
    plugin.entity("sns.TopicPolicy").delete(policy.id, policy.outputs, plugin.context())
    left = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    assert left["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceOwner": plugin.aws.account_id}}
    assert policy.diff(arn=topic + "2").replaces == ("arn",)


def test_a_subscription_is_made_and_taken_away(plugin: AwsPlugin) -> None:
    topic = _topic(plugin).id
    made = plugin.create("sns.TopicSubscription", topic=topic, protocol="email", endpoint="a@example.com")
    assert made.id == made["arn"]
    assert_as_declared(made)
    assert made.diff(endpoint="b@example.com").replaces == ("endpoint",)
    made.delete()


@pytest.mark.parametrize(
    "protocol,endpoint,reason",
    [
        ("email", "nobody", "allowed is an e-mail address"),
        ("https", "http://example.com", "allowed is a URL of https"),
        ("pigeon", "x", "allowed are email"),
    ],
)
def test_a_subscription_that_cannot_be_delivered_is_refused(
    plugin: AwsPlugin, protocol: str, endpoint: str, reason: str
) -> None:
    refusals = plugin.refusals("sns.TopicSubscription", topic=KEY, protocol=protocol, endpoint=endpoint)
    assert reason in "; ".join(refusals)


PATTERN = json.dumps({"source": ["aws.backup"], "detail": {"state": ["FAILED"]}})


def test_a_rule_and_its_target_live_through_drift_and_change(plugin: AwsPlugin) -> None:
    rule = plugin.create("cloudwatch.EventRule", name="failed", eventPattern=PATTERN, tags={"a": "b"})
    assert rule["arn"] == plugin.aws.arn("events", "rule/failed")
    assert_as_declared(rule)
    topic = plugin.aws.arn("sns", "alerts")
    target = plugin.create("cloudwatch.EventTarget", rule="failed", targetId="alerts", arn=topic)
    assert target.id == "failed-alerts"
    assert_as_declared(target)
    events = plugin.aws.client("events")
    events.put_rule(Name="failed", EventPattern=json.dumps({"source": ["x"]}), State="DISABLED")
    assert set(rule.mend()) == {"eventPattern", "state"}
    rule.update(description="why", tags={"c": "d"})
    assert_as_declared(rule)
    events.put_targets(Rule="failed", Targets=[{"Id": "alerts", "Arn": topic + "2"}])
    assert target.mend() == ("arn",)
    assert plugin.imported("cloudwatch.EventTarget", "default/failed/alerts")[0]["arn"] == topic
    assert target.diff(targetId="other").replaces == ("targetId",)
    with pytest.raises(ProviderError, match="has targets"):
        plugin.entity("cloudwatch.EventRule").delete(rule.id, rule.outputs, plugin.context())
    target.delete()
    rule.delete()


def test_a_rule_without_a_pattern_and_a_target_with_a_role_are_refused(plugin: AwsPlugin) -> None:
    assert "needs it or scheduleExpression" in plugin.refusals("cloudwatch.EventRule", name="x")[0]
    topic, role = plugin.aws.arn("sns", "alerts"), plugin.aws.arn("iam", "role/r", region=False)
    refusals = plugin.refusals("cloudwatch.EventTarget", rule="x", targetId="y", arn=topic, roleArn=role)
    assert "must let events.amazonaws.com in" in refusals[0]
