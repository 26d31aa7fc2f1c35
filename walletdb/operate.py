"""Carry out a failover or a switchover: ask Patroni, watch until it is done, and say how long each step took."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any

from walletdb.assemble import member_at
from walletdb.config import Cluster, Member
from walletdb.control import Action, Observation, Phase, Plan, make_plan, phase_of
from walletdb.deadline import Deadline, Job, run_all
from walletdb.errors import ControlError
from walletdb.move import MOVE_DEADLINE_S, Move, Tell
from walletdb.probes import patroni, postgres
from walletdb.probes.patroni import ClusterView
from walletdb.tls import Identity

__all__ = ["carry_out", "plan_move"]

_LOOK_S = 3.0
_PAUSE_S = 0.1
_OK = range(200, 300)
_STATUS_UNKNOWN = "status unknown"
"""What Patroni says after 20 s in which the move neither happened nor was dropped: it may still happen."""


def plan_move(
    action: Action, cluster: Cluster, identity: Identity, *, candidate: str | None, allow_data_loss: bool
) -> Plan:
    """Ask all members and choose who takes over.

    Raises:
        ControlError: no member answers, or nobody may take over.
    """
    nodes = {member.name: Job(functools.partial(patroni.node, member, identity)) for member in cluster.members}
    views = {member.name: Job(functools.partial(patroni.cluster, member, identity)) for member in cluster.members}
    jobs: list[Job[Any]] = [*nodes.values(), *views.values()]
    run_all(jobs, _LOOK_S)
    alive = {name: job.found.value[0] for name, job in nodes.items() if job.found.value}
    view = _best_view({name: job.found.value for name, job in views.items() if job.found.value})
    if view is None:
        said = "; ".join(f"{name}: {job.found.error}" for name, job in views.items())
        raise ControlError(
            f"no member of {cluster.name} can say who leads, so nobody can be told to take over",
            got=said,
            fix="walletdb status; Patroni answers only while etcd does: `make up` brings both back",
        )
    return make_plan(action, cluster, view, alive, candidate=candidate, allow_data_loss=allow_data_loss)


def carry_out(plan: Plan, cluster: Cluster, identity: Identity, tell: Tell, seconds: float = MOVE_DEADLINE_S) -> Move:
    """Ask for the move and watch it; `tell` gets a line for each step.

    Raises:
        ControlError: Patroni refused, or the new leader was not writable within `seconds`.
    """
    members = {member.name: member for member in cluster.members}
    asked = members[plan.leader] if plan.leader and plan.leader_alive else members[plan.candidate]
    leader = plan.leader if plan.action == "switchover" else None
    request = Job(functools.partial(patroni.move_leader, asked, identity, leader=leader, candidate=plan.candidate))
    began = time.monotonic()
    request.start(Deadline.after(seconds))
    reached: dict[Phase, float] = {}
    seen = Observation()
    while Phase.DONE not in reached and time.monotonic() - began < seconds:
        seen = _look(plan, cluster, members, identity, request)
        passed = time.monotonic() - began
        for phase in range(Phase.LED, phase_of(plan, seen) + 1):
            if Phase(phase) not in reached:
                reached[Phase(phase)] = round(passed, 2)
                tell(_step(Phase(phase), plan, passed))
        time.sleep(_PAUSE_S)
    if Phase.WRITABLE not in reached:
        raise ControlError(
            f"{plan.candidate} takes no writes {seconds:g} s after the {plan.action} was asked for",
            got=_said(request),
            fix="walletdb status; the request may still be carried out",
        )
    streaming = {standby.name for standby in seen.standbys if standby.state == "streaming"}
    return Move(
        action=plan.action,
        cluster=plan.cluster,
        old_leader=plan.leader,
        new_leader=plan.candidate,
        led_after_s=reached.get(Phase.LED),
        writable_after_s=reached.get(Phase.WRITABLE),
        streaming_after_s=reached.get(Phase.DONE),
        missing=tuple(sorted(set(members) - streaming - {plan.candidate})),
    )


def _look(
    plan: Plan, cluster: Cluster, members: Mapping[str, Member], identity: Identity, request: Job[Any]
) -> Observation:
    """Who has the key in the candidate's eyes, and, once it is the candidate, who takes a write through the writer.

    Patroni's answer is read before looking: a refusal counts only if the leader is the old one even after it.
    """
    refusal = _refusal(request)
    view = Job(functools.partial(patroni.cluster, members[plan.candidate], identity))
    run_all([view], _LOOK_S)
    leader = view.found.value.leader if view.found.value else None
    if leader != plan.candidate:
        return Observation(leader=leader, refusal=refusal)
    write = Job(functools.partial(postgres.write_through, cluster.writer, cluster.database, identity))
    run_all([write], _LOOK_S)
    if write.found.value is None:
        return Observation(leader=leader)
    endpoint, standbys = write.found.value
    return Observation(leader=leader, writer=member_at(cluster, endpoint.host, endpoint.port), standbys=standbys)


def _refusal(request: Job[Any]) -> str | None:
    """Patroni's text, if it has answered and will not do it."""
    answer = request.found.value
    if answer is None or answer.status in _OK or _STATUS_UNKNOWN in str(answer.body):
        return None
    return f"HTTP {answer.status} {answer.body}"


def _said(request: Job[Any]) -> str:
    answer = request.found.value
    return f"HTTP {answer.status} {answer.body}" if answer else request.found.error or ""


def _best_view(views: Mapping[str, ClusterView]) -> ClusterView | None:
    own = [view for name, view in views.items() if view.leader == name]
    return next(iter([*own, *views.values()]), None)


def _step(phase: Phase, plan: Plan, seconds: float) -> str:
    what = {
        Phase.LED: f"{plan.candidate} leads",
        Phase.WRITABLE: f"{plan.candidate} takes writes through the writer",
        Phase.DONE: f"all members that were alive stream from {plan.candidate}",
    }[phase]
    return f"{seconds:5.1f} s  {what}"
