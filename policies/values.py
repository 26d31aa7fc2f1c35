"""Reading a resource's properties, where a value may be unset or not known yet.

`pulumi_policy` hands a rule proxies that raise on a value that is unknown at preview. A rule that raises is skipped,
with everything else it had to say. `plain` turns the proxies into plain values once, so that a rule sees an unknown
as a value and decides about it.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from pulumi_policy.proxy import UnknownValueError

__all__ = ["UNKNOWN", "UNSET", "Absent", "at", "identifier", "ip_addresses", "is_loopback", "is_true", "plain", "show"]


class Absent(Enum):
    """A value that is not there."""

    UNSET = "unset"
    UNKNOWN = "not known yet"


UNSET = Absent.UNSET
UNKNOWN = Absent.UNKNOWN

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


def plain(value: Any) -> Any:
    """Copy a property of the engine into dicts, lists and scalars.

    Unknown values become `UNKNOWN`; null becomes `UNSET`; numbers arrive as floats, and a whole one becomes an int.
    """
    if isinstance(value, Mapping):
        return {str(key): _read(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_read(value, index) for index in range(len(value))]
    if value is None:
        return UNSET
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _read(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def at(properties: Any, *path: str) -> Any:
    """Return the plain value at a path; `UNSET` where a step is missing, `UNKNOWN` where a step is unknown."""
    value = properties
    for name in path:
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Mapping):
            return UNSET
        value = value.get(name, UNSET)
    return value


def is_true(value: Any) -> bool:
    """Whether a property is on. Providers' own settings arrive as texts, so "true" is on too."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def show(value: Any, public: Callable[[str], bool]) -> str:
    """Describe a value for a message without giving a secret away.

    `pulumi_policy` removes the mark of a secret before a rule sees the value (pulumi/pulumi-policy 241). So a text is
    printed only if `public` says that it has the form of what belongs there; numbers and booleans always are.
    """
    if isinstance(value, Absent):
        return value.value
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, str) and value.strip():
        return value if public(value) else "a text of another form (not printed: it may be secret)"
    if isinstance(value, str | list | dict):
        return "empty" if not value or isinstance(value, str) else f"a {type(value).__name__} of {len(value)}"
    return f"a value of type {type(value).__name__}"


def identifier(text: str) -> bool:
    """Whether a text is a plain SQL identifier, as names of roles and schemas are."""
    return _IDENTIFIER.fullmatch(text) is not None


def ip_addresses(text: str) -> bool:
    """Whether a text is one IP address or several with commas between, a wildcard, or `localhost`."""
    return all(part in {"*", "localhost"} or _address(part) is not None for part in _parts(text))


def is_loopback(text: str) -> bool:
    """Whether every address of a listener, with commas between, is this machine's loopback."""
    parts = _parts(text)
    return bool(parts) and all(_is_loopback(part) for part in parts)


def _is_loopback(part: str) -> bool:
    if part == "localhost":
        return True
    address = _address(part)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and address.is_loopback


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]
