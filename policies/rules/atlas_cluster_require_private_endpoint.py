"""Every cluster on Atlas is reached by a private endpoint."""

from pulumi_policy import Severity

from policies.cloud import ATLAS_CLUSTER, ATLAS_ENDPOINT
from policies.relations import each_has
from policies.rule import Example, StackRule

__all__ = ["RULE"]


RULE = StackRule(
    id="atlas-cluster-require-private-endpoint",
    title="Every cluster on Atlas is reached by a private endpoint.",
    severity=Severity.HIGH,
    reason="without one the way to the cluster is the internet, and the access list is all that stands there",
    fix="declare a PrivateLinkEndpoint for the project",
    spec=("6.1",),
    link="https://www.mongodb.com/docs/atlas/security-private-endpoint/",
    topic="documents",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="mongodbatlas.AdvancedCluster(…) # alone",
        taken="mongodbatlas.PrivateLinkEndpoint(…, project_id=project.id)",
    ),
    check=each_has(
        (ATLAS_CLUSTER,),
        ATLAS_ENDPOINT,
        ("projectId",),
        ("projectId",),
        what="its private endpoint",
        allowed="a PrivateLinkEndpoint for the cluster's project",
    ),
)
