"""A storage class makes volumes that are encrypted by a key of our own."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import present, switch_on
from policies.cloud import STORAGE_CLASS
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


_ON = switch_on("parameters", "encrypted")
_KEY = present("parameters", "kmsKeyId", allowed="the ARN of the key of the domain timeseries")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the switch and the key."""
    yield from _ON(resource, limits)
    yield from _KEY(resource, limits)


RULE = ResourceRule(
    id="storage-class-encrypt",
    title="A storage class makes volumes that are encrypted by a key of our own.",
    severity=Severity.CRITICAL,
    reason="the cluster's default class need not encrypt, and a volume cannot be encrypted later",
    fix='set parameters encrypted="true" and kmsKeyId',
    spec=("6.2.1",),
    link="https://kubernetes.io/docs/concepts/storage/storage-classes/#aws-ebs",
    topic="kubernetes",
    example=Example(
        refused='parameters={"type": "gp3"}',
        taken='parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": keys.key("timeseries").arn}',
    ),
    types=(STORAGE_CLASS,),
    check=check,
)
