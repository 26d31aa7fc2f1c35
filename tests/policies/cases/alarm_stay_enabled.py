"""Cases of alarm-stay-enabled: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("MetricAlarm:postgres-primary-CPUUtilization", "actionsEnabled", unset=True)
