"""Cases of secret-keep-recovery-window: resource, property, value."""

from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "Secret:avatar", "recoveryWindowInDays", bad=[0, 6], good=[7, 30], says="at least 7 (days), or unset.", unset=True
)
LIMITS = [("minimumDays", 1, ("Secret:avatar", "recoveryWindowInDays", 1))]
