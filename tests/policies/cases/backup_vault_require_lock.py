"""Cases of backup-vault-require-lock: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("VaultLockConfiguration:fashion-wallet-vault-lock", "", UNSET),
    ("VaultLockConfiguration:fashion-wallet-vault-lock", "backupVaultName", "another"),
    ("VaultLockConfiguration:fashion-wallet-vault-lock", "backupVaultName", ""),
]
PASSES: list[tuple[str, str, object]] = [("Vault:fashion-wallet-vault", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("VaultLockConfiguration:fashion-wallet-vault-lock", "backupVaultName", UNKNOWN)
]
SAYS = [
    (
        "VaultLockConfiguration:fashion-wallet-vault-lock",
        "",
        UNSET,
        "Vault fashion-wallet-vault: its lock is not there, or not enough;",
    )
]
