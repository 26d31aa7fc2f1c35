"""A cluster has enough replicas to survive a node and still serve reads."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.topology import DECLARING, clusters_of, minimum_of
from policies.values import identifier, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Count the members of each cluster; one of them is the primary."""
    clusters, nameless = clusters_of(resource)
    yield from nameless
    for cluster in clusters:
        minimum = minimum_of(limits, cluster.scope)
        count = len(cluster.members)
        if count and cluster.replicas >= minimum:
            continue
        yield Finding(
            resource=resource,
            where=f"the number of replicas in scope {show(cluster.scope, identifier)}",
            found=f"{cluster.replicas} (of {count} members)" if count else "0, and there is no primary",
            allowed=f"at least {minimum}",
            cannot_tell=count + cluster.unknown > minimum,
        )


RULE = ResourceRule(
    id="patroni-cluster-keep-replicas",
    title="A cluster has at least two replicas.",
    severity=Severity.HIGH,
    reason="with fewer, losing one node leaves no synchronous standby, and the next loss is an outage or lost commits",
    fix="raise fashion-wallet:postgres replicas (or fashion-wallet:timescale replicas) to the minimum",
    spec=("7.1.1",),
    link="https://patroni.readthedocs.io/en/latest/replication_modes.html",
    limits=(
        Limit(
            name="minimum",
            schema={"type": "integer", "minimum": 0, "maximum": 15},
            default=2,
            meaning="The least number of replicas of a scope that `minimumByScope` does not name.",
        ),
        Limit(
            name="minimumByScope",
            schema={"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 15}},
            default={"timescale": 0},
            meaning="The least number of replicas of single scopes. Time series run on one node unless told otherwise.",
        ),
    ),
    absent="A cluster without members or scope, and a DataGuard without `clusters`, are violations. A stack without "
    "clusters is not.",
    types=DECLARING,
    example=Example(
        refused='members=["postgres-1", "postgres-2"]', taken='members=["postgres-1", "postgres-2", "postgres-3"]'
    ),
    check=check,
)
