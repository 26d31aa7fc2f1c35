"""From the servers' answers to the report of one cluster. Pure: no clock, no network."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from walletdb import config as cfg
from walletdb import report as rep
from walletdb.deadline import Found
from walletdb.probes.patroni import SYNC_ROLES, ClusterView, NodeView
from walletdb.probes.pooler import NOT_SHOWN, PoolerView
from walletdb.probes.postgres import EndpointView, ServerView, Standby
from walletdb.probes.storage import Encryption
from walletdb.tls import Peer

__all__ = ["ClusterAnswers", "MemberAnswers", "cluster_report", "lag_of", "leader_of", "member_at", "tls_of"]

_SYNC_STATES = frozenset({"sync", "quorum"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class MemberAnswers:
    """What one member's server (`sql`) and Patroni (`rest`: of itself, `view`: of the cluster) said.

    `waited`: only for a replica that was behind at first: seconds until it had replayed what the leader had written,
    None inside for "not within the limit".
    """

    member: cfg.Member
    sql: Found[tuple[ServerView, Peer]]
    rest: Found[tuple[NodeView, Peer]]
    view: Found[ClusterView]
    waited: Found[float | None] | None = None
    encryption: Encryption | None = None

    @property
    def server(self) -> ServerView | None:
        """The server's own words, if it answered."""
        return self.sql.value[0] if self.sql.value else None

    @property
    def node(self) -> NodeView | None:
        """Patroni's own words, if it answered."""
        return self.rest.value[0] if self.rest.value else None


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClusterAnswers:
    """Everything that was asked about one cluster."""

    cluster: cfg.Cluster
    members: tuple[MemberAnswers, ...]
    writer: Found[tuple[EndpointView, Peer]]
    reader: Found[tuple[EndpointView, Peer]]
    pooler: Found[tuple[PoolerView, Peer]] | None = None


def leader_of(answers: ClusterAnswers) -> MemberAnswers | None:
    """The member that writes; where two do, the one with the leader key counts."""
    writing = [member for member in answers.members if member.server and not member.server.in_recovery]
    view = _view(answers)
    return next((member for member in writing if view and member.member.name == view.leader), next(iter(writing), None))


def lag_of(
    server: ServerView, leader_lsn: int | None, waited: Found[float | None] | None, limit_s: float
) -> tuple[int | None, float | None]:
    """A replica's lag in bytes and seconds.

    `pg_last_xact_replay_timestamp()` alone would show a long lag whenever nobody writes: it counts only where the
    replica has not replayed all there is. Where it had not at first, `waited` tells lag from mere bad timing.
    """
    if server.replayed is None:
        return None, None
    if leader_lsn is None:
        return None, _lag_without_leader(server)
    behind = max(0, leader_lsn - server.replayed)
    if behind == 0:
        return 0, 0.0
    if waited is None or waited.error is not None:
        return behind, server.replay_age_s
    if waited.value is None:
        return behind, max(limit_s, server.replay_age_s or 0.0)
    return behind, round(waited.value, 3)


def _lag_without_leader(server: ServerView) -> float | None:
    """Seconds behind what was received; None where it receives nothing, for then nobody knows."""
    if server.received is not None and (server.replayed or 0) < server.received:
        return server.replay_age_s
    return 0.0 if server.receiver == "streaming" else None


def cluster_report(answers: ClusterAnswers) -> rep.Cluster:
    """Put the answers about one cluster together."""
    cluster = answers.cluster
    lead, view = leader_of(answers), _view(answers)
    standbys = lead.server.standbys if lead and lead.server else None
    writer = answers.writer.value[0] if answers.writer.value else None
    errors = [member.view.error for member in answers.members if member.view.error]
    return rep.Cluster(
        name=cluster.name,
        scope=cluster.scope,
        database=cluster.database,
        leader=lead.member.name if lead else None,
        leader_key=view.leader if view else None,
        dcs_error=None if view else errors[0] if errors else "nobody was asked",
        paused=bool(view and view.paused),
        synchronous_standbys_wanted=cluster.synchronous_standbys,
        synchronous_standbys=None if standbys is None else _count_sync(standbys),
        maximum_lag_ms=cluster.maximum_lag_ms,
        reader_max_lag_mib=cluster.reader_max_lag_mib,
        members=tuple(_member(member, answers, lead, view) for member in answers.members),
        writer=_endpoint("writer", cluster.writer, answers.writer, cluster),
        reader=_endpoint("reader", cluster.reader, answers.reader, cluster),
        pooler=_pooler(cluster.pooler, answers.pooler),
        timescaledb=rep.Timescaledb(
            expected=cluster.expect_timescaledb,
            available=writer.timescaledb_available if writer else None,
            installed=writer.timescaledb_installed if writer else None,
        ),
    )


