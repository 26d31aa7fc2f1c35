"""No policy allows decryption by every key."""

from pulumi_policy import Severity

from policies.cloud import IAM_POLICY, IAM_ROLE_POLICY
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


_ACTIONS = ("kms:Decrypt", "kms:ReEncryptFrom")


def _refuse(statement: Statement) -> str:
    anywhere = statement.everything or any(":key/*" in one or one.endswith(":*") for one in statement.resources)
    full = {"*", "*:*", "kms:*"} & set(statement.actions)
    if not statement.allows or not anywhere or full or statement.not_actions or statement.narrowed:
        return ""
    return "an Allow of decryption by every key" if any(statement.does(one) for one in _ACTIONS) else ""


RULE = ResourceRule(
    id="iam-policy-forbid-decrypt-everywhere",
    title="No policy allows decryption by every key.",
    severity=Severity.HIGH,
    reason="whoever has it can read every domain, so keys of their own no longer keep them apart",
    fix="name the keys in Resource",
    spec=("6.1",),
    frameworks=("AWS Security Hub KMS.1", "AWS Security Hub KMS.2"),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
    topic="access",
    absent="What is unset or no policy is the question of iam-policy-forbid-everything.",
    example=Example(
        refused='"Action": "kms:Decrypt", "Resource": "*"',
        taken='"Action": "kms:Decrypt", "Resource": keys.key("secrets").arn',
    ),
    types=(IAM_POLICY, IAM_ROLE_POLICY),
    check=forbid_statements("policy", refuse=_refuse, allowed="the ARNs of the keys that are needed", malformed=False),
)
