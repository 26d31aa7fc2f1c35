"""Every bucket is encrypted by a key of our own."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_ENCRYPTION, BUCKET_LOGGING
from policies.relations import each_has, relation
from policies.rule import Example, Resource, Stack, StackRule
from policies.values import UNKNOWN, at

__all__ = ["RULE"]


def _is_for_logs(stack: Stack, resource: Resource) -> Any:
    """Whether other buckets' access logs go there."""
    found = stack.referring(BUCKET_LOGGING, ("targetBucket",), resource, "bucket", "id")
    return relation(verdict for _, verdict in found)


def _by_own_key(resource: Resource) -> Any:
    """Whether a configuration names a key of KMS: true, false, or `UNKNOWN`."""
    rules = resource.at("rules")
    return relation(_names_key(rule) for rule in (rules if isinstance(rules, list) else [rules]))


def _names_key(rule: Any) -> Any:
    default = at(rule, "applyServerSideEncryptionByDefault") if rule is not UNKNOWN else UNKNOWN
    algorithm, key = at(default, "sseAlgorithm"), at(default, "kmsMasterKeyId")
    if algorithm is not UNKNOWN and algorithm not in ("aws:kms", "aws:kms:dsse"):
        return False
    if key is not UNKNOWN and not (isinstance(key, str) and key.strip() and not key.endswith("alias/aws/s3")):
        return False
    return UNKNOWN if UNKNOWN in (algorithm, key) else True


RULE = StackRule(
    id="s3-bucket-encrypt-with-own-key",
    title="Every bucket is encrypted by a key of our own.",
    severity=Severity.HIGH,
    reason="with S3's own key, who may read the object may read what is in it",
    fix="declare a BucketServerSideEncryptionConfiguration with the key of the domain backups",
    spec=("6.2.1", "5.2.2"),
    frameworks=("AWS Security Hub S3.17",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
    topic="buckets",
    absent="A bucket without it, and one that S3 encrypts by its own key, are violations; S3 delivers "
    "access logs into no other.",
    example=Example(
        refused='sse_algorithm="AES256"', taken='sse_algorithm="aws:kms", kms_master_key_id=keys.key("backups").arn'
    ),
    check=each_has(
        (BUCKET,),
        BUCKET_ENCRYPTION,
        ("bucket",),
        ("bucket", "id"),
        what="its encryption",
        allowed="a configuration with aws:kms and kmsMasterKeyId",
        good=_by_own_key,
        unless=_is_for_logs,
    ),
)
