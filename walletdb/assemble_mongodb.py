"""From the members' answers to the report of one replica set. Pure: no clock, no network."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
from collections.abc import Iterator

from walletdb import config as cfg
from walletdb import report_mongodb as rep
from walletdb.deadline import Found
from walletdb.probes.mongodb_facts import (
    ConfiguredMember,
    FactsView,
    HelloView,
    OplogView,
    OpTime,
    SeenMember,
    ServerStatusView,
)
from walletdb.probes.storage import Encryption
from walletdb.report_tls import Tls
from walletdb.tls import Peer

__all__ = [
    "MemberAnswers",
    "SetAnswers",
    "lag_of",
    "leader_of",
    "name_at",
    "newest",
    "quorum",
    "replica_set_report",
    "state_of",
]

_NO_VOTE = frozenset({"STARTUP", "REMOVED", "UNKNOWN", "DOWN"})
_HAS_DATA = frozenset({"PRIMARY", "SECONDARY"})
_RFC_3339 = "%Y-%m-%dT%H:%M:%SZ"
_FULL_SHARE = 0.85
"""mongod cuts an oplog in pieces of a tenth or less of its size: one that was full is never much below that."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MemberAnswers:
    """What one member said. `waited`: as in `walletdb.assemble.MemberAnswers`."""

    member: cfg.ReplicaSetMember
    found: Found[tuple[tuple[HelloView, FactsView | None, str | None], Peer]]
    waited: Found[float | None] | None = None
    encryption: Encryption | None = None

    @property
    def hello(self) -> HelloView | None:
        """What it tells everybody, if it answered."""
        return self.found.value[0][0] if self.found.value else None

    @property
    def facts(self) -> FactsView | None:
        """What it tells the administrator, if it did."""
        return self.found.value[0][1] if self.found.value else None

    @property
    def peer(self) -> Peer | None:
        """The handshake."""
        return self.found.value[1] if self.found.value else None

    @property
    def applied(self) -> OpTime | None:
        """Where it stands; an arbiter only repeats what others wrote."""
        if self.member.arbiter or (self.hello and self.hello.state == "ARBITER"):
            return None
        if self.facts and self.facts.status:
            return self.facts.status.applied
        return self.hello.applied if self.hello else None

    @property
    def term(self) -> int:
        """Of the last election it knows; -1 where it cannot say."""
        return self.facts.status.term if self.facts and self.facts.status else -1


@dataclasses.dataclass(frozen=True, kw_only=True)
class SetAnswers:
    """Everything that was asked about one replica set."""

    replica_set: cfg.ReplicaSet
    members: tuple[MemberAnswers, ...]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Quorum:
    """Votes and members with data: how many there are, answer, and are needed."""

    votes: int
    alive: int
    needed: int
    data_alive: int
    acknowledgements_needed: int


def state_of(answers: MemberAnswers) -> str | None:
    """A member's own word on its state."""
    if answers.facts and answers.facts.status:
        return answers.facts.status.state
    if answers.hello and answers.hello.state:
        return answers.hello.state
    return "STARTUP" if answers.hello and answers.hello.set_name is None else None


def leader_of(answers: SetAnswers) -> MemberAnswers | None:
    """The primary; where two say that they are, the one of the later election."""
    primaries = [member for member in answers.members if state_of(member) == "PRIMARY"]
    return max(primaries, key=lambda member: member.term, default=None)


def newest(answers: SetAnswers) -> OpTime | None:
    """Where the primary stands, without one the member that is ahead."""
    lead = leader_of(answers)
    if lead and lead.applied:
        return lead.applied
    return max((member.applied for member in answers.members if member.applied), default=None)


def name_at(replica_set: cfg.ReplicaSet, address: str | None) -> str | None:
    """The member that listens at host:port; the address itself where that is no member's."""
    return next((one.name for one in replica_set.members if str(one.address) == address), address)


def configured(answers: SetAnswers) -> tuple[ConfiguredMember, ...]:
    """The members in the newest configuration that anybody follows; as declared where nobody could be asked."""
    configs = [member.facts.config for member in answers.members if member.facts and member.facts.config]
    if configs:
        return max(configs, key=lambda config: config.version).members
    return tuple(
        ConfiguredMember(address=str(one.address), arbiter=one.arbiter, priority=one.priority, votes=1)
        for one in answers.replica_set.members
    )


