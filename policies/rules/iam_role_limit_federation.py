"""A role for workloads of Kubernetes or a pipeline is for one of them."""

from pulumi_policy import Severity

from policies.cloud import IAM_ROLE
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


_FEDERATED = "sts:assumerolewithwebidentity"


def _refuse(statement: Statement) -> str:
    if not statement.allows or not statement.does(_FEDERATED) or not _named_subject(statement):
        return "an Allow for every workload of the provider" if _is_open(statement) else ""
    return ""


def _is_open(statement: Statement) -> bool:
    return (
        statement.allows and statement.does(_FEDERATED) and any("oidc-provider/" in one for one in statement.principals)
    )


def _named_subject(statement: Statement) -> bool:
    """Whether a condition that must hold names the subject, and not by a bare wildcard."""
    return any(
        key.lower().endswith(":sub") and operands not in ("*", ["*"])
        for operator, keys in statement.conditions.items()
        if operator.lower() in {"stringequals", "stringlike", "forallvalues:stringequals"}
        for key, operands in keys.items()
    )


RULE = ResourceRule(
    id="iam-role-limit-federation",
    title="A role for workloads of Kubernetes or a pipeline is for one of them.",
    severity=Severity.HIGH,
    reason="without it any pod of the cluster, or any repository of the host, takes the role",
    fix="add StringEquals on <provider>:sub with system:serviceaccount:<namespace>:<name>, or the "
    "repository and environment",
    spec=("6.1",),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    topic="access",
    absent="A policy that is unset or no JSON is the question of iam-role-forbid-everybody.",
    example=Example(
        refused='"Condition": {}',
        taken='"Condition": {"StringEquals": {"…:sub": "system:serviceaccount:fashion-wallet:dumps"}}',
    ),
    types=(IAM_ROLE,),
    check=forbid_statements(
        "assumeRolePolicy", refuse=_refuse, allowed="a condition on the subject (…:sub) that names one", malformed=False
    ),
)
