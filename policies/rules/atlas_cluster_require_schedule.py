"""Every cluster on Atlas has a schedule of snapshots of our own."""

from pulumi_policy import Severity

from policies.cloud import ATLAS_CLUSTER, ATLAS_SCHEDULE
from policies.relations import each_has
from policies.rule import Example, StackRule

__all__ = ["RULE"]


RULE = StackRule(
    id="atlas-cluster-require-schedule",
    title="Every cluster on Atlas has a schedule of snapshots of our own.",
    severity=Severity.HIGH,
    reason="Atlas's own schedule keeps daily snapshots for a week, and none elsewhere",
    fix="declare a CloudBackupSchedule with the cluster's name",
    spec=("5.2.1",),
    link="https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/",
    topic="backups",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="mongodbatlas.AdvancedCluster(…) # alone",
        taken="mongodbatlas.CloudBackupSchedule(…, cluster_name=cluster.name)",
    ),
    check=each_has(
        (ATLAS_CLUSTER,),
        ATLAS_SCHEDULE,
        ("clusterName",),
        ("name",),
        what="its schedule of snapshots",
        allowed="a CloudBackupSchedule for this cluster",
    ),
)
