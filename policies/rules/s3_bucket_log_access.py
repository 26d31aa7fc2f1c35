"""Who reads and writes every bucket of backups is logged."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_LOGGING
from policies.relations import each_has, relation
from policies.rule import Example, Resource, Stack, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def _is_for_logs(stack: Stack, resource: Resource) -> Any:
    """Whether other buckets' access logs go there."""
    found = stack.referring(BUCKET_LOGGING, ("targetBucket",), resource, "bucket", "id")
    return relation(verdict for _, verdict in found)


def _has_target(resource: Resource) -> Any:
    target, own = resource.at("targetBucket"), resource.at("bucket")
    if target is UNKNOWN:
        return UNKNOWN
    return isinstance(target, str) and bool(target.strip()) and target != own


RULE = StackRule(
    id="s3-bucket-log-access",
    title="Who reads and writes every bucket of backups is logged.",
    severity=Severity.MEDIUM,
    reason="a dump that was carried away leaves a trace only here",
    fix="declare a BucketLogging with the bucket of access logs",
    spec=("6.3.1",),
    frameworks=("AWS Security Hub S3.9",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",
    topic="buckets",
    absent="A bucket without it is a violation, but one that access logs go to.",
    example=Example(
        refused="aws.s3.Bucket(…) # alone",
        taken="aws.s3.BucketLogging(…, bucket=bucket.bucket, target_bucket=logs.bucket)",
    ),
    check=each_has(
        (BUCKET,),
        BUCKET_LOGGING,
        ("bucket",),
        ("bucket", "id"),
        what="its access log",
        allowed="a BucketLogging with another bucket as its target",
        good=_has_target,
        unless=_is_for_logs,
    ),
)
