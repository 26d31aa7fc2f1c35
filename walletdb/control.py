"""Moving the leader: who may take over, and how far a move has come. Pure; `operate` asks the servers.

A move goes REQUESTED → LED (the candidate has the leader key) → WRITABLE (a commit went through the writer to it) →
DONE (every member that was alive streams from it, and as many as wanted are synchronous). It never goes back: a phase
once seen is kept with its time.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Literal

from walletdb.config import Cluster
from walletdb.errors import ControlError
from walletdb.probes.patroni import SYNC_ROLES, ClusterView, NodeView
from walletdb.probes.postgres import Standby

__all__ = ["Action", "Observation", "Phase", "Plan", "make_plan", "phase_of", "unfit"]

Action = Literal["failover", "switchover"]

_RUNNING = frozenset({"running", "streaming", "in archive recovery"})
_SYNC_STATES = frozenset({"sync", "quorum"})


class Phase(enum.IntEnum):
    """How far a move has come."""

    REQUESTED = 0
    LED = 1
    WRITABLE = 2
    DONE = 3


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What will be asked for. `expected`: members that must stream from the new leader in the end.

    `candidate_named`: the candidate was wished for, not merely the best there is.
    """

    action: Action
    cluster: str
    leader: str | None
    leader_alive: bool
    candidate: str
    expected: frozenset[str]
    synchronous_wanted: int
    may_lose: bool
    candidate_named: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """One look at a move. `refusal`: Patroni's answer where it was a refusal."""

    leader: str | None = None
    writer: str | None = None
    standbys: tuple[Standby, ...] = ()
    refusal: str | None = None


def make_plan(
    action: Action,
    cluster: Cluster,
    view: ClusterView,
    nodes: Mapping[str, NodeView],
    *,
    candidate: str | None = None,
    allow_data_loss: bool = False,
) -> Plan:
    """Choose who takes over. `nodes`: the members whose Patroni answered.

    Raises:
        ControlError: nobody may, with the reason for each member.
    """
    leader = view.leader
    names = [member.name for member in cluster.members]
    if len(names) == 1:
        raise _refused(action, cluster, "it has one member", "set more replicas in the stack's configuration")
    if candidate is not None and candidate not in names:
        raise ControlError(f"{cluster.name} has no member {candidate!r}", got=candidate, allowed=", ".join(names))
    if action == "switchover" and (leader is None or leader not in nodes):
        what = "there is no leader" if leader is None else f"the leader {leader} does not answer"
        raise _refused(action, cluster, what, f"walletdb failover --cluster {cluster.name}")
    chosen = [candidate] if candidate else [name for name in names if name != leader]
    reasons = {name: unfit(name, cluster, view, nodes) for name in chosen}
    fit = [name for name, reason in reasons.items() if reason is None]
    if not fit and allow_data_loss and action == "failover":
        reasons = {name: unfit(name, cluster, view, nodes, asynchronous=True) for name in chosen}
        fit = [name for name, reason in reasons.items() if reason is None]
    if not fit:
        said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items()) or "no member but the leader"
        raise _refused(action, cluster, said, _way_out(action, cluster, view, nodes, chosen))
    new = min(fit, key=lambda name: _behind(name, view))
    alive = {name for name in names if name in nodes and nodes[name].state in _RUNNING}
    return Plan(
        action=action,
        cluster=cluster.name,
        leader=leader,
        leader_alive=leader in alive,
        candidate=new,
        expected=frozenset(alive - {new}),
        synchronous_wanted=min(cluster.synchronous_standbys, len(alive - {new})),
        # Without a synchronous standby nobody knows whether the old leader acknowledged more than the new one has.
        may_lose=unfit(new, cluster, view, nodes) is not None
        or (action == "failover" and not cluster.synchronous_standbys),
    )


def _behind(name: str, view: ClusterView) -> float:
    """Bytes that a member lacks; endless where Patroni does not know."""
    seen = view.member(name)
    return float("inf") if seen is None or seen.lag_bytes is None else seen.lag_bytes


def unfit(
    name: str, cluster: Cluster, view: ClusterView, nodes: Mapping[str, NodeView], *, asynchronous: bool = False
) -> str | None:
    """Why this member may not take over; None: it may. `asynchronous`: commits may be lost."""
    seen, node = view.member(name), nodes.get(name)
    in_sync = not cluster.synchronous_standbys or bool(seen and seen.role in SYNC_ROLES)
    reasons = (
        (name == view.leader, "is the leader"),
        (seen is None, "is unknown to Patroni (not started, or gone for longer than the ttl)"),
        (node is None, "its Patroni does not answer"),
        (node is not None and node.state not in _RUNNING, f"PostgreSQL is {node.state if node else 'gone'}"),
        (seen is not None and seen.no_failover, "is tagged nofailover"),
        (not in_sync and not asynchronous, "is no synchronous standby: acknowledged commits could be lost"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def phase_of(plan: Plan, seen: Observation) -> Phase:
    """How far one look shows the move to be.

    Raises:
        ControlError: Patroni refused, and the leader is still the old one; or another member than asked leads.
    """
    if seen.leader not in {None, plan.leader, plan.candidate}:
        raise ControlError(
            f"{seen.leader} leads now instead of {plan.candidate}",
            got=seen.refusal or "",
            fix="walletdb status; switch over once more if it matters who leads",
        )
    if seen.leader != plan.candidate:
        if seen.refusal is not None:
            raise ControlError(
                f"Patroni refused the {plan.action} to {plan.candidate}; nothing was changed",
                got=seen.refusal,
                fix="walletdb status shows what is wrong with it",
            )
        return Phase.REQUESTED
    if seen.writer != plan.candidate:
        return Phase.LED
    streaming = {standby.name for standby in seen.standbys if standby.state == "streaming"}
    in_sync = sum(standby.sync_state in _SYNC_STATES for standby in seen.standbys if standby.state == "streaming")
    complete = plan.expected <= streaming and in_sync >= plan.synchronous_wanted
    return Phase.DONE if complete else Phase.WRITABLE


def _refused(action: Action, cluster: Cluster, reason: str, fix: str) -> ControlError:
    return ControlError(f"no {action} of {cluster.name}: {reason}", fix=fix)


def _way_out(
    action: Action, cluster: Cluster, view: ClusterView, nodes: Mapping[str, NodeView], chosen: list[str]
) -> str:
    could = [name for name in chosen if unfit(name, cluster, view, nodes, asynchronous=True) is None]
    if action == "failover" and could:
        again = f"walletdb failover --cluster {cluster.name} --candidate {could[0]} --allow-data-loss"
        return f"bring a synchronous standby back; or, losing its latest commits: {again}"
    return "bring a synchronous standby back (walletdb status shows what is wrong)"
