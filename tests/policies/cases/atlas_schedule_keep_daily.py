"""Cases of atlas-schedule-keep-daily: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    *(("CloudBackupSchedule:mongodb", "policyItemDaily.retentionValue", bad) for bad in (UNSET, 29, 0, "", True)),
    *(("CloudBackupSchedule:mongodb", "policyItemDaily.retentionUnit", bad) for bad in (UNSET, "", 0, "hours")),
    *(("CloudBackupSchedule:mongodb", "policyItemDaily", bad) for bad in (UNSET, {}, "", [])),
]
PASSES: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "policyItemDaily.retentionValue", 31),
    ("CloudBackupSchedule:mongodb", "policyItemDaily", {"retentionUnit": "weeks", "retentionValue": 5}),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", path, UNKNOWN)
    for path in ("policyItemDaily", "policyItemDaily.retentionValue", "policyItemDaily.retentionUnit")
]
SAYS = [
    (
        "CloudBackupSchedule:mongodb",
        "policyItemDaily.retentionValue",
        7,
        "policyItemDaily is kept for 7 days; allowed: snapshots of every day,",
    )
]
LIMITS = [
    ("minimumDays", 7, ("CloudBackupSchedule:mongodb", "policyItemDaily.retentionValue", 7)),
    ("minimumDays", 60, None),
]
