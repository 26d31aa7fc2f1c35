"""Vaults of AWS Backup, here and in the recovery region: encrypted, locked, and weakened by administrators only.

Does not own: plans, and what is selected for them (`aws.py`).
"""

from dataclasses import dataclass

import pulumi
from pulumi_aws import Provider, backup

from components.backups import aws_policies as policies
from components.encryption.aws import Keys
from components.tags import tags
from settings.cloud.backups import BackupSettings
from settings.cloud.tags import TagSettings

__all__ = ["Vaults", "VaultsArgs"]

# Of a job that is over the message says how it ended; AWS lists BACKUP_JOB_FAILED and its like as old names.
_EVENTS = (
    "BACKUP_JOB_COMPLETED",
    "CONTINUOUS_BACKUP_INTERRUPTED",
    "COPY_JOB_FAILED",
    "RECOVERY_POINT_MODIFIED",
    "RESTORE_JOB_COMPLETED",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class VaultsArgs:
    """Arguments of `Vaults`."""

    stack: str
    settings: BackupSettings
    tags: TagSettings
    keys: Keys
    recovery: Provider
    topic_arn: pulumi.Input[str]
    protect: bool


class Vaults(pulumi.ComponentResource):
    """Where recovery points lie."""

    vault: backup.Vault
    recovery_vault: backup.Vault
    locks: list[pulumi.Resource]
    """What must be there before the first backup is."""
    warnings: list[str]

    def __init__(self, name: str, args: VaultsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the vaults; `name` is that of the vault here."""
        super().__init__("fashionwallet:backups:Vaults", name, None, opts)
        self._args = args
        self.locks = []
        self.vault = self._create_vault(name, args.keys.key("backups").arn, None)
        self.recovery_vault = self._create_vault(
            f"{name}-recovery", args.keys.recovery_key("backups").arn, args.recovery
        )
        self._create_notifications(name)
        self.warnings = self._collect_warnings()
        self.register_outputs({"vault_arn": self.vault.arn, "recovery_vault_arn": self.recovery_vault.arn})

    def _create_vault(self, name: str, key_arn: pulumi.Output[str], provider: Provider | None) -> backup.Vault:
        """Declare a vault with its lock and its policy."""
        options = pulumi.ResourceOptions(parent=self, provider=provider)
        # Any change of a lock makes another one of the same vault: the old one, deleted last, would take it along.
        alone = pulumi.ResourceOptions(parent=self, provider=provider, delete_before_replace=True)
        vault = backup.Vault(
            name,
            name=f"{name}-{self._args.stack}",
            kms_key_arn=key_arn,
            tags=tags(self._args.stack, self._args.tags, component="backups", data=True),
            opts=pulumi.ResourceOptions(parent=self, provider=provider, protect=self._args.protect),
        )
        lock = self._args.settings.vault_lock
        self.locks.append(
            backup.VaultLockConfiguration(
                f"{name}-lock",
                backup_vault_name=vault.name,
                min_retention_days=lock.min_retention_days,
                max_retention_days=lock.max_retention_days,
                changeable_for_days=lock.changeable_for_days,
                opts=alone,
            )
        )
        backup.VaultPolicy(
            f"{name}-policy",
            backup_vault_name=vault.name,
            policy=policies.vault(self._args.settings.vault_administrators),
            opts=options,
        )
        return vault

    def _create_notifications(self, name: str) -> None:
        """Declare what is told; of copies the vault tells from which they are made, so one is enough."""
        backup.VaultNotifications(
            f"{name}-notifications",
            backup_vault_name=self.vault.name,
            sns_topic_arn=self._args.topic_arn,
            backup_vault_events=list(_EVENTS),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),  # as the lock
        )

    def _collect_warnings(self) -> list[str]:
        days = self._args.settings.vault_lock.changeable_for_days
        if days is None:
            return []
        text = (
            f"backups.vaultLock.changeableForDays is {days}: so many days after it was made nobody, AWS included, can "
            "change the lock or delete a recovery point early; the vaults cannot be destroyed until all have expired"
        )
        return [text]
