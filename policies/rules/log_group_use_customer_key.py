"""Logs are encrypted by a key of our own."""

from pulumi_policy import Severity

from policies.checks import present
from policies.cloud import LOG_GROUP
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="log-group-use-customer-key",
    title="Logs are encrypted by a key of our own.",
    severity=Severity.MEDIUM,
    reason="the servers' logs hold statements, addresses and names",
    fix="set kmsKeyId to the key of the domain logs",
    spec=("6.2.1", "6.3.1"),
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    topic="monitoring",
    example=Example(refused="# kms_key_id is unset", taken='kms_key_id=keys.key("logs").arn'),
    types=(LOG_GROUP,),
    check=present("kmsKeyId", allowed="the ARN of the key of the domain logs"),
)
