"""Every vault of backups has a lock."""

from pulumi_policy import Severity

from policies.cloud import VAULT, VAULT_LOCK
from policies.relations import each_has
from policies.rule import Example, StackRule

__all__ = ["RULE"]


RULE = StackRule(
    id="backup-vault-require-lock",
    title="Every vault of backups has a lock.",
    severity=Severity.HIGH,
    reason="without one, whoever has the keys of a day deletes the backups before the databases",
    fix="declare a VaultLockConfiguration with the vault's name",
    spec=("5.2.1", "5.2.2"),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
    topic="backups",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="aws.backup.Vault(…) # alone",
        taken="aws.backup.VaultLockConfiguration(…, backup_vault_name=vault.name)",
    ),
    check=each_has(
        (VAULT,),
        VAULT_LOCK,
        ("backupVaultName",),
        ("name", "id"),
        what="its lock",
        allowed="a VaultLockConfiguration for this vault",
    ),
)
