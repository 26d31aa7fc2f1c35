"""The time-series cluster has two instances at least, each on a zone of its own."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import at_least, one_of, public_form
from policies.cloud import CNPG_CLUSTER
from policies.limits import choice, least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET, is_true, show

__all__ = ["RULE"]


_INSTANCES = at_least("spec", "instances", limit="minimum", unit="instances")
_ZONES = one_of("spec", "affinity", "topologyKey", limit="topologyKeys")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge how many there are and what keeps them apart."""
    yield from _INSTANCES(resource, limits)
    yield from _ZONES(resource, limits)
    apart = resource.at("spec", "affinity", "enablePodAntiAffinity")
    if apart is not UNSET and not is_true(apart):
        where = "spec.affinity.enablePodAntiAffinity"
        yield Finding.judge(resource, where, apart, found=show(apart, public_form), allowed="true, or unset")


RULE = ResourceRule(
    id="cnpg-cluster-keep-instances",
    title="The time-series cluster has two instances at least, each on a zone of its own.",
    severity=Severity.HIGH,
    reason="one instance is an outage for as long as a volume takes to move, and two on one zone are one",
    fix="raise fashion-wallet:timescale replicas",
    spec=("7.1.1",),
    link="https://cloudnative-pg.io/documentation/current/scheduling/",
    topic="kubernetes",
    limits=(
        least("minimum", 2, "The least number of instances.", minimum=1, maximum=50),
        choice("topologyKeys", ["topology.kubernetes.io/zone"], "What the instances may be kept apart by."),
    ),
    absent="Unset, empty and zero are violations; enablePodAntiAffinity may be left out.",
    example=Example(
        refused="instances=1", taken='instances=3, affinity={"topologyKey": "topology.kubernetes.io/zone"}'
    ),
    types=(CNPG_CLUSTER,),
    check=check,
)
