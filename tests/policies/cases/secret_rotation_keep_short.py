"""Cases of secret-rotation-keep-short: resource, property, value."""

from policies.values import UNKNOWN, UNSET

ROTATION = "SecretRotation:avatar"
FIRES: list[tuple[str, str, object]] = [
    *((ROTATION, "rotationRules.automaticallyAfterDays", bad) for bad in (UNSET, 91, 0, "", True, [])),
    (ROTATION, "rotationRules", {"scheduleExpression": "cron(0 7 1 1 ? *)"}),
    (ROTATION, "rotationRules", {}),
    (ROTATION, "rotationRules", UNSET),
]
PASSES: list[tuple[str, str, object]] = [
    (ROTATION, "rotationRules.automaticallyAfterDays", 90),
    (ROTATION, "rotationRules", {"scheduleExpression": "rate(30 days)"}),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (ROTATION, "rotationRules", UNKNOWN),
    (ROTATION, "rotationRules.automaticallyAfterDays", UNKNOWN),
    (ROTATION, "rotationRules", {"scheduleExpression": UNKNOWN}),
]
SAYS = [(ROTATION, "rotationRules.automaticallyAfterDays", 365, "rotationRules is 365; allowed: 1 to 90 (days).")]
LIMITS = [("maximumDays", 365, (ROTATION, "rotationRules.automaticallyAfterDays", 365)), ("maximumDays", 7, None)]
PASSES += [(ROTATION, "rotationRules.automaticallyAfterDays", 1)]
