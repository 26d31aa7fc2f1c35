"""Cases of rds-instance-protect-deletion: resource, property, value."""

from policies.values import UNSET
from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Instance:postgres-primary", "deletionProtection")
PASSES += [("Instance:postgres-replica-b", "deletionProtection", bad) for bad in (False, UNSET)]
FIRES += [("Instance:postgres-recovery", "deletionProtection", False)]
