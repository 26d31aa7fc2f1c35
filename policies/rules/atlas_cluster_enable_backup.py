"""Atlas backs the cluster up."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import ATLAS_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-enable-backup",
    title="Atlas backs the cluster up.",
    severity=Severity.CRITICAL,
    reason="without it there are no snapshots at all, and no schedule makes any",
    fix="set backupEnabled=True",
    spec=("5.2.1",),
    link="https://www.mongodb.com/docs/atlas/backup/cloud-backup/overview/",
    topic="documents",
    example=Example(refused="backup_enabled=False", taken="backup_enabled=True"),
    types=(ATLAS_CLUSTER,),
    check=switch_on("backupEnabled"),
    remedy=lambda _resource, _limits: {("backupEnabled",): True},
)
