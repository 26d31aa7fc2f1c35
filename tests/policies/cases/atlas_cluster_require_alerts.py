"""Cases of atlas-cluster-require-alerts: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("AlertConfiguration:replication", "", UNSET),
    *(("AlertConfiguration:replication", "projectId", bad) for bad in ("", "another")),
    *(("AlertConfiguration:replication", "enabled", bad) for bad in (UNSET, False, "")),
    *(("AlertConfiguration:replication", "notifications", bad) for bad in (UNSET, [], "")),
]
PASSES: list[tuple[str, str, object]] = [("AdvancedCluster:mongodb", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("AlertConfiguration:replication", "projectId", UNKNOWN),
    ("AlertConfiguration:replication", "enabled", UNKNOWN),
    ("AlertConfiguration:replication", "notifications", UNKNOWN),
]
SAYS = [
    (
        "AlertConfiguration:replication",
        "",
        UNSET,
        "AdvancedCluster mongodb: the alerts of its project is not there, or not enough; allowed: ",
    )
]
