"""RDS for PostgreSQL loads pgaudit."""

from pulumi_policy import Severity

from policies.cloud import RDS_PARAMETER_GROUP
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-load-audit",
    title="RDS for PostgreSQL loads pgaudit.",
    severity=Severity.HIGH,
    reason="changes of structure and roles are in the server's own log only through it, whatever a role "
    "may do to our tables",
    fix="leave pgaudit in shared_preload_libraries of the parameter group",
    spec=("6.3.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.pgaudit.html",
    topic="relational database",
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "shared_preload_libraries", "value": "pg_stat_statements"}',
        taken='{"name": "shared_preload_libraries", "value": "pg_stat_statements,pgaudit"}',
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter(
        "shared_preload_libraries",
        lambda value, _: isinstance(value, str) and "pgaudit" in [one.strip() for one in value.split(",")],
        "a list with pgaudit",
    ),
)
