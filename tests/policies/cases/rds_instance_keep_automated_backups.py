"""Cases of rds-instance-keep-automated-backups: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Instance:postgres-primary", "deleteAutomatedBackups", unset=False)
