"""The policy of a secret allows nothing to everybody."""

from pulumi_policy import Severity

from policies.cloud import SECRET_POLICY
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    if statement.allows and statement.everybody and not statement.narrowed:
        return "an Allow for every principal"
    return ""


RULE = ResourceRule(
    id="secret-policy-forbid-everybody",
    title="The policy of a secret allows nothing to everybody.",
    severity=Severity.CRITICAL,
    reason="it holds the password of a database",
    fix="keep only Deny statements, or name the roles that read it",
    spec=("6.1.1",),
    link="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
    topic="secrets",
    absent="No policy is allowed; one that is no JSON is a violation.",
    example=Example(
        refused='"Effect": "Allow", "Principal": "*"',
        taken='"Effect": "Deny", "Principal": "*", "Condition": {"ArnNotLike": …}',
    ),
    types=(SECRET_POLICY,),
    check=forbid_statements(
        "policy", refuse=_refuse, allowed="principals that are named, or a condition that names them", unset=True
    ),
)
