"""A database on RDS can be restored to any time of the last seven days."""

from typing import Any

from pulumi_policy import Severity

from policies.checks import at_least
from policies.cloud import RDS_INSTANCE, is_replica
from policies.limits import least, most
from policies.rule import Example, Resource, ResourceRule
from policies.values import UNSET

__all__ = ["RULE"]


def _no_backups_of_its_own(resource: Resource) -> Any:
    """Whether it is a replica that keeps none: the primary's are enough, and its data are the primary's."""
    return is_replica(resource) if resource.at("backupRetentionPeriod") in (UNSET, 0) else False


RULE = ResourceRule(
    id="rds-instance-keep-backups",
    title="A database on RDS can be restored to any time of the last seven days.",
    severity=Severity.CRITICAL,
    reason="zero turns automated backups and point-in-time recovery off, and RDS then also refuses replicas",
    fix="set fashion-wallet:cloud rds.backupRetentionDays to the minimum",
    spec=("5.2.1",),
    frameworks=("AWS Security Hub RDS.11",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
    topic="relational database",
    limits=(
        least("minimumDays", 7, "The fewest days to go back.", minimum=1, maximum=35),
        most("maximumDays", 35, "The most days: RDS keeps no more.", minimum=1, maximum=35),
    ),
    absent="Unset, empty and zero are violations, but on a replica, whose source has the backups.",
    example=Example(refused="backup_retention_period=0", taken="backup_retention_period=7"),
    types=(RDS_INSTANCE,),
    check=at_least(
        "backupRetentionPeriod", limit="minimumDays", unit="days", most="maximumDays", unless=_no_backups_of_its_own
    ),
)
