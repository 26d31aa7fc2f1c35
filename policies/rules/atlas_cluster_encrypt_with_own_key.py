"""The disks and snapshots of a cluster on Atlas are encrypted by a key of our own."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import ATLAS_CLUSTER
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-encrypt-with-own-key",
    title="The disks and snapshots of a cluster on Atlas are encrypted by a key of our own.",
    severity=Severity.HIGH,
    reason="with NONE the disks are encrypted by the cloud's key, which we can neither rotate nor withdraw",
    fix="set encryptionAtRestProvider to AWS, after EncryptionAtRest with the key of the domain documents",
    spec=("6.2.1",),
    link="https://www.mongodb.com/docs/atlas/security-kms-encryption/",
    topic="documents",
    limits=(choice("allowed", ["AWS"], "The providers of keys that are allowed."),),
    absent="Unset means NONE and is a violation.",
    example=Example(refused='encryption_at_rest_provider="NONE"', taken='encryption_at_rest_provider="AWS"'),
    types=(ATLAS_CLUSTER,),
    check=one_of("encryptionAtRestProvider", limit="allowed"),
)
