"""Cases of atlas-cluster-enable-point-in-time: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("AdvancedCluster:mongodb", "pitEnabled")
