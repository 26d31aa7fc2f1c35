"""Cases of cnpg-cluster-use-supported-version: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("Cluster:timescale", "spec.imageName", bad)
    for bad in (UNSET, "", 0, "postgresql", "a/b:13.4", "a/b:latest", "localhost:5000/b", "a/b:99")
]
PASSES: list[tuple[str, str, object]] = [
    ("Cluster:timescale", "spec.imageName", good)
    for good in ("a/b:17", "localhost:5000/b:16.4-ts2", "a/b:17.2@sha256:" + "0" * 64)
]
CANNOT_TELL: list[tuple[str, str, object]] = [("Cluster:timescale", "spec.imageName", UNKNOWN)]
SAYS = [
    (
        "Cluster:timescale",
        "spec.imageName",
        "a/b:13.4",
        "spec.imageName is 13, which has not been maintained since 2025-11-13; allowed: an",
    )
]
LIMITS = [("noticeDays", 2000, None)]
PASSES += [("Cluster:timescale", "spec.imageName", "a/b:17-bookworm")]
SAYS += [
    ("Cluster:timescale", "spec.imageName", "a/b:latest", "spec.imageName is a/b:latest; allowed: an"),
    ("Cluster:timescale", "spec.imageName", UNSET, "spec.imageName is unset; allowed: an"),
]
