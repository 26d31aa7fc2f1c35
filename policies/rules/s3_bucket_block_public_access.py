"""Every bucket blocks public access."""

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_BLOCK
from policies.relations import each_has
from policies.rule import Example, StackRule

__all__ = ["RULE"]


RULE = StackRule(
    id="s3-bucket-block-public-access",
    title="Every bucket blocks public access.",
    severity=Severity.CRITICAL,
    reason="a bucket alone is as open as its policy and the account's settings are, today",
    fix="declare a BucketPublicAccessBlock with all four switches on",
    spec=("6.1", "5.2.2"),
    frameworks=("AWS Security Hub S3.8",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    topic="buckets",
    absent="A bucket without it is a violation.",
    example=Example(
        refused="aws.s3.Bucket(…) # alone", taken="aws.s3.BucketPublicAccessBlock(…, bucket=bucket.bucket)"
    ),
    check=each_has(
        (BUCKET,),
        BUCKET_BLOCK,
        ("bucket",),
        ("bucket", "id"),
        what="its block of public access",
        allowed="a BucketPublicAccessBlock for this bucket",
    ),
)
