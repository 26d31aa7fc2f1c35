"""The rules: from what was found to a list of problems. Pure: no clock, no network; each rule has its test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from walletdb.problem import MENDS as _MENDS
from walletdb.problem import problem as _problem
from walletdb.report import Certificate, Cluster, Endpoint, Member, Problem, Report, Severity, Verdict
from walletdb.verdict_mongodb import RULES as MONGODB_RULES

__all__ = ["CERTIFICATE_DAYS", "RULES", "find_problems", "verdict_of"]

CERTIFICATE_DAYS = 14
"""A certificate that ends sooner is a problem: `make up` renews 30 days ahead, so nobody ran it for two weeks."""

_MUST_HOLD = (
    ("data_checksums", "on", "a broken block would go unnoticed"),
    ("ssl_min_protocol_version", "TLSv1.3", "older TLS would be accepted"),
    ("password_encryption", "scram-sha-256", "a new password would be stored weakly"),
)
_ORDER: dict[Severity, int] = {"critical": 0, "error": 1, "notice": 2}
_ETCD_QUOTA_BYTES = 2 * 1024**3
_ETCD_NEARLY_FULL = 0.8
_MIB = 1024**2


def find_problems(report: Report) -> tuple[Problem, ...]:
    """All problems of a report, worst first; within a severity in the order of the rules."""
    found = itertools.chain.from_iterable(rule(report) for rule in RULES)
    return tuple(sorted(found, key=lambda problem: _ORDER[problem.severity]))


def verdict_of(problems: tuple[Problem, ...]) -> Verdict:
    """Down where something is critical, degraded where something is an error."""
    worst = min((_ORDER[problem.severity] for problem in problems), default=_ORDER["notice"])
    return "down" if worst == _ORDER["critical"] else "degraded" if worst == _ORDER["error"] else "ok"


def _members(report: Report) -> Iterator[tuple[Cluster, Member, str]]:
    for cluster in report.clusters:
        for member in cluster.members:
            yield cluster, member, f"{cluster.name}/{member.name}"


def _leaders(cluster: Cluster) -> list[str]:
    return [member.name for member in cluster.members if member.role == "leader"]


def leadership(report: Report) -> Iterator[Problem]:
    """Exactly one member writes, and it is the one with the leader key."""
    for cluster in report.clusters:
        leaders = _leaders(cluster)
        if not leaders:
            text = "no member can be seen that writes"
            yield _problem("critical", "no_leader", cluster.name, text, f"walletdb failover --cluster {cluster.name}")
        elif len(leaders) > 1:
            text = f"more than one member takes writes: {', '.join(leaders)}"
            fix = "stop the one without the leader key at once; its latest writes must be compared by hand"
            yield _problem("critical", "two_leaders", cluster.name, text, fix)
        elif cluster.leader_key and cluster.leader_key != leaders[0]:
            text = f"{leaders[0]} writes, but the leader key in etcd belongs to {cluster.leader_key}"
            yield _problem(
                "error",
                "leader_key_differs",
                cluster.name,
                text,
                "look again in some seconds; then restart Patroni there",
            )


def reachability(report: Report) -> Iterator[Problem]:
    """Every member answers in SQL and every Patroni by REST."""
    for _, member, part in _members(report):
        if member.sql_error:
            yield _problem("error", "member_unreachable", part, f"no SQL: {member.sql_error}", _MENDS)
        if member.rest_error:
            yield _problem("error", "patroni_unreachable", part, f"no Patroni: {member.rest_error}", _MENDS)


def patroni_sees_etcd(report: Report) -> Iterator[Problem]:
    """Some Patroni can say who leads, and none is paused."""
    for cluster in report.clusters:
        if cluster.dcs_error and not all(member.rest_error for member in cluster.members):
            text = f"Patroni cannot say who leads: {cluster.dcs_error}"
            yield _problem("error", "leader_key_unknown", cluster.name, text, "is etcd well? See below")
        if cluster.paused:
            text = "Patroni is paused: nobody fails over"
            yield _problem("error", "patroni_paused", cluster.name, text, "patronictl resume, when the work is done")


def replication(report: Report) -> Iterator[Problem]:
    """Every replica streams, on the leader's timeline, from the same database system."""
    for cluster, member, part in _members(report):
        if member.sql_error:
            continue
        lead = next((other for other in cluster.members if other.role == "leader"), None)
        if member.streaming is False:
            yield _problem("error", "not_streaming", part, f"does not stream (Patroni says: {member.state})", _MENDS)
        if member.replay_paused:
            text = "replay of the WAL is paused"
            yield _problem("error", "replay_paused", part, text, "SELECT pg_wal_replay_resume()")
        if lead is None or lead.sql_error:
            continue
        if None not in {member.timeline, lead.timeline} and member.timeline != lead.timeline:
            text = f"timeline {member.timeline}, the leader's is {lead.timeline}"
            yield _problem(
                "error", "timeline_differs", part, text, "Patroni rewinds or copies it anew; wait, then see its log"
            )
        if (
            None not in {member.system_identifier, lead.system_identifier}
            and member.system_identifier != lead.system_identifier
        ):
            text = f"another database system ({member.system_identifier}) than the leader ({lead.system_identifier})"
            yield _problem("critical", "system_differs", part, text, "never merge these: find out which data is right")


