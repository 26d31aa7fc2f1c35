"""Cases of backup-vault-lock-keep-days: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "VaultLockConfiguration:fashion-wallet-vault-lock",
    "minRetentionDays",
    bad=[6, 0],
    good=[7, 30],
    says="at least 7 (days).",
)
FIRES += [("VaultLockConfiguration:fashion-wallet-vault-lock", "maxRetentionDays", bad) for bad in (89, 0, "")]
PASSES += [
    ("VaultLockConfiguration:fashion-wallet-vault-lock", "maxRetentionDays", UNSET),
    ("VaultLockConfiguration:fashion-wallet-vault-lock", "maxRetentionDays", 90),
]
CANNOT_TELL += [("VaultLockConfiguration:fashion-wallet-vault-lock", "maxRetentionDays", UNKNOWN)]
LIMITS = [
    ("minimumDays", 3, ("VaultLockConfiguration:fashion-wallet-vault-lock", "minRetentionDays", 3)),
    ("longestDays", 500, None),
]
