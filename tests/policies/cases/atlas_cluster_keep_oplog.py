"""Cases of atlas-cluster-keep-oplog: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

PATH = "advancedConfiguration.oplogMinRetentionHours"
FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "AdvancedCluster:mongodb", PATH, bad=[23, 0, 1.5], good=[24, 720.5], says="at least 24 (hours), or"
)
FIRES += [
    ("AdvancedCluster:mongodb", "", {PATH: UNSET, "advancedConfiguration.oplogSizeMb": bad}) for bad in (100, 0, "")
]
FIRES += [("AdvancedCluster:mongodb", "", {PATH: 1, "advancedConfiguration.oplogSizeMb": 5000})]
PASSES += [("AdvancedCluster:mongodb", "", {PATH: UNSET, "advancedConfiguration.oplogSizeMb": 5000})]
CANNOT_TELL += [("AdvancedCluster:mongodb", "", {PATH: UNSET, "advancedConfiguration.oplogSizeMb": UNKNOWN})]
LIMITS = [
    ("minimumHours", 1, ("AdvancedCluster:mongodb", PATH, 1)),
    ("minimumMib", 100, ("AdvancedCluster:mongodb", "", {PATH: UNSET, "advancedConfiguration.oplogSizeMb": 100})),
]
