"""How a service connects to MongoDB: the options of section 4.1.1 of the specification, and what a URI may say.

A URI wins over nothing silently. Without explicit options, what the URI states takes the place of the default and is
shown by `MongoService.options`; with explicit options, a URI that states something else is refused with both values.
What no option here names (hosts, credentials, replicaSet, authSource, tlsCAFile, …) is the URI's alone.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Self

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from walletdb.services.errors import MongoSettingsError

__all__ = ["MongoOptions", "MongoUri"]

READ_PREFERENCES = ("primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest")
READ_CONCERNS = ("local", "majority", "linearizable")

_NAMES = {
    "app_name": "appname",
    "max_pool_size": "maxPoolSize",
    "min_pool_size": "minPoolSize",
    "max_idle_time_ms": "maxIdleTimeMS",
    "wait_queue_timeout_ms": "waitQueueTimeoutMS",
    "server_selection_timeout_ms": "serverSelectionTimeoutMS",
    "socket_timeout_ms": "socketTimeoutMS",
    "connect_timeout_ms": "connectTimeoutMS",
    "retry_writes": "retryWrites",
    "retry_reads": "retryReads",
    "w": "w",
    "journal": "journal",
    "write_timeout_ms": "wTimeoutMS",
    "read_preference": "readPreference",
    "read_concern_level": "readConcernLevel",
    "tz_aware": "tz_aware",
}
"""Field → MongoDB's name for it, in a URI and as the driver's argument."""

_IN_SECONDS = frozenset({"maxidletimems", "waitqueuetimeoutms", "serverselectiontimeoutms"}) | {
    "sockettimeoutms",
    "connecttimeoutms",
}
"""What PyMongo's parser turns from milliseconds into seconds."""

