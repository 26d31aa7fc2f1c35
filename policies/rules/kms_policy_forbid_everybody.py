"""The policy of a key allows nothing to everybody."""

from pulumi_policy import Severity

from policies.cloud import KMS_KEY, KMS_POLICY, KMS_REPLICA
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    if statement.allows and statement.everybody and not statement.narrowed:
        return "an Allow for every principal"
    return ""


RULE = ResourceRule(
    id="kms-policy-forbid-everybody",
    title="The policy of a key allows nothing to everybody.",
    severity=Severity.CRITICAL,
    reason="whoever has an account of AWS may then decrypt what the key protects",
    fix="name the account's root and the roles that use the key, or add a condition on the account or the organisation",
    spec=("6.2.1", "6.1"),
    frameworks=("AWS Security Hub KMS.5",),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
    topic="keys",
    absent="No policy is allowed; one that is no JSON is a violation.",
    example=Example(refused='"Principal": "*"', taken='"Principal": {"AWS": "arn:aws:iam::123456789012:root"}'),
    types=(KMS_KEY, KMS_REPLICA, KMS_POLICY),
    check=forbid_statements(
        "policy", refuse=_refuse, allowed="principals that are named, or a condition that names them", unset=True
    ),
)
