"""No policy allows every action on every resource."""

from pulumi_policy import Severity

from policies.cloud import IAM_POLICY, IAM_ROLE_POLICY
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    every = "*" in statement.actions or "*:*" in statement.actions or (statement.not_actions and statement.everything)
    return "an Allow of everything on everything" if statement.allows and every and statement.everything else ""


RULE = ResourceRule(
    id="iam-policy-forbid-everything",
    title="No policy allows every action on every resource.",
    severity=Severity.CRITICAL,
    reason="one role that is taken over is then the whole account",
    fix="name the actions and the resources",
    spec=("6.1",),
    frameworks=("AWS Security Hub IAM.1", "CIS AWS Foundations Benchmark v1.4.0: 1.16"),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html",
    topic="access",
    absent="Unset, empty, and what is no policy, are violations.",
    example=Example(
        refused='"Action": "*", "Resource": "*"', taken='"Action": ["secretsmanager:GetSecretValue"], "Resource": arn'
    ),
    types=(IAM_POLICY, IAM_ROLE_POLICY),
    check=forbid_statements(
        "policy",
        refuse=_refuse,
        allowed="the actions that are needed, on the resources that they are needed on",
        unset=False,
    ),
)
