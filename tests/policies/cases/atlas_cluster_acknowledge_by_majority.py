"""Cases of atlas-cluster-acknowledge-by-majority: resource, property, value."""

from tests.policies.tables import table

PATH = "advancedConfiguration.defaultWriteConcern"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "AdvancedCluster:mongodb", PATH, bad=["1", "", 0, 1], good=["majority"], says=("1", "1; allowed: majority.")
)
LIMITS = [("allowed", ["majority", "1"], ("AdvancedCluster:mongodb", PATH, "1"))]
