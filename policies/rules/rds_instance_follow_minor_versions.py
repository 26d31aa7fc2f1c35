"""RDS installs minor versions of PostgreSQL by itself."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-follow-minor-versions",
    title="RDS installs minor versions of PostgreSQL by itself.",
    severity=Severity.MEDIUM,
    reason="minor versions hold nothing but repairs, of security too, and who waits for a person waits for months",
    fix='set fashion-wallet:cloud rds.engineVersion to a major ("17"), and leave autoMinorVersionUpgrade on',
    spec=("6.2.1",),
    frameworks=("AWS Security Hub RDS.13", "CIS AWS Foundations Benchmark v3.0.0: 2.3.2"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.Minor.html",
    topic="relational database",
    example=Example(
        refused="auto_minor_version_upgrade=False", taken='engine_version="17", auto_minor_version_upgrade=True'
    ),
    types=(RDS_INSTANCE,),
    check=switch_on("autoMinorVersionUpgrade"),
    remedy=lambda _resource, _limits: {("autoMinorVersionUpgrade",): True},
)
