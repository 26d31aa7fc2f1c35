"""Cases of rds-proxy-require-tls: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Proxy:postgres-proxy", "requireTls")
