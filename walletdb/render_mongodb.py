"""MongoDB's part of the report for eyes."""

from __future__ import annotations

from collections.abc import Iterator

from walletdb.render_values import UNKNOWN, Section, age, number, size, tls
from walletdb.report_mongodb import ReplicaSet, ReplicaSetMember

__all__ = ["SETTINGS", "parts", "sections", "settings"]

SETTINGS = ("TLS accepted", "TLS mode", "members by", "authorization", "journal", "written for")


def sections(replica_set: ReplicaSet) -> Iterator[Section]:
    """The set as tables."""
    yield _members(replica_set)
    columns = ("member", "oplog", "size", "cache", "dirty", "connections", "clock", "elections", "up")
    rows = tuple(_load(member) for member in replica_set.members if member.version)
    if rows:
        yield Section(f"Load of {replica_set.name}", columns, rows)
    if replica_set.refused_writes:
        refused = tuple((name, number(count)) for name, count in replica_set.refused_writes.items())
        yield Section(f"Writes refused by validators of {replica_set.name}", ("collection", "documents"), refused)


def parts(replica_set: ReplicaSet) -> Iterator[tuple[str, str]]:
    """(part, a word on it) for `health`."""
    votes = f"{replica_set.votes_alive} of {replica_set.votes} votes"
    yield replica_set.name, f"primary {replica_set.primary or UNKNOWN}, {votes}"
    for member in replica_set.members:
        yield f"{replica_set.name}/{member.name}", _state(member).lower()


def settings(replica_set: ReplicaSet) -> Iterator[tuple[str, ...]]:
    """A row for each member: its name, the SETTINGS, and whether its files are encrypted."""
    for member in replica_set.members:
        accepted = " ".join(member.tls_accepted) or UNKNOWN
        said = [member.settings.get(name, UNKNOWN) for name in ("tls_mode", "cluster_auth_mode", "authorization")]
        journal = {True: "on", False: "off", None: UNKNOWN}[member.journal]
        encrypted = {True: "encrypted", False: "not encrypted", None: "not known"}[member.data_encrypted]
        how = f" ({member.data_encryption})" if member.data_encryption else ""
        files = "-" if member.arbiter else f"{encrypted}{how}"
        name = f"{replica_set.name}/{member.name}"
        yield name, accepted, *said, journal, member.compatibility_version or UNKNOWN, files


def _members(replica_set: ReplicaSet) -> Section:
    concerns = (
        f"write {replica_set.default_write_concern or UNKNOWN}, read {replica_set.default_read_concern or UNKNOWN}"
    )
    votes = f"{replica_set.votes_alive} of {replica_set.votes} votes, {replica_set.votes_needed} needed"
    term = f"term {number(replica_set.term)}, configuration {number(replica_set.config_version)}"
    title = f"Replica set {replica_set.name} (database {replica_set.database}, {votes}, {term}, concerns: {concerns})"
    columns = ("member", "state", "address", "lag s", "copies from", "priority", "votes", "version", "TLS")
    return Section(title, columns, tuple(_member(member) for member in replica_set.members))


def _member(member: ReplicaSetMember) -> tuple[str, ...]:
    leads = member.state == "PRIMARY"
    return (
        member.name,
        _state(member),
        f"{member.host}:{member.port}",
        "-" if leads or member.arbiter else number(member.lag_s),
        "-" if leads or member.arbiter else member.sync_source or UNKNOWN,
        number(member.priority),
        number(member.votes),
        member.version or ("-" if member.arbiter else UNKNOWN),
        tls(member.tls),
    )


def _state(member: ReplicaSetMember) -> str:
    """Its own word; where it does not answer the others', marked as such."""
    if member.error is None:
        return member.state or member.state_seen or UNKNOWN
    return f"no answer (others: {member.state_seen})" if member.state_seen else "no answer"


def _load(member: ReplicaSetMember) -> tuple[str, ...]:
    log, cache = member.oplog, member.cache
    window = (
        UNKNOWN if log is None or log.window_h is None else f"{log.window_h:.1f} h{'' if log.wrapped else ' so far'}"
    )
    current, left = member.connections.get("current"), member.connections.get("available")
    clock = UNKNOWN if member.clock_offset_ms is None else f"{member.clock_offset_ms:+.0f} ms"
    return (
        member.name,
        window,
        f"{size(log.size_bytes)} of {size(log.maximum_bytes)}" if log else UNKNOWN,
        f"{cache.used_ratio:.0%} of {size(cache.maximum_bytes)}" if cache else UNKNOWN,
        f"{cache.dirty_ratio:.1%}" if cache else UNKNOWN,
        f"{number(current)}, {number(left)} left",
        clock,
        number(sum(member.elections.values())),
        age(member.uptime_s),
    )
