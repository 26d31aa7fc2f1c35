"""Rules between the settings of the network."""

from __future__ import annotations

import ipaddress

from settings.cloud.network import NetworkSettings
from settings.rules import Rule

__all__ = ["NETWORK_RULES"]

_ZONES = 3  # spec 7.1: one instance a zone, and the loss of one zone leaves two
_SMALLEST_SUBNET = 26
"""59 addresses: what RDS Proxy before a large instance takes (up to 45), instances, and endpoints."""


def _network(text: str) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network(text)


def _elsewhere(network: NetworkSettings) -> list[str]:
    """Return the zones that lie in another region."""
    return [zone for zone in sorted(network.subnets) if zone[:-1] != network.region]


def _outside(network: NetworkSettings) -> list[str]:
    """Return the subnets whose addresses are not the VPC's."""
    whole = _network(network.vpc_cidr)
    return [text for _, text in sorted(network.subnets.items()) if not _network(text).subnet_of(whole)]


def _small(network: NetworkSettings) -> list[str]:
    return [text for _, text in sorted(network.subnets.items()) if _network(text).prefixlen > _SMALLEST_SUBNET]


def _overlapping(network: NetworkSettings) -> tuple[str, str] | None:
    """Return the first two networks of clients, or a network of clients and the VPC, that overlap."""
    known = [network.vpc_cidr, *network.client_cidrs]
    for index, first in enumerate(known):
        for second in known[index + 1 :]:
            if _network(first).overlaps(_network(second)):
                return first, second
    return None


def _overlap_cause(network: NetworkSettings) -> str:
    pair = _overlapping(network)
    if pair is None:
        return ""
    first = "vpcCidr" if pair[0] == network.vpc_cidr else pair[0]
    return f"has {pair[1]}, which overlaps with {first}: there would be no telling whose an address is"


NETWORK_RULES: tuple[Rule[NetworkSettings], ...] = (
    Rule(
        key="recoveryRegion",
        holds="not `region`",
        broken=lambda n: n.recovery_region == n.region,
        cause=lambda _: "is the region itself, so a disaster there would take the copies too",
        got=lambda n: n.recovery_region,
        allowed=lambda n: f"any region but {n.region}",
        fix=lambda _: "choose another region, best one of the same jurisdiction",
    ),
    Rule(
        key="subnets",
        holds=f"{_ZONES} zones or more",
        broken=lambda n: len(n.subnets) < _ZONES,
        cause=lambda n: f"names {len(n.subnets)} zones, so the loss of one would leave too few",
        got=lambda n: sorted(n.subnets),
        allowed=lambda _: f"{_ZONES} zones or more",
        fix=lambda n: f"add a zone of {n.region} with a subnet of its own",
    ),
    Rule(
        key="subnets",
        holds="zones of `region`",
        broken=lambda n: bool(_elsewhere(n)),
        cause=lambda n: f"names {_elsewhere(n)[0]}, which is no zone of {n.region}",
        got=lambda n: sorted(n.subnets),
        allowed=lambda n: f"zones of {n.region}, say {n.region}a",
        fix=lambda _: "correct the zone, or region",
    ),
    Rule(
        key="subnets",
        holds="within `vpcCidr`, where the VPC is the layer's own",
        broken=lambda n: n.vpc_id is None and bool(_outside(n)),
        cause=lambda n: f"has {_outside(n)[0]}, which is outside of vpcCidr",
        got=lambda n: dict(n.subnets),
        allowed=lambda n: f"networks within {n.vpc_cidr}",
        fix=lambda _: "move the subnet, or widen vpcCidr",
    ),
    Rule(
        key="subnets",
        holds=f"/{_SMALLEST_SUBNET} or larger, where the VPC is the layer's own",
        broken=lambda n: n.vpc_id is None and bool(_small(n)),
        cause=lambda n: f"has {_small(n)[0]}, too few addresses for the instances, their proxy and the endpoints",
        got=lambda n: dict(n.subnets),
        allowed=lambda _: f"/{_SMALLEST_SUBNET} or larger",
        fix=lambda _: "widen the subnet; it can never be changed in place",
    ),
    Rule(
        key="subnetIds",
        holds="given exactly with `vpcId`",
        broken=lambda n: bool(n.subnet_ids) != (n.vpc_id is not None),
        cause=lambda n: "is empty, and vpcId names an existing VPC" if n.vpc_id else "is given without vpcId",
        got=lambda n: dict(n.subnet_ids),
        allowed=lambda n: "a subnet for each zone" if n.vpc_id else "nothing",
        fix=lambda n: "name the subnets of the VPC" if n.vpc_id else "name vpcId too, or leave both out",
    ),
    Rule(
        key="subnetIds",
        holds="for the zones of `subnets`",
        broken=lambda n: bool(n.vpc_id and n.subnet_ids) and set(n.subnet_ids) != set(n.subnets),
        cause=lambda n: f"and subnets differ in {', '.join(sorted(set(n.subnet_ids) ^ set(n.subnets)))}",
        got=lambda n: sorted(n.subnet_ids),
        allowed=lambda n: ", ".join(sorted(n.subnets)),
        fix=lambda _: "name the same zones in both",
    ),
    Rule(
        key="subnetIds",
        holds="each subnet once",
        broken=lambda n: len(set(n.subnet_ids.values())) < len(n.subnet_ids),
        cause=lambda _: "names one subnet for two zones, and a subnet is in one",
        got=lambda n: dict(n.subnet_ids),
        allowed=lambda _: "another subnet for each zone",
        fix=lambda _: "correct the id",
    ),
    Rule(
        key="clientCidrs",
        holds="apart from `vpcCidr` and from each other",
        broken=lambda n: _overlapping(n) is not None,
        cause=_overlap_cause,
        got=lambda n: list(n.client_cidrs),
        allowed=lambda n: f"networks apart from {n.vpc_cidr} and from each other",
        fix=lambda _: "keep the wider one only, or choose another vpcCidr",
    ),
    Rule(
        key="clientRoutes",
        holds="for networks of `clientCidrs`",
        broken=lambda n: not set(n.client_routes) <= set(n.client_cidrs),
        cause=lambda n: f"leads to {min(set(n.client_routes) - set(n.client_cidrs))}, which is no client",
        got=lambda n: sorted(n.client_routes),
        allowed=lambda n: ", ".join(n.client_cidrs) or "nothing, as there are no clientCidrs",
        fix=lambda _: "remove the route, or add its network to clientCidrs",
    ),
    Rule(
        key="clientRoutes",
        holds="empty with `vpcId`",
        broken=lambda n: n.vpc_id is not None and bool(n.client_routes),
        cause=lambda _: "is given for an existing VPC, whose routes are its owner's",
        got=lambda n: sorted(n.client_routes),
        allowed=lambda _: "nothing",
        fix=lambda _: "leave it out, and have the owner of the VPC add the routes",
    ),
    Rule(
        key="endpoints",
        holds="without `s3` with `vpcId`",
        broken=lambda n: n.vpc_id is not None and "s3" in n.endpoint_services,
        cause=lambda _: "has s3, which is a route in the tables of an existing VPC, and those are its owner's",
        got=lambda n: list(n.endpoint_services),
        allowed=lambda _: "all but s3",
        fix=lambda _: "remove s3, and have the owner of the VPC add that endpoint",
    ),
)
