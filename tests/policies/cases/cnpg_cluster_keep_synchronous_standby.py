"""Cases of cnpg-cluster-keep-synchronous-standby: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

PATH = "spec.postgresql.synchronous.number"
FIRES, PASSES, CANNOT_TELL, SAYS = number("Cluster:timescale", PATH, bad=[0, -1], good=[1, 2], says="at least 1.")
PASSES += [("Cluster:timescale", "", {PATH: UNSET, "spec.minSyncReplicas": 1})]
CANNOT_TELL += [
    ("Cluster:timescale", "", {PATH: UNSET, "spec.minSyncReplicas": UNKNOWN}),
    ("Cluster:timescale", "spec.postgresql.synchronous", UNKNOWN),
]
LIMITS = [("minimum", 0, ("Cluster:timescale", PATH, 0)), ("minimum", 2, None)]
