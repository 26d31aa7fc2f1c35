"""Cases of rds-instance-enable-performance-insights: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Instance:postgres-primary", "performanceInsightsEnabled")
