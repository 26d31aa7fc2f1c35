"""Cases of kms-key-delay-deletion: resource, property, value."""

from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "Key:fashion-wallet-key-relational",
    "deletionWindowInDays",
    bad=[7, 29, 0],
    good=[30, "30"],
    says="at least 30 (days), or unset.",
    unset=True,
)
FIRES += [("ReplicaKey:fashion-wallet-key-relational-recovery", "deletionWindowInDays", 7)]
LIMITS = [("minimumDays", 7, ("Key:fashion-wallet-key-relational", "deletionWindowInDays", 7))]
