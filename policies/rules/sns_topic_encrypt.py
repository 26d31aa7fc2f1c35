"""The topic of alerts is encrypted by a key of our own."""

from pulumi_policy import Severity

from policies.checks import present
from policies.cloud import TOPIC
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _is_amazons(text: str) -> bool:
    return text.strip().endswith("alias/aws/sns")


RULE = ResourceRule(
    id="sns-topic-encrypt",
    title="The topic of alerts is encrypted by a key of our own.",
    severity=Severity.MEDIUM,
    reason="alerts name servers, users and errors; Amazon's own key does not let CloudWatch publish",
    fix="set kmsMasterKeyId to the key of the domain logs",
    spec=("6.2.1",),
    frameworks=("AWS Security Hub SNS.1",),
    link="https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
    topic="monitoring",
    example=Example(refused="# kms_master_key_id is unset", taken='kms_master_key_id=keys.key("logs").arn'),
    types=(TOPIC,),
    check=present("kmsMasterKeyId", allowed="the ARN of a key that this stack makes", refuse=_is_amazons),
)
