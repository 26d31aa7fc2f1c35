"""The rules on MongoDB's replica sets. Pure, as those of `walletdb.verdict`, which runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from walletdb.problem import MENDS, problem
from walletdb.report import Problem, Report
from walletdb.report_mongodb import ReplicaSet, ReplicaSetMember

__all__ = ["CLOCK_SKEW_MS", "RULES"]

CLOCK_SKEW_MS = 1000
"""Beyond the measurement's error: TTL indexes, certificates and the oplog's retention go by the members' clocks."""
_CACHE_USED = 0.95
_CACHE_DIRTY = 0.2
"""WiredTiger's eviction_trigger and eviction_dirty_trigger: above them clients' own operations must make room."""
_CONNECTIONS_LEFT = 0.1
_DISK_USED = 0.9
_MUST_HOLD = (
    ("tls_mode", "requireTLS", "connections in clear text would be accepted"),
    ("cluster_auth_mode", "x509", "members would not know each other by certificate"),
    ("authorization", "enabled", "anybody could do anything"),
)


def _members(report: Report) -> Iterator[tuple[ReplicaSet, ReplicaSetMember, str]]:
    for replica_set in report.replica_sets:
        for member in replica_set.members:
            yield replica_set, member, f"{replica_set.name}/{member.name}"


def leadership(report: Report) -> Iterator[Problem]:
    """Exactly one member is primary."""
    for one in report.replica_sets:
        primaries = [member for member in one.members if member.state == "PRIMARY"]
        names = ", ".join(f"{member.name} (term {member.term})" for member in primaries)
        if not primaries:
            fix = f"walletdb failover --cluster {one.name}"
            if one.votes_alive < one.votes_needed:
                fix = "bring members back until a majority is alive: `make up`"
            yield problem("critical", "no_primary", one.name, "no member can be seen that is primary", fix)
        elif len({member.term for member in primaries}) < len(primaries):
            fix = "stop one of them at once, and compare the members' configurations: they may be of two sets"
            yield problem("critical", "two_primaries", one.name, f"two primaries in one term: {names}", fix)
        elif len(primaries) > 1:
            text = f"more than one member says that it is primary: {names}"
            fix = "look again in some seconds: the one of the older term steps down, none of its writes is acknowledged"
            yield problem("error", "old_primary", one.name, text, fix)


def majority(report: Report) -> Iterator[Problem]:
    """A majority of votes is alive, one more than that where there are more, and enough data for majority writes."""
    for one in report.replica_sets:
        votes = f"{one.votes_alive} of {one.votes} votes are alive, {one.votes_needed} are needed"
        if one.votes_alive < one.votes_needed:
            text = f"{votes}: there can be no primary"
            yield problem("critical", "majority_lost", one.name, text, "`make up` brings members back")
        elif one.votes_alive == one.votes_needed and one.votes_alive < one.votes:
            text = f"{votes}: with the next failure nobody can be primary"
            yield problem("error", "majority_at_risk", one.name, text, "bring the others back")
        if one.data_members_alive < one.acknowledgements_needed:
            text = (
                f"{one.data_members_alive} members with data are alive, a majority is {one.acknowledgements_needed}: "
                "writes with w: majority wait"
            )
            yield problem("critical", "majority_writes_wait", one.name, text, "bring the others back: `make up`")


def reachability(report: Report) -> Iterator[Problem]:
    """Every member answers, knows the administrator, belongs to the set, and the others hear it."""
    for one, member, part in _members(report):
        if member.error:
            yield problem("error", "member_unreachable", part, f"no answer: {member.error}", MENDS)
            continue
        if member.facts_error:
            text = f"says no more than its state: {member.facts_error}"
            fix = "look again: while it copies all data it has no users, and in a rollback it answers nothing more"
            yield problem("error", "member_denied", part, text, fix)
        if member.unheard_by:
            text = f"answers here, but not {' and '.join(member.unheard_by)}: {member.message or 'no heartbeat'}"
            yield problem("error", "member_unheard", part, text, "look at the network between them")
        if member.set_name != one.name:
            text = f"belongs to {f'the set {member.set_name!r}' if member.set_name else 'no set'}, not to {one.name!r}"
            yield problem("error", "set_name", part, text, "another server listens there, or it was never added")


