"""A primary on RDS has two replicas at least, each in a zone of its own."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import is_replica
from policies.limits import least
from policies.replicas import other_region, replicas_of
from policies.rule import Example, Finding, Limits, NotApplicableError, Resource, Stack, StackRule
from policies.selections import primaries
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Count the replicas of each primary in its region, and their zones."""
    found = primaries(stack)
    if not found:
        raise NotApplicableError("the stack has no primary on RDS")
    for primary in found:
        yield from _judge(stack, primary, limits["minimum"])


def _judge(stack: Stack, primary: Resource, least: int) -> Iterator[Finding]:
    near = [(one, sure) for one, sure in replicas_of(stack, primary) if other_region(one, primary) is not True]
    known = [one for one, sure in near if sure is True and other_region(one, primary) is False]
    zones = [one.at("availabilityZone") for one in known]
    distinct = {zone for zone in zones if isinstance(zone, str) and zone}
    unsure = len(near) > len(known) or UNKNOWN in zones
    if len(distinct) < least:
        yield Finding(
            resource=primary,
            where="the number of its replicas in zones of their own",
            found=f"{len(distinct)} (of {len(known)} replicas)",
            allowed=f"{least} or more",
            cannot_tell=(unsure and len(near) >= least) or is_replica(primary) is UNKNOWN,
        )


RULE = StackRule(
    id="rds-primary-keep-replicas",
    title="A primary on RDS has two replicas at least, each in a zone of its own.",
    severity=Severity.HIGH,
    reason="the specification wants two; both in one zone are lost with it",
    fix="set fashion-wallet:postgres replicas to 2, and name as many zones in fashion-wallet:cloud network.subnets",
    spec=("7.1.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html",
    topic="availability",
    limits=(least("minimum", 2, "The least number of replicas in the region of the primary.", maximum=15),),
    absent="A replica without a zone does not count.",
    example=Example(
        refused="# one replica",
        taken='rds.Instance(f"postgres-replica-{zone}", replicate_source_db=primary.identifier, '
        "availability_zone=zone)",
    ),
    check=check,
)
