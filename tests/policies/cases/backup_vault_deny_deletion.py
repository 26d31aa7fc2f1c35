"""Cases of backup-vault-deny-deletion: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.documents import ROOT, allow, document

FIRES: list[tuple[str, str, object]] = [
    ("VaultPolicy:fashion-wallet-vault-policy", "", UNSET),
    *(
        ("VaultPolicy:fashion-wallet-vault-policy", "policy", bad)
        for bad in (
            UNSET,
            "",
            document(
                {"Effect": "Deny", "Principal": "*", "Action": "backup:PutBackupVaultAccessPolicy", "Resource": "*"}
            ),
            document({"Effect": "Deny", "Principal": ROOT, "Action": "backup:*", "Resource": "*"}),
            document(allow(ROOT, "backup:*")),
        )
    ),
    ("VaultPolicy:fashion-wallet-vault-policy", "backupVaultName", "another"),
]
PASSES: list[tuple[str, str, object]] = [
    (
        "VaultPolicy:fashion-wallet-vault-policy",
        "policy",
        document({"Effect": "Deny", "Principal": {"AWS": "*"}, "NotAction": "backup:Describe*", "Resource": "*"}),
    )
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("VaultPolicy:fashion-wallet-vault-policy", "policy", UNKNOWN),
    ("VaultPolicy:fashion-wallet-vault-policy", "backupVaultName", UNKNOWN),
]
SAYS = [
    (
        "VaultPolicy:fashion-wallet-vault-policy",
        "",
        UNSET,
        "Vault fashion-wallet-vault: its policy is not there, or not enough;",
    )
]
