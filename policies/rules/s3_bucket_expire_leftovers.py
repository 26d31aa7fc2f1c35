"""Every bucket removes uploads that were not completed, and old versions."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_LIFECYCLE
from policies.relations import each_has, relation
from policies.rule import Example, Resource, StackRule
from policies.values import UNKNOWN, at

__all__ = ["RULE"]


_WANTED = ("abortIncompleteMultipartUpload", "noncurrentVersionExpiration")


def _expires(resource: Resource) -> Any:
    """Whether rules that are on do both: true, false, or `UNKNOWN`."""
    rules = resource.at("rules")
    entries = rules if isinstance(rules, list) else [rules]
    answers = [relation(_has(rule, name) for rule in entries) for name in _WANTED]
    return False if False in answers else UNKNOWN if UNKNOWN in answers else True


def _has(rule: Any, name: str) -> Any:
    if rule is UNKNOWN:
        return UNKNOWN
    status, value = at(rule, "status"), at(rule, name)
    if UNKNOWN in (status, value):
        return UNKNOWN
    return status == "Enabled" and isinstance(value, dict) and bool(value)


RULE = StackRule(
    id="s3-bucket-expire-leftovers",
    title="Every bucket removes uploads that were not completed, and old versions.",
    severity=Severity.LOW,
    reason="parts of uploads are seen by nobody and paid for by somebody; versions without an end are "
    "personal data without one",
    fix="declare a BucketLifecycleConfiguration with both",
    spec=("5.2.1",),
    frameworks=("AWS Security Hub S3.13", "AWS Security Hub S3.10"),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
    topic="buckets",
    absent="A bucket without it is a violation.",
    example=Example(
        refused="aws.s3.Bucket(…) # alone", taken="abort_incomplete_multipart_upload=…, noncurrent_version_expiration=…"
    ),
    check=each_has(
        (BUCKET,),
        BUCKET_LIFECYCLE,
        ("bucket",),
        ("bucket", "id"),
        what="its lifecycle",
        allowed="a lifecycle rule with abortIncompleteMultipartUpload and noncurrentVersionExpiration",
        good=_expires,
    ),
)
