"""Snapshots on RDS have their database's tags."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-copy-tags-to-snapshots",
    title="Snapshots on RDS have their database's tags.",
    severity=Severity.LOW,
    reason="a snapshot without tags is nobody's: it is not found, not paid for by anybody, and not deleted "
    "when it may be",
    fix="set copyTagsToSnapshot=True",
    spec=("5.2.1",),
    frameworks=("AWS Security Hub RDS.17",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html",
    topic="relational database",
    example=Example(refused="copy_tags_to_snapshot=False", taken="copy_tags_to_snapshot=True"),
    types=(RDS_INSTANCE,),
    check=switch_on("copyTagsToSnapshot"),
    remedy=lambda _resource, _limits: {("copyTagsToSnapshot",): True},
)