def synchronous(report: Report) -> Iterator[Problem]:
    """As many synchronous standbys as the settings ask for: fewer, and a failover may lose acknowledged commits."""
    for cluster in report.clusters:
        have, want = cluster.synchronous_standbys, cluster.synchronous_standbys_wanted
        if have is not None and have < want:
            text = f"{have} synchronous standby, {want} wanted: a failover could lose acknowledged commits"
            yield _problem(
                "error", "missing_sync_standby", cluster.name, text, "bring the replicas back; Patroni then names one"
            )


def lag(report: Report) -> Iterator[Problem]:
    """No replica is more than maximum_lag_ms behind, nor so far that the reader drops it."""
    for cluster, member, part in _members(report):
        if member.lag_s is not None and member.lag_s * 1000 > cluster.maximum_lag_ms:
            limit_s = cluster.maximum_lag_ms / 1000
            text = f"lags up to {member.lag_s:.1f} s (limit {limit_s:g} s), {member.lag_bytes or 0} bytes"
            yield _problem("error", "lag", part, text, "look for a long query on it, a full disk, or a slow network")
        if member.lag_bytes is not None and member.lag_bytes > cluster.reader_max_lag_mib * _MIB:
            text = f"lags {member.lag_bytes / _MIB:.0f} MiB (limit {cluster.reader_max_lag_mib} MiB): out of the reader"
            yield _problem("error", "left_reader", part, text, "it comes back when it has caught up")


def settings(report: Report) -> Iterator[Problem]:
    """What must hold in every server holds, and nothing waits for a restart."""
    for _, member, part in _members(report):
        for name, want, why in _MUST_HOLD:
            got = getattr(member, name)
            if got is not None and got != want:
                text = f"{name} is {got}, must be {want}: {why}"
                yield _problem("error", f"setting_{name}", part, text, "make up, or see who changed it")
        if member.pending_restart:
            text = f"waits for a restart: {', '.join(member.pending_restart)}"
            yield _problem("error", "pending_restart", part, text, "make up restarts replicas first")


def endpoints(report: Report) -> Iterator[Problem]:
    """Writer, reader and pooler answer, and the right member stands behind."""
    for cluster in report.clusters:
        yield from _writer(cluster, cluster.writer)
        yield from _reader(cluster, cluster.reader)
        pooler, part = cluster.pooler, f"{cluster.name}/pooler"
        if pooler is not None and pooler.error:
            yield _problem("critical", "pooler_down", part, f"{pooler.host}:{pooler.port} {pooler.error}", _MENDS)


def _writer(cluster: Cluster, writer: Endpoint) -> Iterator[Problem]:
    part, leaders = f"{cluster.name}/writer", _leaders(cluster)
    if writer.error:
        yield _problem("critical", "writer_down", part, writer.error, _MENDS)
    elif writer.in_recovery:
        text = f"leads to {writer.answered_by or 'a replica'}, which takes no writes"
        yield _problem(
            "critical", "writer_read_only", part, text, "look again in some seconds: a failover may be going on"
        )
    elif leaders and writer.answered_by not in leaders:
        text = f"leads to {writer.answered_by or 'a server that is no member'}, the leader is {leaders[0]}"
        yield _problem(
            "critical", "writer_elsewhere", part, text, "look again in some seconds: a failover may be going on"
        )


def _reader(cluster: Cluster, reader: Endpoint) -> Iterator[Problem]:
    part = f"{cluster.name}/reader"
    if reader.error:
        yield _problem("error", "reader_down", part, reader.error, _MENDS)
    elif reader.in_recovery is False and len(cluster.members) > 1:
        text = "leads to the leader: no replica is fit to read from"
        yield _problem("error", "reader_on_leader", part, text, "bring the replicas back")


def timescaledb(report: Report) -> Iterator[Problem]:
    """Where TimescaleDB is expected it is installed; where not, its absence is said."""
    for cluster in report.clusters:
        extension = cluster.timescaledb
        if extension.installed or extension.available is None or not extension.expected:
            continue
        state = "the server offers it, but it is not created" if extension.available else "the server does not offer it"
        yield _problem("error", "timescaledb_missing", cluster.name, f"timescaledb is expected: {state}", "make up")


