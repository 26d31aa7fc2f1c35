"""Cases of kms-key-rotate: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Key:fashion-wallet-key-relational", "enableKeyRotation")
FIRES += [("Key:fashion-wallet-key-relational", "rotationPeriodInDays", bad) for bad in (366, 0, "", True, [])]
PASSES += [
    ("Key:fashion-wallet-key-relational", "rotationPeriodInDays", UNSET),
    ("Key:fashion-wallet-key-relational", "rotationPeriodInDays", 90),
]
CANNOT_TELL += [("Key:fashion-wallet-key-relational", "rotationPeriodInDays", UNKNOWN)]
LIMITS = [
    ("maximumDays", 400, ("Key:fashion-wallet-key-relational", "rotationPeriodInDays", 400)),
    ("maximumDays", 90, None),
]
