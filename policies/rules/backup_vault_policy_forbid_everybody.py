"""The policy of a vault allows nothing to everybody."""

from pulumi_policy import Severity

from policies.cloud import VAULT_POLICY
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    if statement.allows and statement.everybody and not statement.narrowed:
        return "an Allow for every principal"
    return ""


RULE = ResourceRule(
    id="backup-vault-policy-forbid-everybody",
    title="The policy of a vault allows nothing to everybody.",
    severity=Severity.CRITICAL,
    reason="whoever may copy from the vault has every database in it",
    fix="name the accounts, or keep only the Deny statements",
    spec=("5.2.2", "6.1"),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html",
    topic="backups",
    absent="No policy is allowed; one that is no JSON is a violation.",
    example=Example(
        refused='"Effect": "Allow", "Principal": "*"',
        taken='"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint"',
    ),
    types=(VAULT_POLICY,),
    check=forbid_statements(
        "policy", refuse=_refuse, allowed="principals that are named, or a condition that names them", unset=True
    ),
)
