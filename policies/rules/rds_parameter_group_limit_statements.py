"""RDS for PostgreSQL stops a statement after 30 seconds."""

from pulumi_policy import Severity

from policies.checks import number
from policies.cloud import RDS_PARAMETER_GROUP
from policies.limits import most
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-limit-statements",
    title="RDS for PostgreSQL stops a statement after 30 seconds.",
    severity=Severity.MEDIUM,
    reason="one query without an end holds its locks, its connection and the oldest transaction, until somebody looks",
    fix="set fashion-wallet:postgres parameters statement_timeout to 30s or less",
    spec=("3.6.1",),
    link="https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT",
    topic="relational database",
    limits=(most("maximumMs", 30_000, "The longest statement.", minimum=1, maximum=86_400_000),),
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "statement_timeout", "value": "0"}', taken='{"name": "statement_timeout", "value": "30000"}'
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter(
        "statement_timeout",
        lambda value, limits: (found := number(value)) is not None and 0 < found <= limits["maximumMs"],
        lambda limits: f"1 to {limits['maximumMs']} (milliseconds)",
    ),
)
