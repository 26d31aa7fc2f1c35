"""The project of every cluster on Atlas has a key of our own."""

from pulumi_policy import Severity

from policies.cloud import ATLAS_CLUSTER, ATLAS_ENCRYPTION
from policies.relations import each_has
from policies.rule import Example, StackRule

__all__ = ["RULE"]


RULE = StackRule(
    id="atlas-cluster-require-own-key",
    title="The project of every cluster on Atlas has a key of our own.",
    severity=Severity.HIGH,
    reason="encryptionAtRestProvider of the cluster names a kind of key; which one it is the project says",
    fix="declare an EncryptionAtRest for the project",
    spec=("6.2.1",),
    link="https://www.mongodb.com/docs/atlas/security-kms-encryption/",
    topic="documents",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="mongodbatlas.AdvancedCluster(…) # alone",
        taken="mongodbatlas.EncryptionAtRest(…, project_id=project.id)",
    ),
    check=each_has(
        (ATLAS_CLUSTER,),
        ATLAS_ENCRYPTION,
        ("projectId",),
        ("projectId",),
        what="the key of its project",
        allowed="an EncryptionAtRest for the cluster's project",
    ),
)
