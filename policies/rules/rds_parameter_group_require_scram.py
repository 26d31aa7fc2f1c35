"""RDS for PostgreSQL takes SCRAM passwords only."""

from pulumi_policy import Severity

from policies.cloud import RDS_PARAMETER_GROUP
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-require-scram",
    title="RDS for PostgreSQL takes SCRAM passwords only.",
    severity=Severity.HIGH,
    reason="an MD5 hash that leaks is as good as the password",
    fix="put rds.accepted_password_auth_method=scram into the parameter group",
    spec=("6.1.1", "6.2.1"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL_Password_Encryption_configuration.html",
    topic="relational database",
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "rds.accepted_password_auth_method", "value": "md5+scram"}',
        taken='{"name": "rds.accepted_password_auth_method", "value": "scram"}',
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter("rds.accepted_password_auth_method", lambda value, _: value == "scram", "scram"),
)
