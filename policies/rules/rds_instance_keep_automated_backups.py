"""The backups of a database on RDS outlive it."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-keep-automated-backups",
    title="The backups of a database on RDS outlive it.",
    severity=Severity.HIGH,
    reason="the default deletes every automated backup in the moment the instance is deleted, by mistake too",
    fix="set deleteAutomatedBackups=False",
    spec=("5.2.1", "5.2.2"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.Retaining.html",
    topic="relational database",
    absent="Unset is a violation: the provider's default is true.",
    example=Example(refused="# delete_automated_backups is unset: true", taken="delete_automated_backups=False"),
    types=(RDS_INSTANCE,),
    check=switch_off("deleteAutomatedBackups", unset=False),
    remedy=lambda _resource, _limits: {("deleteAutomatedBackups",): False},
)
