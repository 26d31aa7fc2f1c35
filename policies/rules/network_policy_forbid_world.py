"""No network policy lets everybody in."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import NETWORK_POLICY
from policies.networks import is_public, network_form
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge from where each way in is open; one without `from` is open for everybody."""
    ways = resource.at("spec", "ingress")
    if ways is UNKNOWN:
        yield Finding.judge(resource, "spec.ingress", UNKNOWN, found="", allowed=_ALLOWED)
    for index, way in enumerate(ways if isinstance(ways, list) else []):
        sources, where = at(way, "from"), f"spec.ingress[{index}].from"
        if sources is UNKNOWN or not isinstance(sources, list) or not sources:
            unknown = UNKNOWN if UNKNOWN in (way, sources) else sources
            yield Finding.judge(resource, where, unknown, found="everybody", allowed=_ALLOWED)
            continue
        for source in sources:
            cidr = UNKNOWN if source is UNKNOWN else at(source, "ipBlock", "cidr")
            if cidr is UNKNOWN or is_public(cidr):
                yield Finding.judge(resource, where, cidr, found=show(cidr, network_form), allowed=_ALLOWED)


_ALLOWED = "pods, namespaces, or networks of our own"


RULE = ResourceRule(
    id="network-policy-forbid-world",
    title="No network policy lets in what comes from everywhere, or from the internet.",
    severity=Severity.HIGH,
    reason="every pod of the cluster, and whoever reaches its network, may then try to log in",
    fix="name the namespaces in fashion-wallet:cloud kubernetes.clientNamespaces",
    spec=("6.1",),
    link="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    topic="kubernetes",
    absent="No way in is right; one without `from` is a violation, and so is a network with public addresses.",
    example=Example(refused="ingress: [{}]", taken="ingress: [{from: [{namespaceSelector: …}]}]"),
    types=(NETWORK_POLICY,),
    check=check,
)
