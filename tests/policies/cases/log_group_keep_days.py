"""Cases of log-group-keep-days: resource, property, value."""

from tests.policies.tables import number

FIRES, PASSES, CANNOT_TELL, SAYS = number(
    "LogGroup:postgres",
    "retentionInDays",
    bad=[14, 0, 4000],
    good=[30, 3653],
    says="at least 30 and at most 3653 (days).",
)
LIMITS = [("minimumDays", 7, ("LogGroup:postgres", "retentionInDays", 7)), ("maximumDays", 60, None)]
