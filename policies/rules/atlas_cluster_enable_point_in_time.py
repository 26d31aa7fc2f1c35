"""Atlas keeps the oplog, so that any point in time can be restored."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import ATLAS_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-enable-point-in-time",
    title="Atlas keeps the oplog, so that any point in time can be restored.",
    severity=Severity.CRITICAL,
    reason="a daily snapshot loses up to a day, and the specification allows a quarter of an hour",
    fix="set pitEnabled=True",
    spec=("5.2.1", "5.2.2"),
    link="https://www.mongodb.com/docs/atlas/recover-pit-continuous-cloud-backup/",
    topic="documents",
    example=Example(refused="pit_enabled=False", taken="pit_enabled=True"),
    types=(ATLAS_CLUSTER,),
    check=switch_on("pitEnabled"),
    remedy=lambda _resource, _limits: {("pitEnabled",): True},
)
