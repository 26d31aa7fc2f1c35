"""What a mongod's answers say, as facts. Pure: no network, and nothing of PyMongo."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from walletdb.errors import ProbeError

__all__ = [
    "Clock",
    "ConfigView",
    "ConfiguredMember",
    "DiskView",
    "FactsView",
    "HelloView",
    "OpTime",
    "OplogView",
    "SeenMember",
    "ServerStatusView",
    "SettingsView",
    "StatusView",
    "optime",
    "parse_config",
    "parse_facts",
    "parse_hello",
]

Document = Mapping[str, Any]

_TLS = {"TLS1_0": "TLSv1.0", "TLS1_1": "TLSv1.1", "TLS1_2": "TLSv1.2", "TLS1_3": "TLSv1.3"}
_TLS_OFF_BY_DEFAULT = frozenset({"TLS1_0", "TLS1_1"})
"""mongod itself switches TLS 1.0 off where 1.1 can be had; OpenSSL 3 offers neither."""
_COLLECTIONS_WITH_VALIDATORS = ("create", "collMod")


@dataclasses.dataclass(frozen=True, order=True, slots=True)
class OpTime:
    """A place in the oplog: term of the primary that wrote it, seconds since 1970, counter within the second."""

    term: int
    seconds: int
    counter: int


@dataclasses.dataclass(frozen=True, slots=True)
class Clock:
    """This machine's clock minus the server's, and how wrong that may be; milliseconds."""

    offset_ms: float
    error_ms: float


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class HelloView:
    """What a member says to everybody. `primary`, `me`: host:port. `state` None: none of the three that it tells."""

    set_name: str | None
    state: str | None
    primary: str | None
    me: str | None
    config_version: int | None
    applied: OpTime | None
    clock: Clock | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SeenMember:
    """A member in another's eyes. `heard`: its heartbeats arrive."""

    address: str
    state: str
    heard: bool
    sync_source: str | None
    message: str
    applied: OpTime | None
    elected_at: dt.datetime | None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class StatusView:
    """replSetGetStatus. `members` has the member itself as well."""

    state: str
    term: int
    applied: OpTime | None
    applied_at: dt.datetime | None
    committed: OpTime | None
    sync_source: str | None
    message: str
    too_stale: bool
    members: tuple[SeenMember, ...]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ConfiguredMember:
    """A member in the set's configuration."""

    address: str
    arbiter: bool
    priority: float
    votes: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ConfigView:
    """replSetGetConfig."""

    name: str
    version: int
    election_timeout_ms: int
    members: tuple[ConfiguredMember, ...]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class OplogView:
    """The oplog's ends and size."""

    first: dt.datetime | None
    last: dt.datetime | None
    size_bytes: int
    maximum_bytes: int
    retention_h: float
    truncations: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class DiskView:
    """The file system that holds the data, whoever else uses it."""

    used_bytes: int
    total_bytes: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ServerStatusView:
    """serverStatus. Dictionaries are counters by kind."""

    version: str
    uptime_s: int
    storage_engine: str | None
    elections: Mapping[str, int]
    validators_refused: int
    cache_used_bytes: int | None
    cache_dirty_bytes: int | None
    cache_maximum_bytes: int | None
    connections: Mapping[str, int]
    asserts: Mapping[str, int]
    opcounters: Mapping[str, int]
    latency_ms: Mapping[str, float]
    collection_scans: int | None
    network: Mapping[str, int]
    resident_mib: int | None
    page_faults: int | None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SettingsView:
    """What the process was started with, and what the set has agreed on."""

    data_directory: str
    tls_accepted: tuple[str, ...]
    tls_mode: str
    cluster_auth_mode: str
    authorization: str
    journal: bool
    compatibility_version: str | None
    default_write_concern: str | None
    default_read_concern: str | None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class FactsView:
    """All that a member tells the administrator. `status` None: it belongs to no set yet."""

    status: StatusView | None
    config: ConfigView | None
    server: ServerStatusView
    settings: SettingsView
    oplog: OplogView | None
    disk: DiskView | None = None
    refused_writes: Mapping[str, int] | None = None
    """Collection → documents that its validator refused, as services noted; None where it could not be read."""


