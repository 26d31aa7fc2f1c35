"""Cases of alarm-stay-enabled: resource, property, value."""

from tests.policies.tables import table

FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "MetricAlarm:postgres-primary-CPUUtilization",
    "actionsEnabled",
    bad=[False, "false", "", 0, []],
    good=[True],
    says=(False, "false; allowed: true, or unset."),
    unset=True,
)
