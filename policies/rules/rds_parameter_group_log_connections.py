"""RDS for PostgreSQL logs who comes."""

from pulumi_policy import Severity

from policies.cloud import RDS_PARAMETER_GROUP
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-log-connections",
    title="RDS for PostgreSQL logs who comes.",
    severity=Severity.LOW,
    reason="after an incident the first question is who was connected, and from where",
    fix="put log_connections=1 into the parameter group",
    spec=("6.3.1", "5.1.1"),
    link="https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-CONNECTIONS",
    topic="relational database",
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "log_connections", "value": "0"}', taken='{"name": "log_connections", "value": "1"}'
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter(
        "log_connections", lambda value, _: str(value).strip().lower() in {"1", "on", "true", "yes"}, "1"
    ),
)
