"""RDS for PostgreSQL takes no connection without TLS."""

from pulumi_policy import Severity

from policies.cloud import RDS_PARAMETER_GROUP
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-force-tls",
    title="RDS for PostgreSQL takes no connection without TLS.",
    severity=Severity.CRITICAL,
    reason="without it the server takes a connection in clear from any client that does not ask for TLS",
    fix="put rds.force_ssl=1 into the parameter group",
    spec=("6.2.1",),
    frameworks=("AWS Security Hub RDS.38",),
    link=""
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html#PostgreSQL.Concepts.General.SSL.Requiring",
    topic="relational database",
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(refused='{"name": "rds.force_ssl", "value": "0"}', taken='{"name": "rds.force_ssl", "value": "1"}'),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter("rds.force_ssl", lambda value, _: value in ("1", 1, True), "1"),
)