def states(report: Report) -> Iterator[Problem]:
    """Members with data are PRIMARY or SECONDARY, arbiters ARBITER, and none is too stale to catch up."""
    for one, member, part in _members(report):
        if member.error or member.set_name != one.name:
            continue
        said = f": {member.message}" if member.message else ""
        wanted = ("ARBITER",) if member.arbiter else ("PRIMARY", "SECONDARY")
        if member.too_stale:
            text = f"too stale to catch up: no member's oplog reaches back far enough{said}"
            fix = "`make up` has it copy all data anew; then raise oplogRetentionH or oplogWriteMibPerH"
            yield problem("error", "too_stale", part, text, fix)
        elif member.state not in wanted:
            text = f"is {member.state or member.state_seen or 'in no known state'}, not {' or '.join(wanted)}{said}"
            yield problem("error", "member_state", part, text, "wait while it starts or catches up; then see its log")


def lag(report: Report) -> Iterator[Problem]:
    """No member is more than maximum_lag_ms behind the primary."""
    for one, member, part in _members(report):
        if member.lag_s is not None and member.lag_s * 1000 > one.maximum_lag_ms:
            source = f" (copies from {member.sync_source})" if member.sync_source else ""
            text = f"lags {member.lag_s:.1f} s (limit {one.maximum_lag_ms / 1000:g} s){source}"
            yield problem(
                "error", "lag", part, text, "look for a full or slow disk, a slow network, a large index build"
            )


def oplog(report: Report) -> Iterator[Problem]:
    """An oplog that loses entries reaches back as long as declared; a young one that never did is no problem."""
    for one, member, part in _members(report):
        log, want = member.oplog, one.declared_oplog_retention_h
        if log and log.wrapped and log.window_h is not None and log.window_h < want:
            text = (
                f"the oplog reaches back {log.window_h:.1f} h, {want:g} h are declared: "
                "who is away for longer must copy all data anew"
            )
            yield problem(
                "error", "oplog_short", part, text, "raise oplogWriteMibPerH or oplogRetentionH in the stack's settings"
            )


def clocks(report: Report) -> Iterator[Problem]:
    """The members' clocks are this machine's, within a second beyond what the measurement may be wrong by."""
    for _, member, part in _members(report):
        offset, error = member.clock_offset_ms, member.clock_error_ms
        if offset is None or error is None or abs(offset) - error <= CLOCK_SKEW_MS:
            continue
        text = f"its clock is {abs(offset) / 1000:.1f} s {'behind' if offset > 0 else 'ahead of'} this machine's"
        yield problem("error", "clock_skew", part, f"{text} (± {error / 1000:.3f} s)", "correct the clock: NTP")


def configuration(report: Report) -> Iterator[Problem]:
    """The set's configuration is what is declared: members, priorities, election time-out, default concerns."""
    for one in report.replica_sets:
        differs = [f"{name} is not in it" for name in one.missing_members]
        differs += [f"{address} is in it, but not declared" for address in one.undeclared_members]
        if differs:
            text = f"the set's configuration is not as declared: {'; '.join(differs)}"
            yield problem("error", "members_differ", one.name, text, "make up")
        concerns = {"write": one.default_write_concern, "read": one.default_read_concern}
        other = [f"default {kind} concern {value or 'none'}" for kind, value in concerns.items() if value != "majority"]
        if other and any(member.settings for member in one.members):
            text = f"{', '.join(other)}, must be majority: an acknowledged write could be lost, or one read that is"
            yield problem("error", "default_concerns", one.name, text, "make up, or see who changed it")
        timeout = one.election_timeout_ms
        if timeout is not None and timeout != one.declared_election_timeout_ms:
            text = f"elections begin after {timeout} ms, declared are {one.declared_election_timeout_ms} ms"
            yield problem("error", "election_timeout", one.name, text, "make up, or see who changed it")
    for _, member, part in _members(report):
        moved = member.priority is not None and member.priority != member.declared_priority
        if moved and not member.arbiter:  # an arbiter's is always 0
            text = f"priority {member.priority or 0:g}, declared is {member.declared_priority:g}"
            yield problem("error", "priority", part, text, "make up, or see who changed it")


