"""Cases of rds-instance-follow-minor-versions: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Instance:postgres-primary", "autoMinorVersionUpgrade")
