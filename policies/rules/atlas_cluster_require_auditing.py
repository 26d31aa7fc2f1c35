"""The project of every cluster on Atlas has auditing."""

from pulumi_policy import Severity

from policies.cloud import ATLAS_AUDITING, ATLAS_CLUSTER
from policies.relations import each_has
from policies.rule import Example, StackRule

__all__ = ["RULE"]


RULE = StackRule(
    id="atlas-cluster-require-auditing",
    title="The project of every cluster on Atlas has auditing.",
    severity=Severity.HIGH,
    reason="after an incident the first question is who read or changed what",
    fix="declare an Auditing for the project",
    spec=("6.3.1",),
    link="https://www.mongodb.com/docs/atlas/database-auditing/",
    topic="documents",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="mongodbatlas.Project(…) # alone", taken="mongodbatlas.Auditing(…, project_id=project.id, enabled=True)"
    ),
    check=each_has(
        (ATLAS_CLUSTER,),
        ATLAS_AUDITING,
        ("projectId",),
        ("projectId",),
        what="the auditing of its project",
        allowed="an Auditing for the cluster's project",
    ),
)
