"""Cases of rds-instance-allow-iam-login: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Instance:postgres-primary", "iamDatabaseAuthenticationEnabled")
