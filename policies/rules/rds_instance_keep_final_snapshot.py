"""A database on RDS that is deleted leaves a snapshot, whose name is known from the start."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import RDS_INSTANCE, is_replica
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the switch and the name; RDS takes no final snapshot of a replica."""
    replica = is_replica(resource)
    if replica is True:
        return
    skip, name = resource.at("skipFinalSnapshot"), resource.at("finalSnapshotIdentifier")
    if skip is not UNSET and skip is not False and skip != "false":
        unknown = UNKNOWN if UNKNOWN in (skip, replica) else skip
        yield Finding.judge(
            resource, "skipFinalSnapshot", unknown, found=show(skip, public_form), allowed="false, or unset"
        )
    if not isinstance(name, str) or not name.strip():
        unknown = UNKNOWN if UNKNOWN in (name, replica) else name
        yield Finding.judge(
            resource, "finalSnapshotIdentifier", unknown, found=show(name, public_form), allowed="a name"
        )


RULE = ResourceRule(
    id="rds-instance-keep-final-snapshot",
    title="A database on RDS that is deleted leaves a snapshot, whose name is known from the start.",
    severity=Severity.CRITICAL,
    reason="RDS asks for the name only when the instance is deleted, and takes it from what was recorded "
    "before: too late to add",
    fix="leave skipFinalSnapshot false and set finalSnapshotIdentifier when the instance is made",
    spec=("5.2.1", "5.2.2"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
    topic="relational database",
    absent="An unset switch is allowed (the provider's default is false); an unset name is a violation. "
    "Replicas are not judged.",
    example=Example(refused="skip_final_snapshot=True", taken='final_snapshot_identifier="fashion-wallet-prod-final"'),
    types=(RDS_INSTANCE,),
    check=check,
)
