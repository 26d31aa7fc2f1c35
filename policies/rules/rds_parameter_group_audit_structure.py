"""pgaudit on RDS records changes of structure and of roles."""

from pulumi_policy import Severity

from policies.cloud import RDS_PARAMETER_GROUP
from policies.limits import names
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-audit-structure",
    title="pgaudit on RDS records changes of structure and of roles.",
    severity=Severity.HIGH,
    reason="pgaudit that is loaded and told nothing records nothing",
    fix="put pgaudit.log with ddl and role into the parameter group",
    spec=("6.3.1",),
    link="https://github.com/pgaudit/pgaudit/blob/main/README.md#pgauditlog",
    topic="relational database",
    limits=(names("classes", ["ddl", "role"], "The classes of statements that are demanded."),),
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "pgaudit.log", "value": "none"}', taken='{"name": "pgaudit.log", "value": "ddl,role"}'
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter(
        "pgaudit.log",
        lambda value, limits: (
            isinstance(value, str)
            and bool(
                {one.strip().lower() for one in value.split(",")} & {"all"}
                or set(limits["classes"]) <= {one.strip().lower() for one in value.split(",")}
            )
        ),
        lambda limits: "a list with " + " and ".join(limits["classes"]),
    ),
)