def member_at(cluster: cfg.Cluster, host: str, port: int) -> str | None:
    """The member that listens there; a member configured by name instead of address is told by its port alone."""
    at_port = [member for member in cluster.members if member.port == port]
    exact = [member for member in at_port if member.host == host]
    found = exact or (at_port if len(at_port) == 1 else [])
    return found[0].name if found else None


def tls_of(peer: Peer | None) -> rep.Tls | None:
    """The handshake's part of the report."""
    return rep.Tls(version=peer.tls_version, cipher=peer.cipher) if peer else None


def _view(answers: ClusterAnswers) -> ClusterView | None:
    """The cluster in Patroni's words: the member's that says it leads, else anyone's."""
    views = [(member.member.name, member.view.value) for member in answers.members if member.view.value]
    own = [view for name, view in views if view.leader == name]
    return own[0] if own else views[0][1] if views else None


def _count_sync(standbys: tuple[Standby, ...]) -> int:
    return sum(standby.sync_state in _SYNC_STATES and standby.state == "streaming" for standby in standbys)


def _member(
    answers: MemberAnswers, all_answers: ClusterAnswers, lead: MemberAnswers | None, view: ClusterView | None
) -> rep.Member:
    member, server, node = answers.member, answers.server, answers.node
    seen = view.member(member.name) if view else None
    standbys = {standby.name: standby for standby in lead.server.standbys} if lead and lead.server else {}
    standby = standbys.get(member.name)
    writes = server is not None and not server.in_recovery
    in_sync = standby.sync_state in _SYNC_STATES if standby else bool(not lead and seen and seen.role in SYNC_ROLES)
    limit_s = all_answers.cluster.maximum_lag_ms / 1000
    lag = lag_of(server, lead.server.lsn if lead and lead.server else None, answers.waited, limit_s) if server else None
    peer = answers.sql.value[1] if answers.sql.value else None
    settings: Mapping[str, str] = server.settings if server else {}
    pending = {*(server.pending_restart if server else ()), *(node.pending_restart if node else ())}
    return rep.Member(
        name=member.name,
        host=member.host,
        port=member.port,
        role="unknown" if server is None else "leader" if writes else "sync_standby" if in_sync else "replica",
        state=seen.state if seen else node.state if node else None,
        sql_error=answers.sql.error,
        rest_error=answers.rest.error,
        timeline=server.timeline if server else None,
        lag_bytes=lag[0] if lag and not writes else None,
        lag_s=lag[1] if lag and not writes else None,
        replay_paused=bool(server and server.replay_paused),
        streaming=_streaming(server, standby, leader_known=lead is not None),
        sync_state=standby.sync_state if standby else None,
        pending_restart=tuple(sorted(pending)),
        tls=rep.Tls(version=server.tls_version, cipher=server.cipher) if server else None,
        latency_ms=peer.latency_ms if peer else None,
        version=server.version if server else None,
        patroni_version=node.patroni_version if node else None,
        system_identifier=server.system_identifier if server else None,
        data_checksums=settings.get("data_checksums"),
        ssl_min_protocol_version=settings.get("ssl_min_protocol_version"),
        password_encryption=settings.get("password_encryption"),
        data_directory=server.data_directory if server else None,
        data_encrypted=answers.encryption.encrypted if answers.encryption else None,
        data_encryption=answers.encryption.how if answers.encryption else None,
    )


def _streaming(server: ServerView | None, standby: Standby | None, *, leader_known: bool) -> bool | None:
    """The leader's word where there is one: a receiver may stream from a leader that is none any more."""
    if server is None or not server.in_recovery:
        return None
    if leader_known:
        return standby is not None and standby.state == "streaming"
    return server.receiver == "streaming"


def _endpoint(
    name: str, listener: cfg.HostPort, found: Found[tuple[EndpointView, Peer]], cluster: cfg.Cluster
) -> rep.Endpoint:
    view, peer = found.value or (None, None)
    return rep.Endpoint(
        name=name,
        host=listener.host,
        port=listener.port,
        error=found.error,
        answered_by=member_at(cluster, view.host, view.port) if view else None,
        in_recovery=view.in_recovery if view else None,
        tls=rep.Tls(version=view.tls_version, cipher=view.cipher) if view else None,
        latency_ms=peer.latency_ms if peer else None,
    )


def _pooler(listener: cfg.HostPort | None, found: Found[tuple[PoolerView, Peer]] | None) -> rep.Pooler | None:
    if listener is None or found is None:
        return None
    view, peer = found.value or (None, None)
    return rep.Pooler(
        host=listener.host,
        port=listener.port,
        error=found.error or (view.error if view else None),
        reaches_server=view.reaches_server if view else None,
        tls=tls_of(peer),
        latency_ms=peer.latency_ms if peer else None,
        not_shown=NOT_SHOWN,
    )
