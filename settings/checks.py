"""Checks of single values that a type and a bound cannot express.

Each takes the value as it was written and returns it, or raises a `PydanticCustomError` with the cause as its text and
the fix in its context; `problems.py` adds the path, the value and what is allowed.
"""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import PydanticCustomError

from settings.refused import reason_to_refuse

__all__ = [
    "Allowed",
    "absolute_directory",
    "database_name",
    "extension_names",
    "listen_address",
    "parameter_name",
    "parameter_value",
    "resource_ids",
    "scalar_text",
    "service_user",
    "text_of",
    "wrong",
]

_DATABASE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_EXTENSION = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_PARAMETER = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_RESOURCE_ID = re.compile(r"[A-Z][A-Za-z]*:\S+")
# pgbouncer is the name of the pooler's own console.
_TAKEN_DATABASES = ("postgres", "template0", "template1", "pgbouncer")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a setting accepts, in words; for those whose type does not say it."""

    text: str


def wrong(cause: str, fix: str) -> PydanticCustomError:
    """Return the error for a wrong value."""
    return PydanticCustomError("wrong", "{cause}", {"cause": cause, "fix": fix})


def text_of(value: object) -> str:
    """Accept a text."""
    if not isinstance(value, str):
        raise wrong("is no text", "write a text")
    return value


def absolute_directory(value: object) -> Path:
    """Accept an absolute folder that is not the root of the file system."""
    path = value if isinstance(value, Path) else Path(text_of(value))
    if not path.is_absolute():
        raise wrong(
            "is not an absolute path", "write the whole path, beginning with /; ~ and variables are not expanded"
        )
    if path == Path("/") or ".." in path.parts:
        raise wrong("is no folder of the stack's own", "name a folder that nothing else uses, without ..")
    if not str(path).isprintable():
        raise wrong("holds a control character", "remove it: server settings are lines of text")
    return path


def listen_address(value: object) -> str:
    """Accept one IPv4 address that is no wildcard."""
    text = text_of(value)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise wrong("is no IP address", "write 127.0.0.1, or the address of one network interface") from None
    if address.version != 4:  # noqa: PLR2004 - the version of IP
        raise wrong(
            "is an IPv6 address, which the servers of a local stack cannot be reached at yet", "write 127.0.0.1"
        )
    if address.is_unspecified or address.is_multicast:
        raise wrong("would listen on every interface", "write 127.0.0.1, or the address of one network interface")
    return str(address)


def service_user(value: object) -> str:
    """Accept the name of an unprivileged user."""
    text = text_of(value)
    if text == "root":
        raise wrong(
            "is the superuser, and PostgreSQL refuses to run as root", "name an unprivileged user, say postgres"
        )
    if not _USER.fullmatch(text):
        raise wrong("is no user name", "name an unprivileged user, say postgres")
    return text


def database_name(value: object) -> str:
    """Accept a database name that needs no quotes and that no server uses itself."""
    text = text_of(value)
    if text in _TAKEN_DATABASES:
        raise wrong("is a name the servers use themselves", "choose another name")
    if not _DATABASE.fullmatch(text):
        raise wrong("is no plain database name", "use small letters, digits and _, beginning with a letter or _")
    return text


def extension_names(value: tuple[str, ...]) -> tuple[str, ...]:
    """Accept names of extensions, each once, without timescaledb."""
    for name in value:
        if not _EXTENSION.fullmatch(name):
            raise wrong(f"holds {name!r}, which is no name of an extension", "use names of pg_available_extensions")
        if name == "timescaledb":
            raise wrong("holds timescaledb", "leave it out: fashion-wallet:timescale.timescaledb is its setting")
    if len(set(value)) != len(value):
        raise wrong("names an extension twice", "name each once")
    return value


def resource_ids(value: tuple[str, ...]) -> tuple[str, ...]:
    """Accept ids of stateful resources, `Type:name`."""
    for text in value:
        if not _RESOURCE_ID.fullmatch(text):
            raise wrong(f"holds {text!r}, which is no Type:name", "copy the id from the policy's message")
    return value


def parameter_name(value: object) -> str:
    """Accept a parameter of postgresql.conf that is neither derived nor guards security."""
    text = text_of(value)
    if not _PARAMETER.fullmatch(text):
        raise wrong("is no name of a server parameter", "write it as postgresql.conf does, in small letters")
    if reason := reason_to_refuse(text):
        raise wrong(f"may not be set here: {reason.cause}", reason.fix)
    return text


def parameter_value(value: object) -> str:
    """Accept a text, number or boolean, and return it as postgresql.conf writes it."""
    return scalar_text(value, yes="on", no="off")


def scalar_text(value: object, *, yes: str, no: str) -> str:
    """Accept a text on one line, a number or a boolean, and return it as text."""
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, int | float):
        return str(value)
    text = text_of(value)
    if not text.isprintable():
        raise wrong("holds a control character", "write the value on one line")
    return text
