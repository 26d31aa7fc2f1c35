"""Cases of atlas-cluster-forbid-javascript: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off(
    "AdvancedCluster:mongodb", "advancedConfiguration.javascriptEnabled", unset=False
)
