"""The report's part about MongoDB: replica sets and their members. `walletdb.report` says what holds of all parts."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from walletdb.report_tls import Tls

__all__ = ["Cache", "Oplog", "ReplicaSet", "ReplicaSetMember"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Oplog:
    """A member's log of operations, from which others catch up."""

    first: Annotated[str | None, "when its oldest entry was written; RFC 3339, UTC"]
    last: Annotated[str | None, "when its newest entry was written"]
    window_h: Annotated[float | None, "hours between the two: how long another member may be away"]
    size_bytes: Annotated[int, "of its entries"]
    maximum_bytes: Annotated[int, "above it the oldest entries go, unless they are younger than retention_h"]
    retention_h: Annotated[float, "hours for which entries stay in any case; 0: none"]
    wrapped: Annotated[bool, "it has been full and loses its oldest entries; false: window_h still grows"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    """The storage engine's cache."""

    used_bytes: Annotated[int, "now in it"]
    dirty_bytes: Annotated[int, "of these, not yet written to disk"]
    maximum_bytes: Annotated[int, "as configured"]
    used_ratio: Annotated[float, "used / maximum; from 0.95 on, clients' operations have to make room"]
    dirty_ratio: Annotated[float, "dirty / maximum; from 0.2 on, clients' operations have to make room"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaSetMember:
    """One mongod. An arbiter holds no users, so that it says no more than its state, even to the administrator."""

    name: Annotated[str, "in this stack"]
    host: Annotated[str, "where it takes connections"]
    port: Annotated[int, "as host"]
    arbiter: Annotated[bool, "as declared: it votes and holds no data"]
    error: Annotated[str | None, "why it does not answer; null: it does"]
    facts_error: Annotated[str | None, "why it says no more than its state; null: it does, or it is an arbiter"]
    state: Annotated[str | None, "its own word: `PRIMARY`, `SECONDARY`, `ARBITER`, `RECOVERING`, `STARTUP2`, …"]
    state_seen: Annotated[str | None, "the primary's word for it, else that of any other member"]
    unheard_by: Annotated[tuple[str, ...], "members that get no heartbeat from it"]
    message: Annotated[str, "what it, or who does not hear it, says on its state; may be empty"]
    set_name: Annotated[str | None, "of the set it belongs to; null: none yet, or not known"]
    term: Annotated[int | None, "number of the last election it knows of"]
    config_version: Annotated[int | None, "of the configuration it follows"]
    priority: Annotated[float | None, "in the set's configuration; 0: never primary"]
    declared_priority: Annotated[float, "as declared"]
    votes: Annotated[int | None, "in the set's configuration"]
    lag_s: Annotated[
        float | None,
        "0 when it has applied all that the primary (without one: the member that is ahead) had written; else the "
        "time that took, and where it did not get there, the time between the two's last writes. Null on the primary",
    ]
    applied_at: Annotated[str | None, "when the last operation it applied was written; RFC 3339, UTC"]
    sync_source: Annotated[str | None, "the member it copies from"]
    too_stale: Annotated[bool, "nobody's oplog reaches back to where it stands: it cannot catch up"]
    oplog: Annotated[Oplog | None, "its own; null: not known"]
    elections: Annotated[dict[str, int], "cause → elections it called since it started, won or not"]
    validators_refused: Annotated[
        int | None,
        "validators that create and collMod refused since it started; for refused documents see refused_writes",
    ]
    cache: Annotated[Cache | None, "null: not known"]
    connections: Annotated[dict[str, int], "`current`, `available`, `totalCreated`"]
    asserts: Annotated[dict[str, int], "kind → number since it started"]
    opcounters: Annotated[dict[str, int], "kind of operation → number since it started"]
    latency_mean_ms: Annotated[dict[str, float], "`reads`, `writes`, `transactions` → mean since it started"]
    collection_scans: Annotated[int | None, "queries without an index since it started"]
    network: Annotated[dict[str, int], "`bytesIn`, `bytesOut`, `numRequests` since it started"]
    resident_mib: Annotated[int | None, "memory of the process"]
    page_faults: Annotated[int | None, "of the process, those that read from disk"]
    disk_used_bytes: Annotated[int | None, "of the file system that holds the data, by whomever"]
    disk_total_bytes: Annotated[int | None, "as above"]
    clock_offset_ms: Annotated[float | None, "this machine's clock minus its clock"]
    clock_error_ms: Annotated[float | None, "half the round trip: the offset may be wrong by so much"]
    tls: Annotated[Tls | None, "of the connection"]
    tls_accepted: Annotated[tuple[str, ...], "versions that its settings let clients use"]
    latency_ms: Annotated[float | None, "TCP and TLS handshake"]
    version: Annotated[str | None, "mongod's"]
    compatibility_version: Annotated[str | None, "featureCompatibilityVersion: the release whose files it writes"]
    storage_engine: Annotated[str | None, "`wiredTiger`"]
    journal: Annotated[bool | None, "a write is in the journal before it is acknowledged"]
    settings: Annotated[dict[str, str], "`tls_mode`, `cluster_auth_mode`, `authorization`, as it was started"]
    uptime_s: Annotated[int | None, "since it started"]
    data_directory: Annotated[str | None, "on the server's machine"]
    data_encrypted: Annotated[bool | None, "do its files lie on an encrypted volume; null: it cannot be seen from here"]
    data_encryption: Annotated[str | None, "what was found: `dm-crypt`, `fscrypt`, or why not"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaSet:
    """One MongoDB replica set."""

    name: Annotated[str, "in this stack, and of the set"]
    database: Annotated[str, "the application's database"]
    primary: Annotated[str | None, "the member that leads; null: none or not known"]
    term: Annotated[int | None, "number of the last election; the highest that any member knows"]
    primary_since: Annotated[str | None, "when it was elected; RFC 3339, UTC"]
    config_version: Annotated[int | None, "of the configuration, the newest that any member follows"]
    votes: Annotated[int, "in the configuration; where nobody could be asked, as declared"]
    votes_alive: Annotated[int, "of members that answer and may vote"]
    votes_needed: Annotated[int, "for a primary"]
    data_members_alive: Annotated[int, "voting members with data that answer and are PRIMARY or SECONDARY"]
    acknowledgements_needed: Annotated[int, "members with data, for a write with w: majority"]
    undeclared_members: Annotated[tuple[str, ...], "host:port in the set's configuration, but not declared"]
    missing_members: Annotated[tuple[str, ...], "declared, but not in the set's configuration"]
    default_write_concern: Annotated[str | None, "for clients that ask for none: `majority`"]
    default_read_concern: Annotated[str | None, "as above"]
    election_timeout_ms: Annotated[int | None, "silence of a primary after which others call an election"]
    declared_election_timeout_ms: Annotated[int, "as declared"]
    maximum_lag_ms: Annotated[int, "above it, `lag_s` is a problem"]
    declared_oplog_retention_h: Annotated[float, "a shorter window of an oplog that loses entries is a problem"]
    elections: Annotated[dict[str, int], "cause → elections that today's processes called, all members together"]
    refused_writes: Annotated[
        dict[str, int],
        "collection → documents that its validator refused, ever, as counted by the services that use `MongoService`; "
        "of programs with a driver alone they are only among the members' asserts of kind `user`",
    ]
    members: Annotated[tuple[ReplicaSetMember, ...], "in the order of the configuration"]
