"""Every bucket of backups locks its objects."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_LOCK, BUCKET_LOGGING
from policies.relations import each_has, relation
from policies.rule import Example, Resource, Stack, StackRule

__all__ = ["RULE"]


def _is_for_logs(stack: Stack, resource: Resource) -> Any:
    """Whether other buckets' access logs go there."""
    found = stack.referring(BUCKET_LOGGING, ("targetBucket",), resource, "bucket", "id")
    return relation(verdict for _, verdict in found)


RULE = StackRule(
    id="s3-bucket-lock-objects",
    title="Every bucket of backups locks its objects.",
    severity=Severity.HIGH,
    reason="who has the keys of a day deletes the backups before the databases",
    fix="declare a BucketObjectLockConfiguration; the bucket needs objectLockEnabled from the start",
    spec=("5.2.1", "5.2.2"),
    frameworks=("AWS Security Hub S3.15",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
    topic="buckets",
    absent="A bucket without it is a violation, but one that access logs go to.",
    example=Example(
        refused="aws.s3.Bucket(…) # alone", taken="aws.s3.BucketObjectLockConfiguration(…, bucket=bucket.bucket)"
    ),
    check=each_has(
        (BUCKET,),
        BUCKET_LOCK,
        ("bucket",),
        ("bucket", "id"),
        what="its lock of objects",
        allowed="a BucketObjectLockConfiguration for this bucket",
        unless=_is_for_logs,
    ),
)
