"""Every key says who may use it."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import KMS_KEY, KMS_POLICY, KMS_REPLICA
from policies.relations import each_has
from policies.rule import Example, Resource, Stack, StackRule
from policies.values import UNKNOWN, UNSET

__all__ = ["RULE"]


def _has_one(_stack: Stack, resource: Resource) -> Any:
    policy = resource.at("policy")
    return policy if policy is UNKNOWN else policy is not UNSET and policy != ""


RULE = StackRule(
    id="kms-key-require-policy",
    title="Every key says who may use it.",
    severity=Severity.MEDIUM,
    reason="the default policy leaves it to whatever the account's other policies allow, of today and later",
    fix="give the key a policy (components/encryption/aws.py)",
    spec=("6.2.1", "6.1"),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
    topic="keys",
    absent="No policy is a violation.",
    example=Example(refused="aws.kms.Key(…) # without a policy", taken="aws.kms.Key(…, policy=policy)"),
    check=each_has(
        (KMS_KEY, KMS_REPLICA),
        KMS_POLICY,
        ("keyId",),
        ("keyId", "id", "arn"),
        what="its policy",
        allowed="a policy of its own, in the key or as a KeyPolicy",
        unless=_has_one,
    ),
)
