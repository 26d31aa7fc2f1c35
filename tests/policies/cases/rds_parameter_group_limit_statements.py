"""Cases of rds-parameter-group-limit-statements: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "statement_timeout", bad=["0", "30001", -1], good=["30000", 1], says="0; allowed: 1 to 30000 (milliseconds)."
)
LIMITS = [("maximumMs", 40_000, FIRES[1]), ("maximumMs", 10_000, None)]