def quorum(answers: SetAnswers) -> Quorum:
    """Is there a majority for a primary, and one with data for writes?"""
    voters = [member for member in configured(answers) if member.votes]
    states = {str(member.member.address): state_of(member) or "" for member in answers.members if member.hello}
    needed = len(voters) // 2 + 1
    with_data = [voter for voter in voters if not voter.arbiter]
    return Quorum(
        votes=len(voters),
        alive=sum(states.get(voter.address, "DOWN") not in _NO_VOTE for voter in voters),
        needed=needed,
        data_alive=sum(states.get(voter.address) in _HAS_DATA for voter in with_data),
        acknowledgements_needed=min(needed, len(with_data)),
    )


def lag_of(member: MemberAnswers, answers: SetAnswers) -> float | None:
    """A member's lag in seconds.

    It may merely have been asked before the primary wrote: where it was behind, `waited` says how long it took.
    """
    target, lead = newest(answers), leader_of(answers)
    if member.applied is None or target is None or member is lead:
        return None
    if member.applied >= target:
        return 0.0
    if member.waited is not None and member.waited.value is not None:
        return round(member.waited.value, 3)
    return float(max(0, target.seconds - member.applied.seconds))


def replica_set_report(answers: SetAnswers) -> rep.ReplicaSet:
    """Put the answers about one replica set together."""
    replica_set, lead, votes = answers.replica_set, leader_of(answers), quorum(answers)
    facts = [member.facts for member in answers.members if member.facts]
    source = lead.facts if lead and lead.facts else next(iter(facts), None)
    configs = [one.config for one in facts if one.config]
    config = max(configs, key=lambda one: one.version, default=None)
    known = {member.address for member in config.members} if config else set()
    declared = {str(member.address): member.name for member in replica_set.members}
    elections: collections.Counter[str] = collections.Counter()
    for one in facts:
        elections.update(one.server.elections)
    return rep.ReplicaSet(
        name=replica_set.name,
        database=replica_set.database,
        primary=lead.member.name if lead else None,
        term=max((member.term for member in answers.members if member.term >= 0), default=None),
        primary_since=_elected(lead),
        config_version=config.version if config else None,
        votes=votes.votes,
        votes_alive=votes.alive,
        votes_needed=votes.needed,
        data_members_alive=votes.data_alive,
        acknowledgements_needed=votes.acknowledgements_needed,
        undeclared_members=tuple(sorted(known - set(declared))),
        missing_members=tuple(name for address, name in declared.items() if config and address not in known),
        default_write_concern=source.settings.default_write_concern if source else None,
        default_read_concern=source.settings.default_read_concern if source else None,
        election_timeout_ms=config.election_timeout_ms if config else None,
        declared_election_timeout_ms=replica_set.election_timeout_ms,
        maximum_lag_ms=replica_set.maximum_lag_ms,
        declared_oplog_retention_h=replica_set.oplog_retention_h,
        elections=dict(elections),
        refused_writes=_refused_writes(answers),
        members=tuple(_member(member, answers) for member in answers.members),
    )


def _refused_writes(answers: SetAnswers) -> dict[str, int]:
    """As the primary has them; where it does not say, as the member with the highest counts has them."""
    lead = leader_of(answers)
    noted = [
        (member is lead, sum(member.facts.refused_writes.values()), member.facts.refused_writes)
        for member in answers.members
        if member.facts and member.facts.refused_writes is not None
    ]
    return dict(max(noted, key=lambda one: one[:2])[2]) if noted else {}


def _elected(lead: MemberAnswers | None) -> str | None:
    if lead is None or lead.facts is None or lead.facts.status is None:
        return None
    own = next((one for one in lead.facts.status.members if one.state == "PRIMARY"), None)
    return _moment(own.elected_at) if own else None


def _views(member: MemberAnswers, answers: SetAnswers) -> Iterator[tuple[str, SeenMember]]:
    """How the others see a member, the primary first."""
    lead = leader_of(answers)
    others = sorted(answers.members, key=lambda other: other is not lead)
    for other in others:
        if other is member or other.facts is None or other.facts.status is None:
            continue
        for seen in other.facts.status.members:
            if seen.address == str(member.member.address):
                yield other.member.name, seen


