"""Cases of rds-instance-keep-backups: resource, property, value."""

from policies.values import UNSET
from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "Instance:postgres-primary",
    "backupRetentionPeriod",
    bad=[0, 6, -1, 36, "6"],
    good=[7, 35, "14"],
    says="at least 7 and at most 35 (days).",
)
FIRES += [("Instance:postgres-replica-b", "backupRetentionPeriod", 3)]
PASSES += [
    ("Instance:postgres-replica-b", "backupRetentionPeriod", 0),
    ("Instance:postgres-replica-b", "backupRetentionPeriod", UNSET),
]
LIMITS = [
    ("minimumDays", 14, None),
    ("minimumDays", 5, ("Instance:postgres-primary", "backupRetentionPeriod", 5)),
    ("maximumDays", 6, None),
]
