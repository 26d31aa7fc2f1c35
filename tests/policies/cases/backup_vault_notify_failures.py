"""Cases of backup-vault-notify-failures: resource, property, value."""

from policies.values import UNKNOWN, UNSET

N = "VaultNotifications:vault"
FIRES: list[tuple[str, str, object]] = [
    (N, "", UNSET),
    *((N, "backupVaultEvents", bad) for bad in (UNSET, [], "", 0, ["COPY_JOB_FAILED"])),
    *((N, "snsTopicArn", bad) for bad in (UNSET, "")),
]
PASSES: list[tuple[str, str, object]] = [
    (
        N,
        "backupVaultEvents",
        ["RESTORE_JOB_COMPLETED", "COPY_JOB_FAILED", "BACKUP_JOB_COMPLETED", "RECOVERY_POINT_MODIFIED"],
    )
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (N, "backupVaultEvents", UNKNOWN),
    (N, "backupVaultEvents", ["COPY_JOB_FAILED", UNKNOWN]),
    (N, "snsTopicArn", UNKNOWN),
]
SAYS = [
    (N, "", UNSET, "Vault fashion-wallet-vault: a notification of BACKUP_JOB_COMPLETED is not there; allowed: VaultNot")
]
LIMITS = [("events", ["COPY_JOB_FAILED"], (N, "backupVaultEvents", ["COPY_JOB_FAILED"]))]
