"""RDS for PostgreSQL logs every statement that takes more than 200 ms."""

from pulumi_policy import Severity

from policies.checks import number
from policies.cloud import RDS_PARAMETER_GROUP
from policies.limits import most
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-log-slow-queries",
    title="RDS for PostgreSQL logs every statement that takes more than 200 ms.",
    severity=Severity.MEDIUM,
    reason="the specification wants these in the slow query log; -1, the default, logs none",
    fix="set fashion-wallet:postgres slowQueryMs",
    spec=("5.1.1", "3.6.1"),
    link="https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-MIN-DURATION-STATEMENT",
    topic="relational database",
    limits=(
        most("maximumMs", 200, "The longest time that a statement may take without being logged.", maximum=60_000),
    ),
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "log_min_duration_statement", "value": "-1"}',
        taken='{"name": "log_min_duration_statement", "value": "200"}',
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter(
        "log_min_duration_statement",
        lambda value, limits: (found := number(value)) is not None and 0 <= found <= limits["maximumMs"],
        lambda limits: f"0 to {limits['maximumMs']} (milliseconds)",
    ),
)
