"""AWS Backup: vaults and their locks in the emulator; their policies and notifications kept here.

Plans, selections and restore tests are in `backup_plans.py`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from plugins.aws.backup_checks import matches, refuse_vault
from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity, KeptEntity
from plugins.aws.tags import TAGS, changes
from plugins.base import CheckFailure, Context, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields, Kind

__all__ = ["ENTITIES"]

_GONE: Final = "ResourceNotFoundException"
_VAULT_NAME: Final = r"[A-Za-z0-9_-]{2,50}"
_DAYS: Final = 36_500


class Vault(Entity):
    """Where recovery points lie."""

    token = "aws:backup/vault:Vault"
    noun = "backup vault"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", replaces=True),
        "kmsKeyArn": Field(kind="text", replaces=True),
        "tags": TAGS,
    }
    outputs: ClassVar[Mapping[str, Kind]] = {"arn": "text", "recoveryPoints": "number"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check the name."""
        return matches("name", inputs["name"], _VAULT_NAME, "2 to 50 letters, digits, - and _")

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Make an empty vault."""
        key = {"EncryptionKeyArn": inputs["kmsKeyArn"]} if "kmsKeyArn" in inputs else {}
        aws.client("backup").create_backup_vault(
            BackupVaultName=inputs["name"], BackupVaultTags=inputs.get("tags") or {}, **key
        )
        return inputs["name"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Look it up."""
        found = _vault(aws, id_)
        if found is None:
            return None
        tagged = aws.client("backup").list_tags(ResourceArn=found["BackupVaultArn"])
        key = found.get("EncryptionKeyArn")
        return {
            "name": id_,
            **({"kmsKeyArn": key} if key else {}),
            "tags": {name: text for name, text in tagged["Tags"].items() if not name.startswith("aws:")},
            "arn": found["BackupVaultArn"],
            "recoveryPoints": found.get("NumberOfRecoveryPoints", 0),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Tag it anew: all else makes another vault."""
        found = self.find(aws, id_, news)
        if found is None:
            raise ProviderError("it is gone. Refresh, and it is made anew: bin/pulumi refresh")
        added, removed = changes(found["tags"], news.get("tags"))
        if added:
            aws.client("backup").tag_resource(ResourceArn=found["arn"], Tags=added)
        if removed:
            aws.client("backup").untag_resource(ResourceArn=found["arn"], TagKeyList=removed)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete it if nothing is in it."""
        found = _vault(aws, id_)
        if found is not None and found.get("NumberOfRecoveryPoints"):
            raise ProviderError(f"it holds {found['NumberOfRecoveryPoints']} recovery points. Delete them first")
        if found is not None:
            aws.client("backup").delete_backup_vault(BackupVaultName=id_)


def _vault(aws: Aws, name: str) -> Any:
    return unless_gone(lambda: aws.client("backup").describe_backup_vault(BackupVaultName=name), _GONE)


class VaultLockConfiguration(Entity):
    """How long recovery points of a vault are kept at least and at most. Any change of it makes another one."""

    token = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
    noun = "lock of backup vault"
    fields: ClassVar[Fields] = {
        "backupVaultName": Field(kind="text", required=True, replaces=True),
        "changeableForDays": Field(kind="number", replaces=True, least=3, most=_DAYS),
        "maxRetentionDays": Field(kind="number", replaces=True, least=1, most=_DAYS, unset=0),
        "minRetentionDays": Field(kind="number", replaces=True, least=1, most=_DAYS, unset=0),
    }
    outputs: ClassVar[Mapping[str, Kind]] = {"backupVaultArn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check that the span is one."""
        least, most = inputs.get("minRetentionDays"), inputs.get("maxRetentionDays")
        if least is None or most is None or contains_unknown([least, most]) or least <= most:
            return []
        reason = f"minRetentionDays: got {least}, allowed is maxRetentionDays ({most}) or less. Lower it"
        return [CheckFailure("minRetentionDays", reason)]

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Lock the vault."""
        vault = inputs["backupVaultName"]
        wire = {
            "ChangeableForDays": inputs.get("changeableForDays"),
            "MaxRetentionDays": inputs.get("maxRetentionDays"),
            "MinRetentionDays": inputs.get("minRetentionDays"),
        }
        given = {name: value for name, value in wire.items() if value is not None}
        aws.client("backup").put_backup_vault_lock_configuration(BackupVaultName=vault, **given)
        return vault, {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it. The days until it is final cannot be read back."""
        found = _vault(aws, id_)
        if found is None or not found.get("Locked"):
            return None
        return {
            "backupVaultName": id_,
            "maxRetentionDays": found.get("MaxRetentionDays"),
            "minRetentionDays": found.get("MinRetentionDays"),
            "backupVaultArn": found["BackupVaultArn"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Lock it anew, as after an attempt that broke off."""
        self.make(aws, id_, news, ctx)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Unlock it; the service refuses that where the lock has become final."""
        if _vault(aws, id_) is not None:
            aws.client("backup").delete_backup_vault_lock_configuration(BackupVaultName=id_)


class VaultPolicy(KeptEntity):
    """Who may do what with a vault."""

    token = "aws:backup/vaultPolicy:VaultPolicy"
    noun = "policy of backup vault"
    fields: ClassVar[Fields] = {
        "backupVaultName": Field(kind="text", required=True, replaces=True),
        "policy": Field(kind="json", required=True),
    }
    outputs: ClassVar[Mapping[str, Kind]] = {"backupVaultArn": "text"}

    def identity(self, aws: Aws, inputs: Props) -> str:  # noqa: ARG002
        """Return the vault's name: it has one policy."""
        return str(inputs["backupVaultName"])

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:  # noqa: ARG002
        """Return the vault's ARN, which must be there."""
        return {"backupVaultArn": refuse_vault(aws, "backupVaultName", id_)}


class VaultNotifications(KeptEntity):
    """What is told about a vault, and to whom. Any change of it makes another one."""

    token = "aws:backup/vaultNotifications:VaultNotifications"
    noun = "notifications of backup vault"
    fields: ClassVar[Fields] = {
        "backupVaultName": Field(kind="text", required=True, replaces=True),
        "snsTopicArn": Field(kind="text", required=True, replaces=True),
        "backupVaultEvents": Field(
            kind="set",
            required=True,
            replaces=True,
            allowed=(
                "BACKUP_JOB_COMPLETED",
                "BACKUP_JOB_STARTED",
                "CONTINUOUS_BACKUP_INTERRUPTED",
                "COPY_JOB_FAILED",
                "COPY_JOB_STARTED",
                "COPY_JOB_SUCCESSFUL",
                "RECOVERY_POINT_MODIFIED",
                "RESTORE_JOB_COMPLETED",
                "RESTORE_JOB_STARTED",
                "S3_BACKUP_OBJECT_FAILED",
                "S3_RESTORE_OBJECT_FAILED",
            ),
        ),
    }
    outputs: ClassVar[Mapping[str, Kind]] = {"backupVaultArn": "text"}

    def identity(self, aws: Aws, inputs: Props) -> str:  # noqa: ARG002
        """Return the vault's name: it has one of these."""
        return str(inputs["backupVaultName"])

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:
        """Return the vault's ARN; vault and topic must be there, in one region."""
        arn = refuse_vault(aws, "backupVaultName", id_)
        topic = inputs["snsTopicArn"]
        if unless_gone(lambda: aws.client("sns").get_topic_attributes(TopicArn=topic), "NotFound") is None:
            raise ProviderError(f"snsTopicArn: there is no topic {topic} in {aws.region}. Make it first")
        return {"backupVaultArn": arn}


ENTITIES: Final = (Vault, VaultLockConfiguration, VaultNotifications, VaultPolicy)
