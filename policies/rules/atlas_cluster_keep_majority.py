"""A cluster on Atlas has three electable nodes or more, an odd number."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.checks import number
from policies.cloud import ATLAS_CLUSTER
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Count the electable nodes of each shard, over its regions."""
    specs = resource.at("replicationSpecs")
    entries = specs if isinstance(specs, list) and specs else [specs]
    for index, spec in enumerate(entries):
        nodes, unsure = _electable(spec)
        least = limits["minimum"]
        if nodes < least or nodes % 2 == 0 or unsure:
            yield Finding(
                resource=resource,
                where=f"the number of electable nodes of replicationSpecs[{index}]",
                found=str(nodes),
                allowed=f"an odd number, {least} or more",
                cannot_tell=unsure,
            )


def _electable(spec: Any) -> tuple[int, bool]:
    """Return the nodes that are known, and whether there may be more."""
    regions = at(spec, "regionConfigs")
    if regions is UNKNOWN:
        return 0, True
    entries = regions if isinstance(regions, list) else []
    counts = [UNKNOWN if one is UNKNOWN else at(one, "electableSpecs", "nodeCount") for one in entries]
    return sum(int(number(count) or 0) for count in counts), UNKNOWN in counts


RULE = ResourceRule(
    id="atlas-cluster-keep-majority",
    title="A cluster on Atlas has three electable nodes or more, an odd number.",
    severity=Severity.HIGH,
    reason="with fewer, the loss of one leaves no majority, and with an even number one of them is of no use",
    fix="set fashion-wallet:mongodb members to 3 or 5",
    spec=("7.1.2",),
    link="https://www.mongodb.com/docs/atlas/cluster-config/multi-cloud-distribution/",
    topic="documents",
    limits=(least("minimum", 3, "The least number of electable nodes.", minimum=1, maximum=7),),
    absent="Unset, empty and zero are violations.",
    example=Example(refused="node_count=1", taken="node_count=3"),
    types=(ATLAS_CLUSTER,),
    check=check,
)