def settings(report: Report) -> Iterator[Problem]:
    """What must hold in every member holds: TLS 1.3 only, members and clients known, a journal."""
    for _, member, part in _members(report):
        old = [version for version in member.tls_accepted if version != "TLSv1.3"]
        if old or (member.tls and member.tls.version != "TLSv1.3"):
            text = f"accepts {', '.join(old) or (member.tls.version if member.tls else '')}, only TLSv1.3 may be"
            yield problem("error", "setting_tls", part, text, "net.tls.disabledProtocols; make up")
        for name, want, why in _MUST_HOLD:
            got = member.settings.get(name)
            if got is not None and got != want:
                text = f"{name} is {got}, must be {want}: {why}"
                yield problem("error", f"setting_{name}", part, text, "make up, or see who changed it")
        if member.journal is False:
            text = "it runs without a journal: acknowledged writes die with the process"
            yield problem("error", "setting_journal", part, text, "storage.journal.enabled; make up")


def pressure(report: Report) -> Iterator[Problem]:
    """Neither the cache nor the connections nor the disk are about to run out."""
    for _, member, part in _members(report):
        cache = member.cache
        if cache and (cache.used_ratio >= _CACHE_USED or cache.dirty_ratio >= _CACHE_DIRTY):
            text = (
                f"the cache is {cache.used_ratio:.0%} full, {cache.dirty_ratio:.0%} not yet on disk "
                f"(limits {_CACHE_USED:.0%} and {_CACHE_DIRTY:.0%}): operations have to make room first"
            )
            yield problem("error", "cache_pressure", part, text, "more cache, or a faster disk; look for large scans")
        current, left = member.connections.get("current"), member.connections.get("available")
        if current is not None and left is not None and left < (current + left) * _CONNECTIONS_LEFT:
            text = f"{current} connections, {left} are left"
            yield problem("error", "connections_low", part, text, "look for a service whose pools grow")
        used, total = member.disk_used_bytes, member.disk_total_bytes
        if used is not None and total and used > total * _DISK_USED:
            text = f"the disk of {member.data_directory} is {used / total:.0%} full (limit {_DISK_USED:.0%})"
            yield problem("error", "disk_full", part, text, "make room: a mongod that cannot write its journal ends")


def notices(report: Report) -> Iterator[Problem]:
    """To know, nothing to mend at once: refused validators, versions that differ, arbiters, files in clear."""
    for one in report.replica_sets:
        yield from _versions(one)
        refused = {member.name: member.validators_refused for member in one.members if member.validators_refused}
        if refused:
            counts = ", ".join(f"{name}: {count}" for name, count in refused.items())
            text = f"validators that were refused as invalid since the start: {counts}"
            yield problem("notice", "validators_refused", one.name, text, "a deployment tried a faulty $jsonSchema")
        arbiters = [member.name for member in one.members if member.arbiter]
        if arbiters and one.acknowledgements_needed == one.votes - len(arbiters):
            text = f"{arbiters[0]} holds no data: with one member with data down, writes with w: majority wait"
            yield problem("notice", "arbiter", one.name, text, "a third member with data has no such gap")
        open_ones = [member for member in one.members if member.data_encryption and not member.data_encrypted]
        if open_ones:
            sure = any(member.data_encrypted is False for member in open_ones)
            said = "data files are not encrypted" if sure else "data files are not known to be encrypted"
            text = f"{said}: {open_ones[0].data_encryption}"
            fix = "put the stack's folder on an encrypted volume (LUKS, fscrypt)"
            yield problem("notice", "data_not_encrypted", one.name, text, fix)


def _versions(one: ReplicaSet) -> Iterator[Problem]:
    versions = sorted({member.version for member in one.members if member.version})
    if len(versions) > 1:
        text = f"members run different versions: {', '.join(versions)}"
        yield problem("notice", "mixed_versions", one.name, text, "finish the upgrade")
    behind = {
        member.compatibility_version
        for member in one.members
        if member.version
        and member.compatibility_version
        and not member.version.startswith(f"{member.compatibility_version}.")
    }
    if behind and len(versions) == 1:
        text = f"files are written for {', '.join(sorted(behind))}, mongod is {versions[0]}"
        fix = "when no way back is needed any more: setFeatureCompatibilityVersion"
        yield problem("notice", "compatibility_version", one.name, text, fix)


RULES: tuple[Callable[[Report], Iterator[Problem]], ...] = (
    leadership,
    majority,
    reachability,
    states,
    lag,
    oplog,
    clocks,
    configuration,
    settings,
    pressure,
    notices,
)
