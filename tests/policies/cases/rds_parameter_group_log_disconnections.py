"""Cases of rds-parameter-group-log-disconnections: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "log_disconnections", bad=["0", "off", False], good=["1", "on", True], says="0; allowed: 1."
)
