"""Cases of alarm-notify: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("MetricAlarm:postgres-primary-CPUUtilization", "alarmActions", bad) for bad in (UNSET, [], "", 0, [""], [0])
]
PASSES: list[tuple[str, str, object]] = [
    ("MetricAlarm:postgres-primary-CPUUtilization", "alarmActions", ["arn:a", "arn:b"]),
    ("MetricAlarm:postgres-primary-CPUUtilization", "alarmActions", [UNKNOWN]),
]
CANNOT_TELL: list[tuple[str, str, object]] = [("MetricAlarm:postgres-primary-CPUUtilization", "alarmActions", UNKNOWN)]
SAYS = [
    (
        "MetricAlarm:postgres-primary-CPUUtilization",
        "alarmActions",
        [],
        "alarmActions is empty; allowed: a list with the ARN of a topic.",
    )
]
