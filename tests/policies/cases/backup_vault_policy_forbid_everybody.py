"""Cases of backup-vault-policy-forbid-everybody: resource, property, value."""

from tests.policies.documents import public_policy_table

FIRES, PASSES, CANNOT_TELL, SAYS = public_policy_table(
    "VaultPolicy:fashion-wallet-vault-policy",
    "policy",
    "backup:CopyIntoBackupVault",
    unset=True,
    also=({"Effect": "Deny", "Principal": "*", "Action": "backup:*", "Resource": "*"},),
)
