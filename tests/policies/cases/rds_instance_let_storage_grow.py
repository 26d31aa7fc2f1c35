"""Cases of rds-instance-let-storage-grow: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "Instance:postgres-primary",
    "maxAllocatedStorage",
    bad=[109, 0, 100, -1],
    good=[110, 65536],
    says="10 % more than allocatedStorage (100 GiB) at least.",
)
FIRES += [
    ("Instance:postgres-replica-b", "maxAllocatedStorage", 0),
    ("Instance:postgres-primary", "allocatedStorage", ""),
]
PASSES += [("Instance:postgres-replica-b", "maxAllocatedStorage", 20)]
CANNOT_TELL += [("Instance:postgres-primary", "allocatedStorage", UNKNOWN)]
LIMITS = [("growthPercent", 900, None)]
PASSES += [("Instance:postgres-replica-b", "", {"allocatedStorage": UNSET, "maxAllocatedStorage": 1})]
FIRES += [("Instance:postgres-primary", "", {"allocatedStorage": UNSET, "maxAllocatedStorage": 100})]
