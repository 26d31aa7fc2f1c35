"""Cases of cnpg-cluster-use-encrypted-class: resource, property, value."""

from policies.values import UNKNOWN, UNSET

CLUSTER = "Cluster:timescale"
FIRES: list[tuple[str, str, object]] = [
    *((CLUSTER, "spec.storage.storageClass", bad) for bad in (UNSET, "", "gp2", 0)),
    (CLUSTER, "spec.walStorage", {"size": "1Gi"}),
    ("StorageClass:timeseries", "metadata.name", "another"),
]
PASSES: list[tuple[str, str, object]] = [(CLUSTER, "spec.walStorage", {"storageClass": "timeseries"})]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (CLUSTER, "spec.storage", UNKNOWN),
    (CLUSTER, "spec.walStorage", UNKNOWN),
    ("StorageClass:timeseries", "metadata.name", UNKNOWN),
]
SAYS = [
    (CLUSTER, "spec.storage.storageClass", "gp2", "spec.storage.storageClass is gp2; allowed: a StorageClass of the")
]
FIRES += [(CLUSTER, "spec.walStorage.storageClass", bad) for bad in (["timeseries"], 0, "")]
CANNOT_TELL += [(CLUSTER, "spec.storage.storageClass", UNKNOWN)]
