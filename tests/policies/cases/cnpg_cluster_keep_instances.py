"""Cases of cnpg-cluster-keep-instances: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "Cluster:timescale", "spec.instances", bad=[1, 0], good=[2, 5], says="at least 2 (instances)."
)
FIRES += [("Cluster:timescale", "spec.affinity.topologyKey", bad) for bad in (UNSET, "", "kubernetes.io/hostname", 0)]
FIRES += [("Cluster:timescale", "spec.affinity.enablePodAntiAffinity", bad) for bad in (False, "", 0)]
PASSES += [("Cluster:timescale", "spec.affinity.enablePodAntiAffinity", UNSET)]
CANNOT_TELL += [
    ("Cluster:timescale", "spec.affinity", UNKNOWN),
    ("Cluster:timescale", "spec.affinity.enablePodAntiAffinity", UNKNOWN),
]
LIMITS = [
    ("minimum", 1, ("Cluster:timescale", "spec.instances", 1)),
    ("minimum", 5, None),
    (
        "topologyKeys",
        ["kubernetes.io/hostname"],
        ("Cluster:timescale", "spec.affinity.topologyKey", "kubernetes.io/hostname"),
    ),
]
