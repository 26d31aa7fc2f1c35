"""Cases of rds-instance-use-supported-version: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    *(
        ("Instance:postgres-primary", "engineVersion", bad)
        for bad in (UNSET, "", 0, "12.22", "13", "13.20", "99", "latest", 17)
    ),
    ("Instance:postgres-replica-b", "engineVersion", "13"),
]
PASSES: list[tuple[str, str, object]] = [
    *(("Instance:postgres-primary", "engineVersion", good) for good in ("14.11", "15", "16.9", "17.5", "18")),
    ("Instance:postgres-replica-b", "engineVersion", UNSET),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "engineVersion", UNKNOWN),
    ("Instance:postgres-replica-b", "", {"engineVersion": UNSET, "replicateSourceDb": UNKNOWN}),
]
SAYS = [
    (
        "Instance:postgres-primary",
        "engineVersion",
        "13.4",
        "engineVersion is 13, which has not been maintained since 2025-11-13; allowed",
    ),
    (
        "Instance:postgres-primary",
        "engineVersion",
        "99",
        "engineVersion is 99, which policies/versions.py does not know; allowed: maintained",
    ),
]
LIMITS = [("noticeDays", 2000, None)]
SAYS += [("Instance:postgres-primary", "engineVersion", "latest", "engineVersion is latest; allowed")]
