"""The policy of an endpoint does not let everybody's accounts through."""

from pulumi_policy import Severity

from policies.cloud import VPC_ENDPOINT
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    if statement.allows and statement.everybody and not statement.narrowed and not _own_resources(statement):
        return "an Allow for every principal"
    return ""


def _own_resources(statement: Statement) -> bool:
    """Whether the resources are of accounts that are named: data cannot be carried into another."""
    parts = [one.split(":") for one in statement.resources]
    return bool(parts) and all(len(part) > _ACCOUNT and part[_ACCOUNT].isdigit() for part in parts)


_ACCOUNT = 4
"""The place of the account in an ARN."""


RULE = ResourceRule(
    id="vpc-endpoint-policy-forbid-everybody",
    title="The policy of an endpoint does not let everybody's accounts through.",
    severity=Severity.MEDIUM,
    reason="through an open endpoint data can be carried into an account that is not ours",
    fix="name the account, or add a condition on it (aws:PrincipalAccount)",
    spec=("6.1",),
    link="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    topic="network",
    absent="No policy is allowed; one that is no JSON is a violation.",
    example=Example(
        refused='"Principal": "*"',
        taken='"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}',
    ),
    types=(VPC_ENDPOINT,),
    check=forbid_statements(
        "policy", refuse=_refuse, allowed="principals that are named, or a condition that names them", unset=True
    ),
)
