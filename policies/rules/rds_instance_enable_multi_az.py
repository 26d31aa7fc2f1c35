"""The primary on RDS has a standby in another zone."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_INSTANCE, is_replica
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-enable-multi-az",
    title="The primary on RDS has a standby in another zone.",
    severity=Severity.HIGH,
    reason="its standby has every commit before the client is told, so the loss of a zone is an outage of "
    "a minute or two and loses nothing",
    fix="set fashion-wallet:cloud rds.multiAz to true",
    spec=("7.1.1", "5.2.2"),
    frameworks=("AWS Security Hub RDS.5",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html",
    topic="relational database",
    absent="Unset is a violation. A replica needs no standby: another replica and the primary are left.",
    example=Example(refused="multi_az=False", taken="multi_az=True"),
    types=(RDS_INSTANCE,),
    check=switch_on("multiAz", unless=is_replica),
)
