"""Cases of atlas-schedule-keep-point-in-time: resource, property, value."""

from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "CloudBackupSchedule:mongodb", "restoreWindowDays", bad=[6, 0], good=[7, 30], says="at least 7 (days)."
)
LIMITS = [("minimumDays", 1, ("CloudBackupSchedule:mongodb", "restoreWindowDays", 1)), ("minimumDays", 14, None)]