_UNVERIFIED = ("tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames")
_SRV = "mongodb+srv://"
_PLAIN = "mongodb://"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MongoOptions:
    """Section 4.1.1 of the specification; times are milliseconds.

    Attributes:
        app_name: What the server's log and `currentOp` show of this client; empty: nothing.
        max_pool_size: Connections to each member at most.
        min_pool_size: Connections to each member that are kept open.
        max_idle_time_ms: An unused connection is closed after this, above the minimum.
        wait_queue_timeout_ms: Longest wait for a connection of a full pool. The specification is silent and the driver
            would wait for ever: a service whose pool is exhausted answers with an error instead.
        server_selection_timeout_ms: Longest wait for a member that fits, such as a primary during an election.
        socket_timeout_ms: Longest wait for an answer to one command.
        connect_timeout_ms: Longest wait for a connection, TLS included; also of each look at a member's health.
        retry_writes: A write that failed on the way is sent once more, and applied once.
        retry_reads: The same of a read.
        w: Members that must have a write: "majority", or a number from 1.
        journal: Whether they must have it on disk.
        write_timeout_ms: Longest wait for `w`. What is late is an error and may be applied all the same.
        read_preference: One of `primary`, `primaryPreferred`, `secondary`, `secondaryPreferred`, `nearest`.
        read_concern_level: `local`, `majority` or `linearizable`.
        tz_aware: Whether points of time are read as UTC with its zone, which compares with other code's.
        slow_query_ms: A command that takes longer is logged, without values (section 5.1.1).
        health_timeout_ms: What `health_check` and `check` may take.

    Raises:
        MongoSettingsError: a value is outside what is allowed.
    """

    app_name: str = ""
    max_pool_size: int = 100
    min_pool_size: int = 10
    max_idle_time_ms: int = 30_000
    wait_queue_timeout_ms: int = 10_000
    server_selection_timeout_ms: int = 5_000
    socket_timeout_ms: int = 45_000
    connect_timeout_ms: int = 10_000
    retry_writes: bool = True
    retry_reads: bool = True
    w: str | int = "majority"
    journal: bool = True
    write_timeout_ms: int = 5_000
    read_preference: str = "primaryPreferred"
    read_concern_level: str = "majority"
    tz_aware: bool = True
    slow_query_ms: int = 200
    health_timeout_ms: int = 2_000

    def __post_init__(self) -> None:
        for name, allowed, holds in self._rules():
            if not holds:
                raise MongoSettingsError(
                    f"MongoOptions.{name} cannot be used",
                    got=repr(getattr(self, name)),
                    allowed=allowed,
                    fix="change it where MongoOptions are made, or in the URI",
                )

    def _rules(self) -> list[tuple[str, str, bool]]:
        """Field, what is allowed, whether it holds."""
        times = [field.name for field in dataclasses.fields(self) if field.name.endswith("_ms")]
        return [
            ("max_pool_size", "1 or more: 0 would be no limit", self.max_pool_size >= 1),
            ("min_pool_size", f"0 to max_pool_size ({self.max_pool_size})", self._pool_fits()),
            *((name, "1 or more, in milliseconds", getattr(self, name) >= 1) for name in times),
            ("w", '"majority" or a number from 1: 0 would acknowledge nothing', self._acknowledged()),
            ("read_preference", ", ".join(READ_PREFERENCES), self.read_preference in READ_PREFERENCES),
            ("read_concern_level", ", ".join(READ_CONCERNS), self.read_concern_level in READ_CONCERNS),
        ]

    def _pool_fits(self) -> bool:
        return 0 <= self.min_pool_size <= self.max_pool_size

    def _acknowledged(self) -> bool:
        return self.w == "majority" or (isinstance(self.w, int) and not isinstance(self.w, bool) and self.w >= 1)

    @classmethod
    def from_uri(cls, uri: str) -> Self:
        """The defaults, with what the URI states in their place.

        Raises:
            MongoSettingsError: the URI cannot be used, or states something that is not allowed.
        """
        return cls(**MongoUri.parse(uri).stated)

    def agree_with(self, uri: MongoUri) -> None:
        """Refuse a URI that states something else.

        Raises:
            MongoSettingsError: with both values.
        """
        for name, value in uri.stated.items():
            mine = getattr(self, name)
            if mine != value:
                raise MongoSettingsError(
                    f"the URI and MongoOptions.{name} disagree, and neither wins silently",
                    got=f"{_NAMES[name]}={value} in the URI, {name}={mine!r} in the options",
                    allowed="the same value in both, or in the options alone",
                    fix="take it out of one, or begin with MongoOptions.from_uri(uri) and dataclasses.replace",
                )

    def for_driver(self) -> dict[str, Any]:
        """Arguments of PyMongo's client."""
        given = {option: getattr(self, name) for name, option in _NAMES.items()}
        if not self.app_name:
            del given["appname"]
        return given


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MongoUri:
    """A URI that was looked at without connecting to anything. Its text, with the password, is in no `repr`.

    Attributes:
        text: As given.
        hosts: Host and port of each seed; one host and no port of a `mongodb+srv` URI.
        database: Named after the hosts, or None.
        tls: Whether connections are encrypted; the chain and the host name are then always verified. The minimum
            version is the server's to set: the driver has no option for it.
        stated: The fields of `MongoOptions` that the URI states, and their values.
    """

    text: str = dataclasses.field(repr=False)
    hosts: tuple[tuple[str, int | None], ...]
    database: str | None
    tls: bool
    stated: Mapping[str, Any] = dataclasses.field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URI and hold it against the rules of TLS.

        Raises:
            MongoSettingsError: it is none; an option in it is unknown or wrong; it would send data in clear over a
                network, or would not verify the server.
        """
        found = _parsed(text)
        said = {name.lower(): value for name, value in found["options"].items()}
        hosts = tuple((str(host), port) for host, port in found["nodelist"])
        tls = bool(said.get("tls", text.startswith(_SRV)))
        _refuse_clear_text(hosts, tls=tls)
        if unverified := [name for name in _UNVERIFIED if said.get(name)]:
            raise MongoSettingsError(
                "the URI turns the verification of the server off",
                got=", ".join(f"{name}=true" for name in unverified),
                allowed="a chain and a host name that are verified",
                fix="take the option out and name the authority with tlsCAFile=",
            )
        stated = {
            name: _as_field(said[option.lower()], option) for name, option in _NAMES.items() if option.lower() in said
        }
        return cls(text=text, hosts=hosts, database=found["database"], tls=tls, stated=stated)


def _as_field(value: object, option: str) -> object:
    if option.lower() in _IN_SECONDS:
        return round(float(str(value)) * 1000) if value is not None else 0
    return value


def _parsed(text: str) -> dict[str, Any]:
    """What PyMongo's parser makes of it. Its texts may quote parts of a password, so none is shown."""
    scheme = next((scheme for scheme in (_SRV, _PLAIN) if text.startswith(scheme)), None)
    if scheme is None:
        raise _unusable("it begins with neither mongodb:// nor mongodb+srv://")
    address, _, query = text.removeprefix(scheme).partition("?")
    # A +srv URI is looked at as a plain one, since its own parser would ask the name service.
    pairs = [pair for pair in re.split("[&;]", query) if pair and not pair.lower().startswith("srv")]
    for pair in pairs:
        name, separator, _ = pair.partition("=")
        if not separator or name.lower() == "readpreferencetags":
            continue
        try:
            parse_uri(f"{_PLAIN}localhost/?{pair}")
        except (PyMongoError, ValueError, TypeError, OSError):
            # A password with a bare "?" in it ends up here: then an "@" follows, and nothing of it is shown.
            shown = "one of its options" if "@" in query else f"its option {name}"
            raise _unusable(f"{shown} is unknown, or has a value that it cannot have") from None
    try:
        return parse_uri(f"{_PLAIN}{address}" + (f"?{'&'.join(pairs)}" if pairs else ""))
    except (PyMongoError, ValueError, TypeError, OSError, IndexError):
        raise _unusable("hosts, credentials, database or a combination of options cannot be read") from None


def _unusable(reason: str) -> MongoSettingsError:
    return MongoSettingsError(
        "the MongoDB URI cannot be used",
        got=f"{reason} (the URI is not shown: it may hold a password)",
        allowed="mongodb://user:password@host:port,…/database?option=value&…",
        fix="take it from the stack's outputs; in user and password, percent-encode what is no letter, digit or -._~",
    )


def _refuse_clear_text(hosts: tuple[tuple[str, int | None], ...], *, tls: bool) -> None:
    away = [host for host, _ in hosts if not _on_this_machine(host)]
    if tls or not away:
        return
    raise MongoSettingsError(
        "the URI would send data and credentials in clear over a network",
        got=f"{', '.join(away)} without tls=true",
        allowed="TLS to every host but this machine's loopback addresses",
        fix="add tls=true, and tlsCAFile= where the server's authority is none of the system's",
    )


def _on_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".sock"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
