"""Cases of rds-instance-change-in-window: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Instance:postgres-primary", "applyImmediately")
