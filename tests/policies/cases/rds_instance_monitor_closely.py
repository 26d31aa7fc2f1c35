"""Cases of rds-instance-monitor-closely: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "Instance:postgres-primary", "monitoringInterval", bad=[0, 61, -1], good=[1, 60, "30"], says="1 to 60 (seconds)."
)
FIRES += [("Instance:postgres-primary", "monitoringRoleArn", bad) for bad in (UNSET, "", 0)]
CANNOT_TELL += [("Instance:postgres-primary", "monitoringRoleArn", UNKNOWN)]
LIMITS = [("maximumS", 10, None)]
