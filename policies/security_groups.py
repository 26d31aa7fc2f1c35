"""Reads the ways in and out of a security group, of each of the three resources that can open one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.cloud import EGRESS_RULE, INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE
from policies.rule import Resource
from policies.values import UNKNOWN, UNSET, at

__all__ = ["Opening", "openings"]

_ALONE: Final = {INGRESS_RULE: "ingress", EGRESS_RULE: "egress"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One way in or out: from where, by which protocol, to which ports. `where` is its path, empty for the resource."""

    where: str
    addresses: tuple[tuple[str, Any], ...]
    protocol: Any
    from_port: Any
    to_port: Any


def openings(resource: Resource, direction: str) -> Iterator[Opening]:
    """Yield the ways in (`ingress`) or out (`egress`) that a resource opens."""
    if resource.type in _ALONE:
        if _ALONE[resource.type] == direction:
            names = ("cidrIpv4", "cidrIpv6")
            addresses = tuple((name, resource.at(name)) for name in names if resource.at(name) is not UNSET)
            yield _opening(resource.properties, "", addresses, "ipProtocol")
    elif resource.type == SECURITY_GROUP_RULE:
        kind = resource.at("type")
        if kind in (direction, UNKNOWN, UNSET):
            yield _opening(resource.properties, "", tuple(_lists(resource.properties, "")), "protocol")
    elif resource.type == SECURITY_GROUP:
        found = resource.at(direction)
        for index, entry in enumerate(found if isinstance(found, list) else [UNKNOWN] if found is UNKNOWN else []):
            where = f"{direction}[{index}]"
            addresses = ((where, UNKNOWN),) if entry is UNKNOWN else tuple(_lists(entry, f"{where}."))
            yield _opening(entry, where, addresses, "protocol")


def _lists(entry: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name in ("cidrBlocks", "ipv6CidrBlocks"):
        found = at(entry, name)
        if found is UNKNOWN:
            yield f"{prefix}{name}", UNKNOWN
        for one in found if isinstance(found, list) else []:
            yield f"{prefix}{name}", one


def _opening(entry: Any, where: str, addresses: tuple[tuple[str, Any], ...], protocol: str) -> Opening:
    return Opening(
        where=where,
        addresses=addresses,
        protocol=at(entry, protocol),
        from_port=at(entry, "fromPort"),
        to_port=at(entry, "toPort"),
    )