def optime(found: object) -> OpTime | None:
    """Read {ts: Timestamp, t: term}; the oldest entries of a set have no term, or -1."""
    if not isinstance(found, Mapping) or not hasattr(found.get("ts"), "time"):
        return None
    return OpTime(int(found.get("t", -1)), found["ts"].time, found["ts"].inc)


def parse_hello(hello: Document, clock: Clock | None = None) -> HelloView:
    """Read the answer to `hello`."""
    states = (("PRIMARY", "isWritablePrimary"), ("SECONDARY", "secondary"), ("ARBITER", "arbiterOnly"))
    return HelloView(
        set_name=hello.get("setName"),
        state=next((state for state, key in states if hello.get(key)), None),
        primary=hello.get("primary"),
        me=hello.get("me"),
        config_version=hello.get("setVersion"),
        applied=optime((hello.get("lastWrite") or {}).get("opTime")),
        clock=clock,
    )


def parse_facts(answers: Document) -> FactsView:
    """Read the answers to the commands of `walletdb.probes.mongodb`, each below its name; None where it was refused.

    Raises:
        ProbeError: an answer lacks what every mongod sends.
    """
    try:
        return FactsView(
            status=parse_status(answers["replSetGetStatus"]) if answers["replSetGetStatus"] else None,
            config=parse_config(answers["replSetGetConfig"]["config"]) if answers["replSetGetConfig"] else None,
            server=_server(answers["serverStatus"]),
            settings=_settings(answers),
            oplog=_oplog(answers["oplog"], answers["serverStatus"]) if answers["oplog"] else None,
            disk=_disk(answers.get("dbStats") or {}),
            refused_writes=_refused_writes(answers.get("refusedWrites")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProbeError(f"unexpected answer from mongod: {error!r}") from error


def parse_status(status: Document) -> StatusView:
    """Read the answer to replSetGetStatus."""
    members = tuple(_seen(member) for member in status["members"])
    own: Document = next((member for member in status["members"] if member.get("self")), {})
    times = status["optimes"]
    return StatusView(
        state=own.get("stateStr", "REMOVED"),
        term=status["term"],
        applied=optime(times.get("appliedOpTime")),
        applied_at=times.get("lastAppliedWallTime"),
        committed=optime(times.get("lastCommittedOpTime")),
        sync_source=status.get("syncSourceHost") or None,
        message=own.get("infoMessage") or "",
        too_stale=bool(status.get("tooStale") or own.get("tooStale")) or "too stale" in own.get("infoMessage", ""),
        members=members,
    )


def _seen(member: Document) -> SeenMember:
    heard = bool(member["health"])
    return SeenMember(
        address=member["name"],
        state=member["stateStr"],
        heard=heard,
        sync_source=member.get("syncSourceHost") or None,
        message=member.get("lastHeartbeatMessage") or member.get("infoMessage") or "",
        applied=optime(member.get("optime")),
        elected_at=member.get("electionDate"),
    )


def parse_config(config: Document) -> ConfigView:
    """Read a set's configuration."""
    return ConfigView(
        name=config["_id"],
        version=config["version"],
        election_timeout_ms=int(config["settings"]["electionTimeoutMillis"]),
        members=tuple(
            ConfiguredMember(
                address=member["host"],
                arbiter=bool(member.get("arbiterOnly")),
                priority=float(member.get("priority", 1)),
                votes=int(member.get("votes", 1)),
            )
            for member in config["members"]
        ),
    )


def _server(status: Document) -> ServerStatusView:
    commands = status.get("metrics", {}).get("commands", {})
    cache = status.get("wiredTiger", {}).get("cache", {})
    elections = {kind: one["called"] for kind, one in status.get("electionMetrics", {}).items() if _counted(one)}
    return ServerStatusView(
        version=status["version"],
        uptime_s=int(status["uptime"]),
        storage_engine=status.get("storageEngine", {}).get("name"),
        elections={kind: int(called) for kind, called in elections.items()},
        validators_refused=sum(
            int(commands.get(name, {}).get("validator", {}).get("failed", 0)) for name in _COLLECTIONS_WITH_VALIDATORS
        ),
        cache_used_bytes=cache.get("bytes currently in the cache"),
        cache_dirty_bytes=cache.get("tracked dirty bytes in the cache"),
        cache_maximum_bytes=cache.get("maximum bytes configured"),
        connections=_counters(status.get("connections", {}), ("current", "available", "totalCreated")),
        asserts=_counters(status.get("asserts", {})),
        opcounters=_counters(status.get("opcounters", {})),
        latency_ms=_latencies(status.get("opLatencies", {})),
        collection_scans=status.get("metrics", {}).get("queryExecutor", {}).get("collectionScans", {}).get("total"),
        network=_counters(status.get("network", {}), ("bytesIn", "bytesOut", "numRequests")),
        resident_mib=status.get("mem", {}).get("resident"),
        page_faults=status.get("extra_info", {}).get("page_faults"),
    )


def _latencies(found: Document) -> dict[str, float]:
    """Mean milliseconds of an operation; the server gives sums of microseconds."""
    kinds = {kind: found[kind] for kind in ("reads", "writes", "transactions") if found.get(kind, {}).get("ops")}
    return {kind: round(one["latency"] / one["ops"] / 1000, 3) for kind, one in kinds.items()}


def _refused_writes(noted: Iterable[Document] | None) -> dict[str, int] | None:
    return None if noted is None else {one["_id"]: int(one["count"]) for one in noted}


def _disk(found: Document) -> DiskView | None:
    if not found.get("fsTotalSize"):
        return None
    return DiskView(used_bytes=int(found["fsUsedSize"]), total_bytes=int(found["fsTotalSize"]))


def _counted(found: object) -> bool:
    return isinstance(found, Mapping) and "called" in found


def _counters(found: Document, keys: tuple[str, ...] = ()) -> dict[str, int]:
    return {key: int(found[key]) for key in keys or found if isinstance(found.get(key), int)}


def _settings(answers: Document) -> SettingsView:
    parsed = answers["getCmdLineOpts"]["parsed"]
    storage, security, tls = parsed.get("storage", {}), parsed.get("security", {}), parsed.get("net", {}).get("tls", {})
    said = tls.get("disabledProtocols")
    disabled = set(said.split(",")) if said is not None else _TLS_OFF_BY_DEFAULT
    concerns: Document = answers["getDefaultRWConcern"] or {}
    write = concerns.get("defaultWriteConcern", {}).get("w")
    compatibility = (answers["getParameter"] or {}).get("featureCompatibilityVersion", {})
    return SettingsView(
        data_directory=storage.get("dbPath", "/data/db"),
        tls_accepted=tuple(name for option, name in _TLS.items() if option not in disabled),
        tls_mode=tls.get("mode", "disabled"),
        cluster_auth_mode=security.get("clusterAuthMode", "keyFile"),
        authorization=security.get("authorization", "disabled"),
        journal=bool(storage.get("journal", {}).get("enabled", True)),
        compatibility_version=compatibility.get("version"),
        default_write_concern=None if write is None else str(write),
        default_read_concern=concerns.get("defaultReadConcern", {}).get("level"),
    )


def _oplog(found: Document, status: Document) -> OplogView:
    truncation = status.get("oplogTruncation", {})
    return OplogView(
        first=found["first"],
        last=found["last"],
        size_bytes=int(found["size"]),
        maximum_bytes=int(found["maxSize"]),
        retention_h=float(truncation.get("oplogMinRetentionHours", 0)),
        truncations=int(truncation.get("truncateCount", 0)),
    )
