"""The snapshots of a cluster on Atlas outlive it."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import ATLAS_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-retain-backups",
    title="The snapshots of a cluster on Atlas outlive it.",
    severity=Severity.HIGH,
    reason="the default deletes them with the cluster, by mistake too",
    fix="set retainBackupsEnabled=True",
    spec=("5.2.1", "5.2.2"),
    link="https://www.mongodb.com/docs/atlas/backup/cloud-backup/delete-backups/",
    topic="documents",
    example=Example(refused="# retain_backups_enabled is unset: false", taken="retain_backups_enabled=True"),
    types=(ATLAS_CLUSTER,),
    check=switch_on("retainBackupsEnabled"),
    remedy=lambda _resource, _limits: {("retainBackupsEnabled",): True},
)
