"""Cases of kms-key-forbid-lockout-bypass: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Key:fashion-wallet-key-relational", "bypassPolicyLockoutSafetyCheck")
