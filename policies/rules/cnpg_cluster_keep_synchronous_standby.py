"""A commit of the time-series cluster is on another instance before the client is told."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import number, public_form
from policies.cloud import CNPG_CLUSTER
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the number of synchronous standbys, given in the newer or the older way."""
    newer = resource.at("spec", "postgresql", "synchronous", "number")
    older = resource.at("spec", "minSyncReplicas")
    value = newer if newer is not UNSET else older
    found = number(value)
    if found is None or found < limits["minimum"]:
        where = "spec.postgresql.synchronous.number"
        allowed = f"at least {limits['minimum']}"
        yield Finding.judge(resource, where, value, found=show(value, public_form), allowed=allowed)


RULE = ResourceRule(
    id="cnpg-cluster-keep-synchronous-standby",
    title="A commit of the time-series cluster is on another instance before the client is told.",
    severity=Severity.HIGH,
    reason="a failover to an instance that lags loses commits that somebody was told are safe",
    fix="set fashion-wallet:timescale synchronousStandbys to 1 or more",
    spec=("7.1.1", "5.2.2"),
    link="https://cloudnative-pg.io/documentation/current/replication/#synchronous-replication",
    topic="kubernetes",
    limits=(least("minimum", 1, "The least number of synchronous standbys.", maximum=10),),
    example=Example(refused="# no synchronous: asynchronous", taken='synchronous={"method": "any", "number": 1}'),
    types=(CNPG_CLUSTER,),
    check=check,
)
