"""Cases of rds-instance-encrypt-storage: resource, property, value."""

from policies.values import UNSET
from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Instance:postgres-primary", "storageEncrypted")
FIRES += [
    ("Instance:postgres-replica-b", "storageEncrypted", False),
    ("Instance:postgres-primary", "", {"storageEncrypted": UNSET, "replicateSourceDb": ""}),
]
PASSES += [("Instance:postgres-replica-b", "storageEncrypted", UNSET)]
