"""Every replica on RDS is of an instance of the stack."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import RDS_INSTANCE, is_replica
from policies.replicas import source_of
from policies.rule import Example, Finding, Limits, NotApplicableError, Stack, StackRule
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for the source of each replica."""
    replicas = [one for one in stack.of(RDS_INSTANCE) if is_replica(one) is not False]
    if not replicas:
        raise NotApplicableError("the stack has no replica on RDS")
    for replica in replicas:
        verdict = source_of(stack, replica)
        if verdict is not True:
            source = replica.at("replicateSourceDb")
            yield Finding(
                resource=replica,
                where="replicateSourceDb",
                found=f"{show(source, public_form)}, which is no instance of the stack",
                allowed="an instance of the stack, by its identifier or, from another region, by its ARN",
                cannot_tell=verdict is UNKNOWN,
            )


RULE = StackRule(
    id="rds-replica-forbid-orphan",
    title="Every replica on RDS is of an instance of the stack.",
    severity=Severity.HIGH,
    reason="a replica whose source has gone or was renamed is a copy of yesterday that still answers",
    fix="set replicateSourceDb to primary.identifier, or from another region to primary.arn",
    spec=("7.1.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html",
    topic="availability",
    absent="An instance without a source is no replica.",
    example=Example(refused='replicate_source_db="fashion-wallet-old"', taken="replicate_source_db=primary.identifier"),
    check=check,
)
