"""Cases of rds-proxy-forbid-debug-log: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Proxy:postgres-proxy", "debugLogging")
