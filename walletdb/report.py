"""The report of `walletdb status`: what was found, and its JSON form.

The field names are the keys of `--json`; they are an interface: a field may be added, none is renamed or removed
without a new SCHEMA number. Units are in the names; a null means "not known", and a neighbouring `error` says why.
docs/reference/walletdb.md lists the fields from the texts here.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from walletdb.report_mongodb import ReplicaSet
from walletdb.report_tls import Tls

__all__ = [
    "SCHEMA",
    "Certificate",
    "Cluster",
    "Endpoint",
    "Etcd",
    "Member",
    "Pooler",
    "Problem",
    "Process",
    "Processes",
    "Report",
    "Severity",
    "Timescaledb",
    "Tls",
    "Verdict",
    "to_json",
]

SCHEMA = 1

Severity = Literal["critical", "error", "notice"]
Verdict = Literal["ok", "degraded", "down"]
Role = Literal["leader", "sync_standby", "replica", "unknown"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One PostgreSQL server under Patroni."""

    name: Annotated[str, "its name in Patroni"]
    host: Annotated[str, "where it takes SQL connections"]
    port: Annotated[int, "as host"]
    role: Annotated[Role, "the server's own word, and for standbys the leader's"]
    state: Annotated[str | None, "PostgreSQL's state in Patroni's words (`running`, `streaming`, `starting`, …)"]
    sql_error: Annotated[str | None, "why it cannot be asked in SQL; null: it answered"]
    rest_error: Annotated[str | None, "why its Patroni cannot be asked; null: it answered"]
    timeline: Annotated[int | None, "of the WAL it writes or receives"]
    lag_bytes: Annotated[int | None, "WAL of the leader that it has not replayed; null on the leader"]
    lag_s: Annotated[
        float | None,
        "0 when it has replayed all that the leader had written; else the time that took, and where it did not get "
        "there within the limit, the age of the last commit it replayed (an upper bound)",
    ]
    replay_paused: Annotated[bool, "replay was paused by hand"]
    streaming: Annotated[bool | None, "does it stream from another member; null on the leader"]
    sync_state: Annotated[str | None, "`sync`, `quorum`, `potential` or `async`, from the leader's pg_stat_replication"]
    pending_restart: Annotated[tuple[str, ...], "parameters that take effect only after a restart"]
    tls: Annotated[Tls | None, "of the SQL connection"]
    latency_ms: Annotated[float | None, "TCP and TLS handshake"]
    version: Annotated[str | None, "PostgreSQL's"]
    patroni_version: Annotated[str | None, "Patroni's"]
    system_identifier: Annotated[str | None, "the same in all members of one cluster"]
    data_checksums: Annotated[str | None, "the setting"]
    ssl_min_protocol_version: Annotated[str | None, "the setting"]
    password_encryption: Annotated[str | None, "the setting"]
    data_directory: Annotated[str | None, "on the server's machine"]
    data_encrypted: Annotated[bool | None, "do its files lie on an encrypted volume; null: it cannot be seen from here"]
    data_encryption: Annotated[str | None, "what was found: `dm-crypt`, `fscrypt`, or why not"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """The writer or the reader, really connected to."""

    name: Annotated[str, "`writer` or `reader`"]
    host: Annotated[str, "of the listener"]
    port: Annotated[int, "as host"]
    error: Annotated[str | None, "why nobody answered; null: somebody did"]
    answered_by: Annotated[str | None, "the member that answered"]
    in_recovery: Annotated[bool | None, "true: that member is a replica"]
    tls: Annotated[Tls | None, "of the SQL connection"]
    latency_ms: Annotated[float | None, "TCP and TLS handshake"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Pooler:
    """PgBouncer, as far as it shows without a password."""

    host: Annotated[str, "of the listener"]
    port: Annotated[int, "as host"]
    error: Annotated[str | None, "what is wrong; null: nothing"]
    reaches_server: Annotated[bool | None, "it fetched a user's secret from the server behind it"]
    tls: Annotated[Tls | None, "of the handshake"]
    latency_ms: Annotated[float | None, "TCP and TLS handshake"]
    not_shown: Annotated[str, "what this report does not say about the pooler, and why"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Timescaledb:
    """The time-series extension in a cluster's database."""

    expected: Annotated[bool, "its absence is an error"]
    available: Annotated[bool | None, "the server offers it"]
    installed: Annotated[str | None, "its version in the database; null: not there, or not known"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """One Patroni cluster."""

    name: Annotated[str, "in this stack"]
    scope: Annotated[str, "in Patroni"]
    database: Annotated[str, "the application's database"]
    leader: Annotated[str | None, "the member that writes; null: none or not known"]
    leader_key: Annotated[str | None, "the member that holds the leader key in etcd, as Patroni says"]
    dcs_error: Annotated[str | None, "why Patroni could not say who leads; null: it did"]
    paused: Annotated[bool, "Patroni is paused: it will not fail over"]
    synchronous_standbys_wanted: Annotated[int, "from the settings"]
    synchronous_standbys: Annotated[int | None, "streaming and synchronous now, as the leader says"]
    maximum_lag_ms: Annotated[int, "above it, `lag_s` is a problem, and a replica leaves the reader"]
    reader_max_lag_mib: Annotated[int, "above it, a replica leaves the reader as well"]
    members: Annotated[tuple[Member, ...], "in the order of the configuration"]
    writer: Annotated[Endpoint, "always the leader"]
    reader: Annotated[Endpoint, "a replica that does not lag"]
    pooler: Annotated[Pooler | None, "null: this cluster has none"]
    timescaledb: Annotated[Timescaledb, "asked through the writer"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Etcd:
    """One etcd server."""

    name: Annotated[str, "its name"]
    endpoint: Annotated[str, "its URL"]
    error: Annotated[str | None, "why it cannot be asked; null: it answered"]
    healthy: Annotated[bool | None, "it has a leader and takes writes"]
    is_leader: Annotated[bool | None, "this server leads"]
    version: Annotated[str | None, "etcd's"]
    database_bytes: Annotated[int | None, "on disk; etcd refuses writes above 2 GiB"]
    tls: Annotated[Tls | None, "of the connection"]
    latency_ms: Annotated[float | None, "TCP and TLS handshake"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """One supervised process."""

    name: Annotated[str, "the supervisor's name for it"]
    state: Annotated[str, "in the supervisor's words, `RUNNING` is good"]
    pid: Annotated[int | None, "null: it does not run"]
    uptime_s: Annotated[int | None, "null: it does not run"]
    note: Annotated[str, "why it does not run, where the supervisor knows"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Processes:
    """What the supervisor says."""

    error: Annotated[str | None, "why it cannot be asked; null: it answered, or this stack has none"]
    denied: Annotated[bool, "it runs, but this user may not ask it"]
    items: Annotated[tuple[Process, ...], "by name"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """A certificate, as it lies on disk or as a server shows it."""

    name: Annotated[str, "the file's name in the configuration, or the part that showed it"]
    source: Annotated[Literal["disk", "wire"], "where it was seen"]
    where: Annotated[str, "path, or host:port"]
    error: Annotated[str | None, "why it cannot be read"]
    subject: Annotated[str | None, "RFC 4514"]
    not_before: Annotated[str | None, "RFC 3339, UTC"]
    not_after: Annotated[str | None, "RFC 3339, UTC"]
    days_left: Annotated[float | None, "until not_after; below 0: expired"]
    fingerprint: Annotated[str | None, "SHA-256, hex"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is not as it should be."""

    severity: Annotated[Severity, "`critical`: down; `error`: degraded; `notice`: to know, changes no exit code"]
    code: Annotated[str, "stable, for alerts"]
    part: Annotated[str, "what it is about: `postgres/writer`, `etcd/etcd-1`, …"]
    text: Annotated[str, "cause and values found"]
    fix: Annotated[str, "how to go on; may be empty"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The whole."""

    schema: Annotated[int, "the number of this interface, 1"]
    stack: Annotated[str, "the stack's name"]
    config_file: Annotated[str, "the file that was read"]
    taken_at: Annotated[str, "RFC 3339, UTC"]
    duration_s: Annotated[float, "time the probes took"]
    verdict: Annotated[Verdict, "`ok` (exit code 0), `degraded` or `down` (exit code 1)"]
    problems: Annotated[tuple[Problem, ...], "worst first"]
    clusters: Annotated[tuple[Cluster, ...], "in the order of the configuration"]
    etcd: Annotated[tuple[Etcd, ...], "as above"]
    processes: Annotated[Processes, "of the supervisor"]
    certificates: Annotated[tuple[Certificate, ...], "soonest to expire first"]
    versions: Annotated[dict[str, tuple[str, ...]], "program → versions seen; more than one where members differ"]
    warnings: Annotated[tuple[str, ...], "what this stack cannot give and why, from its configuration"]
    replica_sets: Annotated[tuple[ReplicaSet, ...], "of MongoDB, in the order of the configuration"] = ()


def to_json(report: Report) -> dict[str, object]:
    """The report as plain values, ready for json.dumps."""
    return dataclasses.asdict(report)
