"""A secret has a copy in another region, under a key of our own there."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import SECRET
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the replicas; the region of the secret itself does not count as another."""
    replicas, here = resource.at("replicas"), resource.region
    entries = replicas if isinstance(replicas, list) else [replicas]
    answers = [_fine(one, here) for one in entries]
    if True not in answers:
        yield Finding(
            resource=resource,
            where="replicas",
            found="without one in another region that has a key",
            allowed="a replica with region and kmsKeyId",
            cannot_tell=UNKNOWN in answers,
        )


def _fine(replica: Any, here: Any) -> Any:
    if replica is UNKNOWN:
        return UNKNOWN
    values = [at(replica, "region"), at(replica, "kmsKeyId")]
    if any(value is not UNKNOWN and not (isinstance(value, str) and value.strip()) for value in values):
        return False
    if values[0] == here and here is not UNKNOWN:
        return False
    return UNKNOWN if UNKNOWN in (*values, here) else True


RULE = ResourceRule(
    id="secret-copy-elsewhere",
    title="A secret has a copy in another region, under a key of our own there.",
    severity=Severity.MEDIUM,
    reason="the replica for recovery is of no use to services that cannot read their passwords there",
    fix="give the secret a replica in the recovery region with the key's replica there",
    spec=("5.2.2",),
    link="https://docs.aws.amazon.com/secretsmanager/latest/userguide/create-manage-multi-region-secrets.html",
    topic="secrets",
    absent="No replica, and one without a key, are violations.",
    example=Example(
        refused="replicas=[]",
        taken='replicas=[SecretReplicaArgs(region="eu-west-1", kms_key_id=keys.recovery_key("secrets").arn)]',
    ),
    types=(SECRET,),
    check=check,
)
