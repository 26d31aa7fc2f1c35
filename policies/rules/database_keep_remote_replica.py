"""A primary on RDS has a replica in another region."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import is_replica
from policies.plans import tri
from policies.replicas import other_region, replicas_of
from policies.rule import Example, Finding, Limits, NotApplicableError, Stack, StackRule
from policies.selections import primaries
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for a replica of each primary whose region is another."""
    found = primaries(stack)
    if not found:
        raise NotApplicableError("the stack has no primary on RDS")
    for primary in found:
        answers = [tri(other_region(one, primary), sure) for one, sure in replicas_of(stack, primary)]
        if True not in answers:
            yield Finding(
                resource=primary,
                where="its replica in another region",
                found="not there",
                allowed="an instance with replicateSourceDb of this one and a provider of another region",
                cannot_tell=UNKNOWN in answers or is_replica(primary) is UNKNOWN,
            )


RULE = StackRule(
    id="database-keep-remote-replica",
    title="A primary on RDS has a replica in another region.",
    severity=Severity.HIGH,
    reason="restored from copies of backups, the database would be away for hours; the specification allows one",
    fix="set fashion-wallet:cloud rds.recoveryReplica to true",
    spec=("5.2.2", "7.1.1"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.XRgn.html",
    topic="availability",
    absent="No such replica is a violation.",
    example=Example(
        refused="# all replicas in one region",
        taken='rds.Instance("postgres-recovery", replicate_source_db=primary.arn, '
        "opts=ResourceOptions(provider=recovery))",
    ),
    check=check,
)
