"""A bucket has no access list of the old kind that opens it."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import BUCKET
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="s3-bucket-forbid-acl",
    title="A bucket has no access list of the old kind that opens it.",
    severity=Severity.HIGH,
    reason="an access list is read beside the policy, and nobody looks there",
    fix="leave acl out and say who may in the bucket's policy",
    spec=("6.1",),
    frameworks=("AWS Security Hub S3.12",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    topic="buckets",
    limits=(choice("allowed", ["private"], "The lists that may be named."),),
    absent="Unset is right.",
    example=Example(refused='acl="public-read"', taken="# acl is left out"),
    types=(BUCKET,),
    check=one_of("acl", limit="allowed", unset=True),
)
