"""A bucket's block of public access blocks all four ways."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import BUCKET_BLOCK
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


_WAYS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_CHECKS = tuple(switch_on(way) for way in _WAYS)


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge each switch."""
    for one in _CHECKS:
        yield from one(resource, limits)


RULE = ResourceRule(
    id="s3-public-access-block-everything",
    title="A bucket's block of public access blocks all four ways.",
    severity=Severity.CRITICAL,
    reason="each of the four closes another way by which a mistake of one day opens the bucket",
    fix="set all four to True",
    spec=("6.1", "5.2.2"),
    frameworks=("AWS Security Hub S3.8", "CIS AWS Foundations Benchmark v3.0.0: 2.1.4"),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    topic="buckets",
    absent="Unset is a violation: the provider's default is false.",
    example=Example(
        refused="block_public_acls=True # and the others unset",
        taken="block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True",
    ),
    types=(BUCKET_BLOCK,),
    check=check,
    remedy=lambda _resource, _limits: {(way,): True for way in _WAYS},
)
