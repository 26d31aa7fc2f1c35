"""A bucket with objects in it cannot be destroyed."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import BUCKET
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="s3-bucket-forbid-forced-destroy",
    title="A bucket with objects in it cannot be destroyed.",
    severity=Severity.CRITICAL,
    reason="with forceDestroy, removing the bucket from the program deletes every dump first",
    fix="leave forceDestroy out",
    spec=("5.2.1", "5.2.2"),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html",
    topic="buckets",
    absent="Unset is allowed: it is then false.",
    example=Example(refused="force_destroy=True", taken="# it is left out"),
    types=(BUCKET,),
    check=switch_off("forceDestroy", unset=True),
    remedy=lambda _resource, _limits: {("forceDestroy",): False},
)
