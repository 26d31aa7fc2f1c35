"""No role can be taken by everybody."""

from pulumi_policy import Severity

from policies.cloud import IAM_ROLE
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    if statement.allows and statement.everybody and not statement.narrowed:
        return "an Allow for every principal"
    return ""


RULE = ResourceRule(
    id="iam-role-forbid-everybody",
    title="No role can be taken by everybody.",
    severity=Severity.CRITICAL,
    reason="the role's permissions are then those of anybody with an account of AWS",
    fix="name the service or the role that takes it; for another account add sts:ExternalId",
    spec=("6.1",),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    topic="access",
    absent="Unset, and what is no policy, are violations.",
    example=Example(
        refused='"Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"',
        taken='"Principal": {"Service": "rds.amazonaws.com"}',
    ),
    types=(IAM_ROLE,),
    check=forbid_statements(
        "assumeRolePolicy",
        refuse=_refuse,
        allowed="principals that are named, or a condition that names them",
        unset=False,
    ),
)
