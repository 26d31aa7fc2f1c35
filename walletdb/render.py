"""The report for eyes: tables with colour on a terminal, aligned plain text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from walletdb import render_mongodb as mongodb
from walletdb.render_values import UNKNOWN, Section, age, milliseconds, number, size, tls
from walletdb.report import Certificate, Cluster, Member, Problem, Report

__all__ = ["Section", "health_lines", "print_health", "print_report", "sections"]

_STYLES = {
    "ok": "green",
    "degraded": "yellow",
    "down": "bold red",
    "critical": "bold red",
    "error": "red",
    "notice": "cyan",
}


def print_report(report: Report, stream: TextIO) -> None:
    """Write the whole report."""
    console = _console(stream)
    _line(console, _headline(report), _STYLES[report.verdict])
    for section in sections(report):
        _line(console, "")
        _line(console, section.title, "bold")
        _table(console, section.columns, section.rows)


def print_health(report: Report, stream: TextIO) -> None:
    """Write one line for each part."""
    _table(_console(stream), (), health_lines(report))


def sections(report: Report) -> Iterator[Section]:
    """The report as tables, the problems first."""
    if report.problems:
        problems = tuple((one.severity, one.part, _with_fix(one)) for one in report.problems)
        yield Section("Problems and notices", (), problems)
    for cluster in report.clusters:
        yield _members(cluster)
        yield _ways_in(cluster)
    for replica_set in report.replica_sets:
        yield from mongodb.sections(replica_set)
    if report.etcd:
        yield _etcd(report)
    if report.processes.items:
        processes = tuple((one.name, one.state, number(one.pid), age(one.uptime_s)) for one in report.processes.items)
        yield Section("Processes", ("name", "state", "pid", "up"), processes)
    yield Section("Certificates", ("name", "seen", "subject", "valid until", "left"), _certificates(report))
    if report.clusters:
        yield Section("Settings that must hold", ("member", *_SETTINGS, "data files"), tuple(_settings(report)))
    rows = tuple(row for replica_set in report.replica_sets for row in mongodb.settings(replica_set))
    if rows:
        yield Section("Settings of MongoDB that must hold", ("member", *mongodb.SETTINGS, "data files"), rows)
    versions = ", ".join(f"{name} {' and '.join(versions)}" for name, versions in report.versions.items())
    unseen = next((one.pooler.not_shown for one in report.clusters if one.pooler), None)
    notes = (("versions", versions or UNKNOWN), *((("not shown", unseen),) if unseen else ()))
    yield Section("Further", (), notes)


def health_lines(report: Report) -> tuple[tuple[str, str, str], ...]:
    """(state, part, text) for each part: its worst problem's, else ok with a word on it."""
    parts = dict(_parts(report))
    problems: dict[str, list[Problem]] = {}
    for problem in report.problems:
        if problem.severity != "notice":
            problems.setdefault(problem.part, []).append(problem)
    lines = []
    for part, text in {**dict.fromkeys(problems, ""), **parts}.items():
        found = problems.get(part, [])
        state = "ok" if not found else "down" if found[0].severity == "critical" else "degraded"
        lines.append((state, part, "; ".join(one.text for one in found) or text))
    return tuple(sorted(lines, key=lambda line: ("down", "degraded", "ok").index(line[0])))


_SETTINGS = ("data_checksums", "ssl_min_protocol_version", "password_encryption")


def _parts(report: Report) -> Iterator[tuple[str, str]]:
    for cluster in report.clusters:
        yield cluster.name, f"leader {cluster.leader or UNKNOWN}"
        for member in cluster.members:
            yield f"{cluster.name}/{member.name}", _role(member)
        for way in (cluster.writer, cluster.reader):
            yield f"{cluster.name}/{way.name}", f"{way.host}:{way.port} leads to {way.answered_by or UNKNOWN}"
        if cluster.pooler:
            yield f"{cluster.name}/pooler", f"{cluster.pooler.host}:{cluster.pooler.port} reaches its server"
    for replica_set in report.replica_sets:
        yield from mongodb.parts(replica_set)
    for server in report.etcd:
        yield f"etcd/{server.name}", server.version or UNKNOWN
    if report.processes.items:
        run = sum(process.state == "RUNNING" for process in report.processes.items)
        yield "supervisor", f"{run} of {len(report.processes.items)} processes run"
    soonest = min((one for one in report.certificates if one.days_left is not None), key=_days, default=None)
    if soonest:
        yield "certificates", f"the first to expire is {soonest.name}, in {_days(soonest):.0f} days"


