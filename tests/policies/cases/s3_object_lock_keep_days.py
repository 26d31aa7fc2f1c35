"""Cases of s3-object-lock-keep-days: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

LOCK = "BucketObjectLockConfiguration:dumps"
FIRES, PASSES, CANNOT_TELL, SAYS = number(
    LOCK, "rule.defaultRetention.days", bad=[6, 0], good=[7, 365], says="at least 7 (days)."
)
FIRES += [(LOCK, "rule.defaultRetention.mode", bad) for bad in (UNSET, "", 0, "governance")]
FIRES += [(LOCK, "rule", bad) for bad in (UNSET, {}, "")]
PASSES += [(LOCK, "rule.defaultRetention", {"mode": "COMPLIANCE", "years": 1})]
CANNOT_TELL += [(LOCK, "rule", UNKNOWN), (LOCK, "rule.defaultRetention.mode", UNKNOWN)]
LIMITS = [
    ("modes", ["COMPLIANCE"], None),
    ("minimumDays", 1, (LOCK, "rule.defaultRetention.days", 1)),
]
FIRES += [(LOCK, "rule.defaultRetention", {"mode": "COMPLIANCE", "years": 0})]
