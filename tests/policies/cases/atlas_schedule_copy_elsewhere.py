"""Cases of atlas-schedule-copy-elsewhere: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def copy(**changes: object) -> list[object]:
    return [{"regionName": "EU_WEST_1", "frequencies": ["DAILY"], "shouldCopyOplogs": True, **changes}]


FIRES: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "copySettings", bad)
    for bad in (
        UNSET,
        [],
        "",
        0,
        [{}],
        copy(regionName=""),
        copy(regionName=UNSET),
        copy(frequencies=[]),
        copy(shouldCopyOplogs=False),
    )
]
PASSES: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "copySettings", [{}, *copy(frequencies=["WEEKLY"])]),
    ("CloudBackupSchedule:mongodb", "copySettings", copy(frequencies=UNSET, copyPolicyItems=[{"retentionValue": 30}])),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("CloudBackupSchedule:mongodb", "copySettings", bad)
    for bad in (UNKNOWN, [UNKNOWN], copy(regionName=UNKNOWN), copy(shouldCopyOplogs=UNKNOWN))
]
SAYS = [
    (
        "CloudBackupSchedule:mongodb",
        "copySettings",
        [],
        "copySettings is without a copy that has snapshots and oplogs; allowed: an entry with",
    )
]
FIRES += [("CloudBackupSchedule:mongodb", "copySettings", copy(shouldCopyOplogs="false"))]
CANNOT_TELL += [("CloudBackupSchedule:mongodb", "copySettings", [{}, *copy(regionName=UNKNOWN)])]
CANNOT_TELL += [("CloudBackupSchedule:mongodb", "copySettings", copy(frequencies=UNKNOWN))]
