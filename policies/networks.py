"""Reads networks: whether addresses of the internet are in one."""

import ipaddress
import re
from typing import Any, Final

__all__ = ["Network", "is_public", "network_form", "network_of"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_FORM: Final = re.compile(r"[0-9a-fA-F:.]{1,45}/\d{1,3}")


def network_form(text: str) -> bool:
    """Whether a text has the form of a network, so that a message may show it."""
    return _FORM.fullmatch(text) is not None


def network_of(value: Any) -> Network | None:
    """Return the network that a text names, by its first address or another; nothing where it names none."""
    try:
        return ipaddress.ip_network(value, strict=False) if isinstance(value, str) else None
    except ValueError:
        return None


def is_public(value: Any) -> bool:
    """Whether a value is a network with addresses of the internet in it: the whole of it, its half, or one address."""
    network = network_of(value)
    return network is not None and network.is_global
