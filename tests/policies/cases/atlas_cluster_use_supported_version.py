"""Cases of atlas-cluster-use-supported-version: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("AdvancedCluster:mongodb", "mongoDbMajorVersion", bad) for bad in (UNSET, "", 0, "6.0", "5.0", "8.2", "latest", 8)
]
PASSES: list[tuple[str, str, object]] = [
    ("AdvancedCluster:mongodb", "mongoDbMajorVersion", good) for good in ("7.0", "8.0", "8.0.4", "8")
]
CANNOT_TELL: list[tuple[str, str, object]] = [("AdvancedCluster:mongodb", "mongoDbMajorVersion", UNKNOWN)]
SAYS = [
    (
        "AdvancedCluster:mongodb",
        "mongoDbMajorVersion",
        "6.0",
        "mongoDbMajorVersion is 6.0, which has not been maintained since 2025-07-31;",
    )
]
LIMITS = [("noticeDays", 2000, None)]
SAYS += [
    ("AdvancedCluster:mongodb", "mongoDbMajorVersion", UNSET, "mongoDbMajorVersion is unset; allowed: maintained for"),
    ("AdvancedCluster:mongodb", "mongoDbMajorVersion", "latest", "mongoDbMajorVersion is latest; allowed"),
    ("AdvancedCluster:mongodb", "mongoDbMajorVersion", "6.0.9", "mongoDbMajorVersion is 6.0, which has not been"),
]
