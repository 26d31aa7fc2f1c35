"""Reading a resource's properties, where a value may be unset or not known yet.

A rule sees both as values (`UNSET`, `UNKNOWN`) and decides about them: an unknown value never makes it skip the rest.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

__all__ = ["UNKNOWN", "UNSET", "Absent", "at", "identifier", "ip_addresses", "is_loopback", "is_true", "show"]


class Absent(Enum):
    """A value that is not there."""

    UNSET = "unset"
    UNKNOWN = "not known yet"


UNSET = Absent.UNSET
UNKNOWN = Absent.UNKNOWN

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]{0,62}")


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

    Who put a password in the wrong place did not mark it as a secret. So a text is printed only if `public` says that
    it has the form of what belongs there; numbers and booleans always are.
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
