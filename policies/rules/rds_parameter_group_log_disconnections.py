"""RDS for PostgreSQL logs who goes, and how long they were there."""

from pulumi_policy import Severity

from policies.cloud import RDS_PARAMETER_GROUP
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-log-disconnections",
    title="RDS for PostgreSQL logs who goes, and how long they were there.",
    severity=Severity.LOW,
    reason="without it a session has a beginning and no end, and a leak of connections cannot be told from load",
    fix="put log_disconnections=1 into the parameter group",
    spec=("6.3.1", "5.1.1"),
    link="https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-DISCONNECTIONS",
    topic="relational database",
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "log_disconnections", "value": "0"}', taken='{"name": "log_disconnections", "value": "1"}'
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter(
        "log_disconnections", lambda value, _: str(value).strip().lower() in {"1", "on", "true", "yes"}, "1"
    ),
)
