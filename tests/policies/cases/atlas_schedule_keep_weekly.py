"""Cases of atlas-schedule-keep-weekly: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def weekly(*values: object, unit: object = "days") -> list[object]:
    return [{"frequencyInterval": 6, "retentionUnit": unit, "retentionValue": value} for value in values]


FIRES: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "policyItemWeeklies", bad)
    for bad in (UNSET, [], "", 0, [{}], weekly(89), weekly(0), weekly(""), weekly(90, unit=""))
]
PASSES: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "policyItemWeeklies", good)
    for good in (weekly(7, 91), weekly(13, unit="weeks"), weekly(3, unit="months"))
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "policyItemWeeklies", bad)
    for bad in (UNKNOWN, [UNKNOWN], weekly(UNKNOWN), weekly(7, UNKNOWN))
]
SAYS = [
    (
        "CloudBackupSchedule:mongodb",
        "policyItemWeeklies",
        weekly(28),
        "policyItemWeeklies is kept for 28 days; allowed: snapshots of every week,",
    )
]
LIMITS = [
    ("minimumDays", 28, ("CloudBackupSchedule:mongodb", "policyItemWeeklies", weekly(28))),
    ("minimumDays", 400, None),
]
