"""Checks of single values of the network's settings."""

from __future__ import annotations

import ipaddress
from typing import Final

from settings.checks import text_of, wrong

__all__ = ["cidr", "client_cidr", "each_once", "region", "zone_subnets"]

_LARGEST, _SMALLEST = 16, 28  # what AWS takes for a VPC and for a subnet
_WIDEST_CLIENTS: Final = 8
_PRIVATE: Final = tuple(ipaddress.IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
# Regions of other partitions have other names for services and other ARNs.
_OTHER_PARTITIONS: Final = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")


def region(value: str) -> str:
    """Accept a region of the partition `aws`."""
    if value.startswith(_OTHER_PARTITIONS):
        raise wrong("is in another partition of AWS, with other service names", "choose a region such as eu-central-1")
    return value


def cidr(value: object) -> str:
    """Accept the private IPv4 network of a VPC or a subnet."""
    network = _private(value)
    if not _LARGEST <= network.prefixlen <= _SMALLEST:
        raise wrong(
            f"is /{network.prefixlen}, and AWS takes between /{_LARGEST} and /{_SMALLEST}", "choose another size"
        )
    return str(network)


def client_cidr(value: object) -> str:
    """Accept a private IPv4 network of clients, of any size up to a whole private range."""
    network = _private(value)
    if network.prefixlen < _WIDEST_CLIENTS:
        raise wrong(f"is wider than /{_WIDEST_CLIENTS}", "name the networks that clients are in")
    return str(network)


def _private(value: object) -> ipaddress.IPv4Network:
    try:
        network = ipaddress.IPv4Network(text_of(value))
    except ValueError as error:  # bits behind the mask too
        raise wrong(f"is no IPv4 network: {error}", "write it as 10.40.0.0/16") from None
    if not any(network.subnet_of(private) for private in _PRIVATE):
        allowed = ", ".join(str(one) for one in _PRIVATE)
        raise wrong("is not private, and databases have no public address", f"choose one within {allowed}")
    return network


def zone_subnets(value: dict[str, str]) -> dict[str, str]:
    """Accept subnets of which no two overlap."""
    if not value:
        raise wrong("names no zone", "name each zone with its subnet")
    networks = [(zone, ipaddress.IPv4Network(text)) for zone, text in sorted(value.items())]
    for index, (zone, network) in enumerate(networks):
        for other, second in networks[index + 1 :]:
            if network.overlaps(second):
                raise wrong(f"has {network} in {zone} and {second} in {other}, which overlap", "move one of them")
    return value


def each_once(value: tuple[str, ...]) -> tuple[str, ...]:
    """Accept texts of which none is there twice."""
    twice = sorted({one for one in value if value.count(one) > 1})
    if twice:
        raise wrong(f"names {twice[0]} twice", "leave each once")
    return value
