"""Patroni's REST interface: what a member and the cluster look like to Patroni, and asking it to move the leader."""

from __future__ import annotations

import dataclasses
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from walletdb.config import Member
from walletdb.deadline import Deadline
from walletdb.errors import ProbeError
from walletdb.tls import Answer, Identity, Peer, https_json

__all__ = ["ClusterView", "MemberView", "NodeView", "cluster", "move_leader", "node", "parse_cluster", "parse_node"]

LEADER_ROLES = frozenset({"leader", "standby_leader"})
SYNC_ROLES = frozenset({"sync_standby", "quorum_standby"})


class _Wire(BaseModel):
    """What Patroni sends has more keys than we read, and newer releases add some."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Build(_Wire):
    version: str | None = None


class _Node(_Wire):
    state: str = "unknown"
    role: str = "unknown"
    timeline: int | None = None
    replication_state: str | None = None
    pending_restart: bool = False
    pending_restart_reason: dict[str, object] = Field(default_factory=dict)
    patroni: _Build = Field(default_factory=_Build)


class _Member(_Wire):
    name: str
    role: str = "unknown"
    state: str = "unknown"
    timeline: int | None = None
    lag: int | str | None = None
    tags: dict[str, object] = Field(default_factory=dict)


class _Cluster(_Wire):
    members: tuple[_Member, ...] = ()
    pause: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NodeView:
    """A member's own words (GET /patroni)."""

    state: str
    role: str
    timeline: int | None
    replication_state: str | None
    pending_restart: tuple[str, ...]
    patroni_version: str | None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MemberView:
    """One member as the cluster sees it (GET /cluster). `lag_bytes` is None where Patroni does not know it."""

    name: str
    role: str
    state: str
    timeline: int | None = None
    lag_bytes: int | None = None
    no_failover: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ClusterView:
    """The cluster as etcd has it (GET /cluster)."""

    members: tuple[MemberView, ...]
    paused: bool = False

    @property
    def leader(self) -> str | None:
        """The name of the member that holds the leader key, if any."""
        return next((member.name for member in self.members if member.role in LEADER_ROLES), None)

    def member(self, name: str) -> MemberView | None:
        """The member of that name, if etcd knows it."""
        return next((member for member in self.members if member.name == name), None)


def node(member: Member, identity: Identity, deadline: Deadline) -> tuple[NodeView, Peer]:
    """Ask a member about itself. It answers 503 when PostgreSQL is down, with the same content.

    Raises:
        ProbeError: no answer, or none that can be read.
    """
    answer = https_json(f"{member.rest_url}/patroni", identity, deadline)
    return parse_node(answer.body), answer.peer


def cluster(member: Member, identity: Identity, deadline: Deadline) -> ClusterView:
    """Ask a member about its cluster; it reads etcd for that.

    Raises:
        ProbeError: no answer, or none that can be read (etcd is down).
    """
    answer = https_json(f"{member.rest_url}/cluster", identity, deadline)
    if answer.status != HTTPStatus.OK:
        raise ProbeError(f"{member.name} cannot describe its cluster: HTTP {answer.status} {answer.body!s:.200}")
    return parse_cluster(answer.body)


def move_leader(asked: Member, identity: Identity, deadline: Deadline, *, leader: str | None, candidate: str) -> Answer:
    """Ask for a switchover away from `leader`, or for a failover when `leader` is None. Answers after up to 20 s.

    Raises:
        ProbeError: no answer.
    """
    action = "failover" if leader is None else "switchover"
    body = {"candidate": candidate} if leader is None else {"leader": leader, "candidate": candidate}
    return https_json(f"{asked.rest_url}/{action}", identity, deadline, method="POST", body=body)


def parse_node(body: object) -> NodeView:
    """Read the answer to GET /patroni.

    Raises:
        ProbeError: it is not what Patroni sends.
    """
    try:
        seen = _Node.model_validate(body)
    except ValidationError as error:
        raise ProbeError(f"unexpected answer from Patroni: {body!s:.200}") from error
    reasons = tuple(sorted(seen.pending_restart_reason)) or ("a parameter",)
    return NodeView(
        state=seen.state,
        role=seen.role,
        timeline=seen.timeline,
        replication_state=seen.replication_state,
        pending_restart=reasons if seen.pending_restart else (),
        patroni_version=seen.patroni.version,
    )


def parse_cluster(body: object) -> ClusterView:
    """Read the answer to GET /cluster.

    Raises:
        ProbeError: it is not what Patroni sends.
    """
    try:
        seen = _Cluster.model_validate(body)
    except ValidationError as error:
        raise ProbeError(f"unexpected answer from Patroni: {body!s:.200}") from error
    members = tuple(
        MemberView(
            name=member.name,
            role=member.role,
            state=member.state,
            timeline=member.timeline,
            lag_bytes=member.lag if isinstance(member.lag, int) else None,
            no_failover=bool(member.tags.get("nofailover")) or member.tags.get("failover_priority") == 0,
        )
        for member in sorted(seen.members, key=lambda member: member.name)
    )
    return ClusterView(members=members, paused=seen.pause)
