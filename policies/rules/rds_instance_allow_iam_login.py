"""People log in to RDS by their role in AWS, for minutes, and not by a password."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-allow-iam-login",
    title="People log in to RDS by their role in AWS, for minutes, and not by a password.",
    severity=Severity.MEDIUM,
    reason="a token ends after 15 minutes, names the person in CloudTrail and is withdrawn with the role",
    fix="set iamDatabaseAuthenticationEnabled=True",
    spec=("6.1.1",),
    frameworks=("AWS Security Hub RDS.10",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html",
    topic="relational database",
    example=Example(
        refused="iam_database_authentication_enabled=False", taken="iam_database_authentication_enabled=True"
    ),
    types=(RDS_INSTANCE,),
    check=switch_on("iamDatabaseAuthenticationEnabled"),
    remedy=lambda _resource, _limits: {("iamDatabaseAuthenticationEnabled",): True},
)
