"""Cases of rds-parameter-group-force-tls: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "rds.force_ssl", bad=["0", 0, "off", False], good=["1", 1], says="0; allowed: 1."
)