def etcd(report: Report) -> Iterator[Problem]:
    """Every etcd server is healthy and has room."""
    for server in report.etcd:
        part = f"etcd/{server.name}"
        fix = "the database goes on, but nobody fails over meanwhile; `make up` mends it"
        if server.error:
            yield _problem("error", "etcd_unreachable", part, server.error, fix)
        elif not server.healthy:
            yield _problem("error", "etcd_unhealthy", part, "says that it is not healthy", fix)
        elif (server.database_bytes or 0) > _ETCD_QUOTA_BYTES * _ETCD_NEARLY_FULL:
            text = f"holds {(server.database_bytes or 0) / _MIB:.0f} MiB of 2048"
            yield _problem("error", "etcd_full", part, text, "compact and defragment it")


def processes(report: Report) -> Iterator[Problem]:
    """The supervisor runs, and all it looks after."""
    if report.processes.denied:
        text = f"not shown: {report.processes.error}"
        yield _problem("notice", "supervisor_denied", "supervisor", text, "run it as root or as the servers' user")
    elif report.processes.error:
        text = f"{report.processes.error}; a server that dies stays dead"
        yield _problem("error", "supervisor_down", "supervisor", text, "make up")
    for process in report.processes.items:
        if process.state != "RUNNING":
            text = f"{process.state}{f': {process.note}' if process.note else ''}"
            yield _problem("error", "process_not_running", f"process/{process.name}", text, _MENDS)


def certificates(report: Report) -> Iterator[Problem]:
    """No certificate is from the future, expired or about to, and servers show the one that lies on disk."""
    renewed = _newest_on_disk(report.certificates)
    on_disk = {certificate.fingerprint for certificate in report.certificates if certificate.source == "disk"}
    for certificate in report.certificates:
        part, left = f"certificate/{certificate.name}", certificate.days_left
        if certificate.error:
            text = f"{certificate.where}: {certificate.error}"
            yield _problem("error", "certificate_unreadable", part, text, "make up writes it anew")
        elif certificate.not_before is not None and certificate.not_before > report.taken_at:
            text = f"not valid before {certificate.not_before} ({certificate.where})"
            fix = "is this machine's clock right? Then make up replaces it; else correct the clock first"
            yield _problem("error", "certificate_not_yet_valid", part, text, fix)
        elif left is not None and left < 0:
            text = f"expired on {certificate.not_after} ({certificate.where})"
            yield _problem(
                "error", "certificate_expired", part, text, "make up renews it; is this machine's clock right?"
            )
        elif left is not None and left < CERTIFICATE_DAYS:
            text = f"expires in {left:.0f} days ({certificate.where})"
            yield _problem("error", "certificate_expires", part, text, "make up renews it")
        newest = renewed.get(certificate.subject or "")
        replaced = certificate.source == "wire" and certificate.fingerprint not in on_disk
        if replaced and newest and (newest.not_after or "") > (certificate.not_after or ""):
            text = f"{certificate.where} still shows the one until {certificate.not_after}; on disk: {newest.not_after}"
            yield _problem("error", "certificate_not_reloaded", part, text, "make up makes the server reload it")


def _newest_on_disk(found: tuple[Certificate, ...]) -> dict[str, Certificate]:
    newest: dict[str, Certificate] = {}
    for certificate in found:
        if certificate.source == "disk" and certificate.subject and certificate.not_after:
            known = newest.get(certificate.subject)
            if known is None or (known.not_after or "") < certificate.not_after:
                newest[certificate.subject] = certificate
    return newest


def encryption(report: Report) -> Iterator[Problem]:
    """Says plainly where data files are not encrypted: PostgreSQL cannot do it itself (spec 6.2.1 and its ruling)."""
    for cluster in report.clusters:
        open_ones = [member for member in cluster.members if member.data_encryption and not member.data_encrypted]
        if open_ones:
            sure = any(member.data_encrypted is False for member in open_ones)
            said = "data files are not encrypted" if sure else "data files are not known to be encrypted"
            text = f"{said}: {open_ones[0].data_encryption}"
            fix = "put the stack's folder on an encrypted volume (LUKS, fscrypt)"
            yield _problem("notice", "data_not_encrypted", cluster.name, text, fix)


def declared(report: Report) -> Iterator[Problem]:
    """What the stack itself says it cannot give."""
    for warning in report.warnings:
        yield _problem("notice", "declared", "stack", warning)


RULES: tuple[Callable[[Report], Iterator[Problem]], ...] = (
    leadership,
    endpoints,
    reachability,
    patroni_sees_etcd,
    replication,
    synchronous,
    lag,
    settings,
    timescaledb,
    *MONGODB_RULES,
    etcd,
    processes,
    certificates,
    encryption,
    declared,
)
