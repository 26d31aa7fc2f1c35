"""Cases of backup-restore-test-use-recent: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

PLAN = "RestoreTestingPlan:fashion-wallet-restore-test"
FIRES, PASSES, CANNOT_TELL, SAYS = number(
    PLAN,
    "recoveryPointSelection.selectionWindowDays",
    bad=[32, 0],
    good=[31, 1],
    says="1 to 31 (days), or unset.",
    unset=True,
)
FIRES += [(PLAN, "recoveryPointSelection.algorithm", bad) for bad in (UNSET, "", 0, "RANDOM_WITHIN_WINDOW")]
CANNOT_TELL += [(PLAN, "recoveryPointSelection", UNKNOWN)]
LIMITS = [
    ("algorithms", ["RANDOM_WITHIN_WINDOW", "LATEST_WITHIN_WINDOW"], FIRES[-1]),
    ("maximumDays", 7, None),
]