def _member(member: MemberAnswers, answers: SetAnswers) -> rep.ReplicaSetMember:
    declared, hello, facts, peer = member.member, member.hello, member.facts, member.peer
    status, settings = (facts.status, facts.settings) if facts else (None, None)
    server: ServerStatusView | None = facts.server if facts else None
    views = list(_views(member, answers))
    unheard = [(name, seen) for name, seen in views if not seen.heard]
    address = str(declared.address)
    place = next((one for one in configured(answers) if one.address == address), None)
    config_known = any(one.facts and one.facts.config for one in answers.members)
    return rep.ReplicaSetMember(
        name=declared.name,
        host=declared.host,
        port=declared.port,
        arbiter=declared.arbiter,
        error=member.found.error,
        facts_error=member.found.value[0][2] if member.found.value else None,
        state=state_of(member),
        state_seen=views[0][1].state.strip("()") if views else None,
        unheard_by=tuple(name for name, _ in unheard),
        message=(status.message if status else "") or next((seen.message for _, seen in unheard), ""),
        set_name=hello.set_name if hello else None,
        term=member.term if member.term >= 0 else None,
        config_version=facts.config.version if facts and facts.config else hello.config_version if hello else None,
        priority=place.priority if place and config_known else None,
        declared_priority=declared.priority,
        votes=place.votes if place and config_known else None,
        lag_s=lag_of(member, answers),
        applied_at=_moment(status.applied_at) if status else None,
        sync_source=name_at(answers.replica_set, status.sync_source) if status else None,
        too_stale=bool(status and status.too_stale),
        oplog=_oplog(facts.oplog) if facts and facts.oplog else None,
        elections=dict(server.elections) if server else {},
        validators_refused=server.validators_refused if server else None,
        cache=_cache(server) if server else None,
        connections=dict(server.connections) if server else {},
        asserts=dict(server.asserts) if server else {},
        opcounters=dict(server.opcounters) if server else {},
        latency_mean_ms=dict(server.latency_ms) if server else {},
        collection_scans=server.collection_scans if server else None,
        network=dict(server.network) if server else {},
        resident_mib=server.resident_mib if server else None,
        page_faults=server.page_faults if server else None,
        disk_used_bytes=facts.disk.used_bytes if facts and facts.disk else None,
        disk_total_bytes=facts.disk.total_bytes if facts and facts.disk else None,
        clock_offset_ms=hello.clock.offset_ms if hello and hello.clock else None,
        clock_error_ms=hello.clock.error_ms if hello and hello.clock else None,
        tls=Tls(version=peer.tls_version, cipher=peer.cipher) if peer else None,
        tls_accepted=settings.tls_accepted if settings else (),
        latency_ms=peer.latency_ms if peer else None,
        version=server.version if server else None,
        compatibility_version=settings.compatibility_version if settings else None,
        storage_engine=server.storage_engine if server else None,
        journal=settings.journal if settings else None,
        settings={
            "tls_mode": settings.tls_mode,
            "cluster_auth_mode": settings.cluster_auth_mode,
            "authorization": settings.authorization,
        }
        if settings
        else {},
        uptime_s=server.uptime_s if server else None,
        data_directory=settings.data_directory if settings else None,
        data_encrypted=member.encryption.encrypted if member.encryption else None,
        data_encryption=member.encryption.how if member.encryption else None,
    )


def _oplog(view: OplogView) -> rep.Oplog:
    window_h = (view.last - view.first).total_seconds() / 3600 if view.first and view.last else None
    return rep.Oplog(
        first=_moment(view.first),
        last=_moment(view.last),
        window_h=None if window_h is None else round(window_h, 3),
        size_bytes=view.size_bytes,
        maximum_bytes=view.maximum_bytes,
        retention_h=view.retention_h,
        wrapped=view.truncations > 0 or view.size_bytes >= view.maximum_bytes * _FULL_SHARE,
    )


def _cache(view: ServerStatusView) -> rep.Cache | None:
    used, dirty, maximum = view.cache_used_bytes, view.cache_dirty_bytes, view.cache_maximum_bytes
    if used is None or dirty is None or not maximum:
        return None
    return rep.Cache(
        used_bytes=used,
        dirty_bytes=dirty,
        maximum_bytes=maximum,
        used_ratio=round(used / maximum, 4),
        dirty_ratio=round(dirty / maximum, 4),
    )


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).strftime(_RFC_3339) if moment else None
