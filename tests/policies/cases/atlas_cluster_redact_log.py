"""Cases of atlas-cluster-redact-log: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("AdvancedCluster:mongodb", "redactClientLogData")
