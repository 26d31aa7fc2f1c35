"""Every bucket keeps versions."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_VERSIONING
from policies.relations import each_has
from policies.rule import Example, Resource, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def _enabled(resource: Resource) -> Any:
    status = resource.at("versioningConfiguration", "status")
    return status if status is UNKNOWN else status == "Enabled"


RULE = StackRule(
    id="s3-bucket-keep-versions",
    title="Every bucket keeps versions.",
    severity=Severity.HIGH,
    reason="what is overwritten, by a fault or for a ransom, is otherwise gone",
    fix="declare a BucketVersioning with status Enabled",
    spec=("5.2.1", "5.2.2"),
    frameworks=("AWS Security Hub S3.14",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
    topic="buckets",
    absent="A bucket without it is a violation.",
    example=Example(refused='status="Suspended"', taken='status="Enabled"'),
    check=each_has(
        (BUCKET,),
        BUCKET_VERSIONING,
        ("bucket",),
        ("bucket", "id"),
        what="its versions",
        allowed="a BucketVersioning with status Enabled",
        good=_enabled,
    ),
)
