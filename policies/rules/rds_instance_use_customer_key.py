"""The disks of a database on RDS are encrypted by a key of our own."""

from typing import Any

from pulumi_policy import Severity

from policies.checks import present
from policies.cloud import RDS_INSTANCE, is_replica
from policies.rule import Example, Resource, ResourceRule
from policies.values import UNSET

__all__ = ["RULE"]


def _inherits(resource: Resource) -> Any:
    """Whether the key is the source's: RDS takes that for a replica in the same region that says nothing."""
    return is_replica(resource) if resource.at("kmsKeyId") is UNSET else False


def _is_amazons(text: str) -> bool:
    return text.strip().endswith("alias/aws/rds")


RULE = ResourceRule(
    id="rds-instance-use-customer-key",
    title="The disks of a database on RDS are encrypted by a key of our own.",
    severity=Severity.HIGH,
    reason="Amazon's own key cannot be rotated, withdrawn or watched by us, and its snapshots cannot be "
    "copied to another account",
    fix="set kmsKeyId to the key of the domain relational (in another region: to its replica there)",
    spec=("6.2.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html",
    topic="relational database",
    absent="Unset means Amazon's key and is a violation, but on a replica, which takes its source's key.",
    example=Example(refused="storage_encrypted=True # and no key", taken='kms_key_id=keys.key("relational").arn'),
    types=(RDS_INSTANCE,),
    check=present("kmsKeyId", allowed="the ARN of a key that this stack makes", unless=_inherits, refuse=_is_amazons),
)
