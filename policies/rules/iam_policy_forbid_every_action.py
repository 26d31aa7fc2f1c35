"""No policy allows every action of a service."""

from pulumi_policy import Severity

from policies.cloud import IAM_POLICY, IAM_ROLE_POLICY
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    wide = [one for one in statement.actions if one.endswith(":*") and one != "*:*"]
    return f"an Allow of {', '.join(wide)}" if statement.allows and wide else ""


RULE = ResourceRule(
    id="iam-policy-forbid-every-action",
    title="No policy allows every action of a service.",
    severity=Severity.HIGH,
    reason="the actions that a service gets next year are then allowed too, deletion with them",
    fix="name the actions",
    spec=("6.1",),
    frameworks=("AWS Security Hub IAM.21",),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    topic="access",
    absent="What is unset or no policy is the question of iam-policy-forbid-everything.",
    example=Example(refused='"Action": "s3:*"', taken='"Action": ["s3:GetObject", "s3:PutObject"]'),
    types=(IAM_POLICY, IAM_ROLE_POLICY),
    check=forbid_statements("policy", refuse=_refuse, allowed="the actions that are needed", malformed=False),
)
