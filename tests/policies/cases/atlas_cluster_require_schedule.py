"""Cases of atlas-cluster-require-schedule: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "", UNSET),
    *(("CloudBackupSchedule:mongodb", "clusterName", bad) for bad in ("", "another")),
]
PASSES: list[tuple[str, str, object]] = [("AdvancedCluster:mongodb", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("CloudBackupSchedule:mongodb", "clusterName", UNKNOWN)]
SAYS = [
    (
        "CloudBackupSchedule:mongodb",
        "",
        UNSET,
        "AdvancedCluster mongodb: its schedule of snapshots is not there, or not enough; allowed: ",
    )
]
