"""Cases of cnpg-cluster-require-schedule: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("ScheduledBackup:timescale", "", UNSET),
    *(("ScheduledBackup:timescale", "spec.cluster.name", bad) for bad in (UNSET, "", "another")),
]
PASSES: list[tuple[str, str, object]] = [("ScheduledBackup:timescale", "spec.immediate", False)]
CANNOT_TELL: list[tuple[str, str, object]] = [("ScheduledBackup:timescale", "spec.cluster", UNKNOWN)]
SAYS = [
    (
        "ScheduledBackup:timescale",
        "",
        UNSET,
        "Cluster timescale: its base backups is not there; allowed: a ScheduledBackup",
    )
]