def _headline(report: Report) -> str:
    took = f"{report.taken_at}, {report.duration_s:.1f} s"
    return f"stack {report.stack}: {report.verdict.upper()}  ({took}, {report.config_file})"


def _with_fix(problem: Problem) -> str:
    return f"{problem.text} → {problem.fix}" if problem.fix else problem.text


def _members(cluster: Cluster) -> Section:
    have = UNKNOWN if cluster.synchronous_standbys is None else cluster.synchronous_standbys
    sync = f"{have} of {cluster.synchronous_standbys_wanted} synchronous"
    extension = f"timescaledb {_timescaledb(cluster)}"
    title = f"Cluster {cluster.name} (database {cluster.database}, {sync}, {extension})"
    columns = ("member", "role", "state", "address", "timeline", "lag", "lag s", "sync", "TLS", "restart")
    return Section(title, columns, tuple(_member(member) for member in cluster.members))


def _timescaledb(cluster: Cluster) -> str:
    extension = cluster.timescaledb
    if extension.installed:
        return extension.installed
    if extension.available is None:
        return UNKNOWN
    return "not created" if extension.available else "not offered"


def _member(member: Member) -> tuple[str, ...]:
    leads = member.role == "leader"
    return (
        member.name,
        _role(member),
        member.state or UNKNOWN,
        f"{member.host}:{member.port}",
        number(member.timeline),
        "-" if leads else size(member.lag_bytes),
        "-" if leads else number(member.lag_s),
        "-" if leads else member.sync_state or UNKNOWN,
        tls(member.tls),
        "pending" if member.pending_restart else "-",
    )


def _ways_in(cluster: Cluster) -> Section:
    rows = []
    for way in (cluster.writer, cluster.reader):
        answer = "no answer" if way.error else way.answered_by or "a server that is no member"
        rows.append((way.name, f"{way.host}:{way.port}", answer, tls(way.tls), milliseconds(way.latency_ms)))
    pooler = cluster.pooler
    if pooler:
        answer = {True: "reaches its server", False: "reaches no server", None: "no answer"}[pooler.reaches_server]
        address = f"{pooler.host}:{pooler.port}"
        rows.append(("pooler", address, answer, tls(pooler.tls), milliseconds(pooler.latency_ms)))
    return Section(f"Ways into {cluster.name}", ("name", "address", "answer", "TLS", "handshake"), tuple(rows))


def _etcd(report: Report) -> Section:
    rows = []
    for server in report.etcd:
        health = "no answer" if server.error else "healthy" if server.healthy else "not healthy"
        role = {True: "leader", False: "follower", None: UNKNOWN}[server.is_leader]
        stored = size(server.database_bytes)
        rows.append((server.name, server.endpoint, health, role, stored, tls(server.tls)))
    return Section("etcd", ("name", "endpoint", "health", "role", "size", "TLS"), tuple(rows))


def _certificates(report: Report) -> tuple[tuple[str, ...], ...]:
    rows = []
    for one in report.certificates:
        left = UNKNOWN if one.days_left is None else f"{one.days_left:.0f} d"
        rows.append((one.name, one.source, one.subject or one.error or UNKNOWN, one.not_after or UNKNOWN, left))
    return tuple(rows)


def _settings(report: Report) -> Iterator[tuple[str, ...]]:
    for cluster in report.clusters:
        for member in cluster.members:
            values = (getattr(member, name) or UNKNOWN for name in _SETTINGS)
            encrypted = {True: "encrypted", False: "not encrypted", None: "not known"}[member.data_encrypted]
            how = f" ({member.data_encryption})" if member.data_encryption else ""
            yield f"{cluster.name}/{member.name}", *values, f"{encrypted}{how}"


def _role(member: Member) -> str:
    return member.role.replace("_", " ")


def _days(certificate: Certificate) -> float:
    return certificate.days_left or 0.0


def _console(stream: TextIO) -> Console:
    """Rich decides by the stream and by NO_COLOR; it neither wraps nor guesses at numbers to highlight."""
    return Console(file=stream, highlight=False, soft_wrap=True)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style if console.is_terminal else ""))


def _table(console: Console, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    rows = tuple(rows)
    if not console.is_terminal:
        for line in _aligned((columns, *rows) if columns else rows):
            _line(console, line)
        return
    table = Table(*columns, box=None, show_header=bool(columns), header_style="dim", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    console.print(table, soft_wrap=False)


def _aligned(rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
