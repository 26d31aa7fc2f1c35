"""Cases of rds-instance-keep-final-snapshot: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret

FIRES: list[tuple[str, str, object]] = [
    *(("Instance:postgres-primary", "skipFinalSnapshot", bad) for bad in (True, "true", "", 0, [])),
    *(("Instance:postgres-primary", "finalSnapshotIdentifier", bad) for bad in (UNSET, "", " ", 0, False)),
]
PASSES: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "skipFinalSnapshot", UNSET),
    ("Instance:postgres-primary", "skipFinalSnapshot", "false"),
    ("Instance:postgres-primary", "finalSnapshotIdentifier", secret("another")),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "skipFinalSnapshot", UNKNOWN),
    ("Instance:postgres-primary", "finalSnapshotIdentifier", UNKNOWN),
    ("Instance:postgres-primary", "", {"skipFinalSnapshot": True, "replicateSourceDb": UNKNOWN}),
]
SAYS = [
    ("Instance:postgres-primary", "skipFinalSnapshot", True, "skipFinalSnapshot is true; allowed: false, or unset.")
]
