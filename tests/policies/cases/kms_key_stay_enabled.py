"""Cases of kms-key-stay-enabled: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.tables import table

FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "Key:fashion-wallet-key-relational",
    "isEnabled",
    bad=[False, "false", "", 0, []],
    good=[True, "true"],
    says=(False, "false; allowed: true, or unset."),
    unset=True,
)
FIRES += [("ReplicaKey:fashion-wallet-key-relational-recovery", "enabled", False)]
CANNOT_TELL += [("ReplicaKey:fashion-wallet-key-relational-recovery", "enabled", UNKNOWN)]
