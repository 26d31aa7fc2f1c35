"""Cases of cnpg-backup-run-daily: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    *(
        ("ScheduledBackup:timescale", "spec.schedule", bad)
        for bad in (UNSET, "", 0, "0 0 0 * * 0", "@weekly", "0 0 0 1 * *", "daily", "0 0 0 1 1 *")
    ),
    *(("ScheduledBackup:timescale", "spec.suspend", bad) for bad in (True, "", 0)),
]
PASSES: list[tuple[str, str, object]] = [
    *(("ScheduledBackup:timescale", "spec.schedule", good) for good in ("@daily", "0 0 */6 * * *", "@hourly")),
    ("ScheduledBackup:timescale", "spec.suspend", UNSET),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("ScheduledBackup:timescale", "spec.schedule", UNKNOWN),
    ("ScheduledBackup:timescale", "spec.suspend", UNKNOWN),
]
SAYS = [
    (
        "ScheduledBackup:timescale",
        "spec.schedule",
        "0 0 0 * * 0",
        "spec.schedule is a run every 7 days; allowed: a run every 1 days or oftener,",
    )
]
LIMITS = [("maximumDays", 7, ("ScheduledBackup:timescale", "spec.schedule", "0 0 0 * * 0")), ("maximumDays", 0, None)]
