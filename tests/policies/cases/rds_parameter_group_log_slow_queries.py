"""Cases of rds-parameter-group-log-slow-queries: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "log_min_duration_statement",
    bad=["-1", "201", 1000],
    good=["0", "200", 50],
    says="-1; allowed: 0 to 200 (milliseconds).",
)
LIMITS = [("maximumMs", 1000, FIRES[1]), ("maximumMs", 100, None)]
