"""No one but its administrators deletes a recovery point of a vault."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import VAULT, VAULT_POLICY
from policies.documents import Malformed, statements_of
from policies.relations import each_has
from policies.rule import Example, Resource, StackRule
from policies.values import UNKNOWN, UNSET

__all__ = ["RULE"]


def _denies(resource: Resource) -> Any:
    """Whether a policy denies deletion: true, false, or `UNKNOWN`."""
    try:
        statements = statements_of(resource.at("policy"))
    except Malformed:
        return False
    if statements is UNKNOWN or statements is UNSET:
        return UNKNOWN if statements is UNKNOWN else False
    return any(not one.allows and one.everybody and one.does("backup:DeleteRecoveryPoint") for one in statements)


RULE = StackRule(
    id="backup-vault-deny-deletion",
    title="No one but its administrators deletes a recovery point of a vault.",
    severity=Severity.HIGH,
    reason="a role that may do much in the account, and is taken over, may not empty the vault",
    fix="deny backup:DeleteRecoveryPoint to everybody but the administrators in the vault's policy",
    spec=("5.2.2", "6.1"),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html",
    topic="backups",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="aws.backup.Vault(…) # alone",
        taken='"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint"',
    ),
    check=each_has(
        (VAULT,),
        VAULT_POLICY,
        ("backupVaultName",),
        ("name", "id"),
        what="its policy",
        allowed="a VaultPolicy that denies backup:DeleteRecoveryPoint",
        good=_denies,
    ),
)
