"""Cases of rds-instance-enable-multi-az: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Instance:postgres-primary", "multiAz")
PASSES += [("Instance:postgres-replica-b", "multiAz", False), ("Instance:postgres-replica-b", "multiAz", UNSET)]
CANNOT_TELL += [("Instance:postgres-primary", "", {"multiAz": False, "replicateSourceDb": UNKNOWN})]
