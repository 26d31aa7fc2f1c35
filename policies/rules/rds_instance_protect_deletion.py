"""RDS refuses to delete a database."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_INSTANCE, is_near_replica
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-protect-deletion",
    title="RDS refuses to delete a database.",
    severity=Severity.CRITICAL,
    reason="whatever asks, this program, the console or a script, RDS says no until somebody has turned "
    "this off on purpose",
    fix="set fashion-wallet:protect to true",
    spec=("5.2.2", "7.1.1"),
    frameworks=("AWS Security Hub RDS.8",),
    link=""
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html#USER_DeleteInstance.DeletionProtection",
    topic="relational database",
    absent="Unset is a violation, but on a replica in its source's region: others have the same data.",
    example=Example(refused="deletion_protection=False", taken="deletion_protection=True"),
    types=(RDS_INSTANCE,),
    check=switch_on("deletionProtection", unless=is_near_replica),
    remedy=lambda _resource, _limits: {("deletionProtection",): True},
)
