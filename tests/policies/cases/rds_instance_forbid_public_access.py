"""Cases of rds-instance-forbid-public-access: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Instance:postgres-primary", "publiclyAccessible")
