"""The access list of a project on Atlas names private networks only."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import ATLAS_ACCESS
from policies.limits import least
from policies.networks import network_form, network_of
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET, show

__all__ = ["RULE"]


_GROUP = "awsSecurityGroup"


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the network or the address; a security group of the peered network is right."""
    given = [(name, resource.at(name)) for name in ("cidrBlock", "ipAddress") if resource.at(name) not in (UNSET, "")]
    if not given and resource.at(_GROUP) not in (UNSET, ""):
        return
    for name, value in given or [("cidrBlock", resource.at("cidrBlock"))]:
        network = network_of(value)
        if network is None or not network.is_private or network.prefixlen < limits["shortestPrefix"]:
            allowed = f"a private network with /{limits['shortestPrefix']} or longer"
            yield Finding.judge(resource, name, value, found=show(value, network_form), allowed=allowed)


RULE = ResourceRule(
    id="atlas-access-list-forbid-world",
    title="The access list of a project on Atlas names private networks only.",
    severity=Severity.CRITICAL,
    reason="an address of the internet in the list is a way in from the internet; services come by the "
    "private endpoint",
    fix="name networks of ours in fashion-wallet:cloud atlas.accessCidrs, or leave the list empty",
    spec=("6.1",),
    link="https://www.mongodb.com/docs/atlas/security/ip-access-list/",
    topic="documents",
    limits=(
        least("shortestPrefix", 12, "The widest network: a smaller prefix is a wider one.", minimum=1, maximum=32),
    ),
    absent="An entry without a network, an address or a group is a violation.",
    example=Example(refused='cidr_block="0.0.0.0/0"', taken='cidr_block="10.1.0.0/16"'),
    types=(ATLAS_ACCESS,),
    check=check,
)
