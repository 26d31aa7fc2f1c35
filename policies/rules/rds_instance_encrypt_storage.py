"""The disks of a database on RDS are encrypted."""

from typing import Any

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_INSTANCE, is_replica
from policies.rule import Example, Resource, ResourceRule
from policies.values import UNSET

__all__ = ["RULE"]


def _inherits(resource: Resource) -> Any:
    """Whether the disks are encrypted as the source's are: RDS copies that to a replica that says nothing."""
    return is_replica(resource) if resource.at("storageEncrypted") is UNSET else False


RULE = ResourceRule(
    id="rds-instance-encrypt-storage",
    title="The disks of a database on RDS are encrypted.",
    severity=Severity.CRITICAL,
    reason="data, WAL, temporary files, snapshots and replicas are all on these disks; RDS encrypts only a "
    "new instance",
    fix="set storageEncrypted=True with a key of the domain relational; an existing instance is "
    "encrypted by a copy of its snapshot",
    spec=("6.2.1",),
    frameworks=("AWS Security Hub RDS.3", "CIS AWS Foundations Benchmark v3.0.0: 2.3.1"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
    topic="relational database",
    absent="Unset is a violation, but on a replica, which is encrypted as its source is.",
    example=Example(
        refused="storage_encrypted=False", taken='storage_encrypted=True, kms_key_id=keys.key("relational").arn'
    ),
    types=(RDS_INSTANCE,),
    check=switch_on("storageEncrypted", unless=_inherits),
)
