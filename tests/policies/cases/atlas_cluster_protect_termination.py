"""Cases of atlas-cluster-protect-termination: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("AdvancedCluster:mongodb", "terminationProtectionEnabled")
