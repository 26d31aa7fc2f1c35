"""RDS for PostgreSQL speaks TLS 1.3 and nothing older."""

from pulumi_policy import Severity

from policies.cloud import RDS_PARAMETER_GROUP
from policies.limits import choice
from policies.parameters import demand_parameter
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-parameter-group-require-tls-1-3",
    title="RDS for PostgreSQL speaks TLS 1.3 and nothing older.",
    severity=Severity.CRITICAL,
    reason="the default is 1.2, which still allows ciphers without forward secrecy",
    fix="set fashion-wallet:tls minimumVersion to TLSv1.3",
    spec=("6.2.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html",
    topic="relational database",
    limits=(choice("allowedVersions", ["TLSv1.3"], "The values that the parameter may have."),),
    absent="A parameter that is not in the group is a violation: the server's default is not this.",
    example=Example(
        refused='{"name": "ssl_min_protocol_version", "value": "TLSv1.2"}',
        taken='{"name": "ssl_min_protocol_version", "value": "TLSv1.3"}',
    ),
    types=(RDS_PARAMETER_GROUP,),
    check=demand_parameter(
        "ssl_min_protocol_version",
        lambda value, limits: value in limits["allowedVersions"],
        lambda limits: " or ".join(limits["allowedVersions"]),
    ),
)
