"""A database on RDS has no public address."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-forbid-public-access",
    title="A database on RDS has no public address.",
    severity=Severity.CRITICAL,
    reason="with a public address, only a security group stands between everybody and the login",
    fix="set publiclyAccessible=False; reach the database from the network, by the client security group",
    spec=("6.1",),
    frameworks=("AWS Security Hub RDS.2", "CIS AWS Foundations Benchmark v3.0.0: 2.3.3"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    topic="relational database",
    absent="Unset is allowed: the provider's default is false.",
    example=Example(refused="publicly_accessible=True", taken="publicly_accessible=False"),
    types=(RDS_INSTANCE,),
    check=switch_off("publiclyAccessible", unset=True),
)
