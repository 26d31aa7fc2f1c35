"""Carry out a failover or a switchover of a replica set, watch until it is done, and say how long each step took.

A switchover: the others are frozen where a candidate was named (they call no election), the primary steps down once
another member has its writes, and the candidate is told to stand. A failover: the best member alive is told to stand.
Done when it leads, a majority acknowledged a write that found its way to it, and all that were alive have that write.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterator, Mapping

from walletdb.collect_mongodb import SetJobs
from walletdb.config import ReplicaSet
from walletdb.control import Action, Phase, Plan
from walletdb.control_mongodb import CATCH_UP_S, SetObservation, make_plan, phase_of
from walletdb.deadline import Job, run_all
from walletdb.errors import ControlError
from walletdb.move import Move, Tell
from walletdb.probes import mongodb
from walletdb.probes.mongodb_facts import HelloView, OpTime
from walletdb.tls import Identity

__all__ = ["carry_out", "plan_move"]

_LOOK_S = 3.0
_WRITE_S = 5.0
_PAUSE_S = 0.1
_MARGIN_S = 5
_CHOOSE_S = 1.0
_AGAIN_S = 15.0
"""Longer than a new primary waits for a member that is frozen: the time-out of heartbeats is 10 s."""
_FOLLOWS = "SECONDARY"
_WORDS = {
    Phase.LED: "{new} leads",
    Phase.WRITABLE: "a majority acknowledged a write through {new}",
    Phase.DONE: "all members that were alive have that write from {new}",
}


def plan_move(
    action: Action, replica_set: ReplicaSet, identity: Identity, *, candidate: str | None, allow_data_loss: bool
) -> Plan:
    """Ask all members and choose who takes over.

    Raises:
        ControlError: nobody may take over.
    """
    jobs = SetJobs(replica_set, identity)
    run_all(jobs.jobs(), _LOOK_S)
    return make_plan(action, jobs.answers(), candidate=candidate, allow_data_loss=allow_data_loss)


def carry_out(plan: Plan, replica_set: ReplicaSet, identity: Identity, tell: Tell, seconds: float) -> Move:
    """Move the primary and watch; `tell` gets a line for each step.

    Raises:
        ControlError: it was refused, or no write was acknowledged by a majority within `seconds`.
    """
    move = _Moving(plan, replica_set, identity, tell, seconds)
    others = sorted(plan.expected - {plan.leader}) if plan.candidate_named else []
    with move.frozen(others):
        if plan.action == "switchover":
            move.step_down()
        move.watch()
    return move.result()


class _Moving:
    """A move under way."""

    def __init__(self, plan: Plan, replica_set: ReplicaSet, identity: Identity, tell: Tell, seconds: float) -> None:
        self._plan = plan
        self._set = replica_set
        self._identity = identity
        self._tell = tell
        self._seconds = seconds
        self._members = {member.name: member for member in replica_set.members}
        self._began = time.monotonic()
        self._reached: dict[Phase, float] = {}
        self._said = ""
        self._new = plan.candidate
        self._following: frozenset[str] = frozenset()
        self._note: OpTime | None = None
        self._asked_down: tuple[str, ...] = ()
        self._stepped_down_at = 0.0
        self._elected_at = -_AGAIN_S

    @contextlib.contextmanager
    def frozen(self, names: list[str]) -> Iterator[None]:
        """Keep members from calling an election; in the end they, and who stepped down, may again, come what may.

        Should this process die in between, the freeze ends by itself.
        """
        freeze_s = int(self._seconds) + CATCH_UP_S + _MARGIN_S
        failed = self._order({name: {"replSetFreeze": freeze_s} for name in names})
        try:
            if failed:
                said = "; ".join(f"{name}: {error}" for name, error in failed.items())
                raise ControlError(
                    f"no {self._plan.action} of {self._set.name}: not all others can be kept from standing",
                    got=said,
                    fix="walletdb status; nothing was changed",
                )
            if names:
                self._step(f"no election meanwhile by {' and '.join(names)}")
            yield
        finally:
            free = sorted({*names, *self._asked_down} - {self._new})
            for name, error in self._order({name: {"replSetFreeze": 0} for name in free}).items():
                if name in names or self._stepped_down_at:  # else it never stepped down, and a primary is not frozen
                    self._tell(f"{name} may call no election for up to {freeze_s} s more: {error}")

    def step_down(self) -> None:
        """Have the primary wait for a member that has all its writes, and step down.

        Raises:
            ControlError: it did not: nobody caught up in time, or it does not answer.
        """
        catch_up_s = max(1, min(CATCH_UP_S, int(self._seconds)))
        order = {
            "replSetStepDown": int(self._seconds) + catch_up_s + _MARGIN_S,
            "secondaryCatchUpPeriodSecs": catch_up_s,
        }
        leader = self._plan.leader or ""
        self._asked_down = (leader,)
        failed = self._order({leader: order}, catch_up_s + _MARGIN_S)
        if failed:
            raise ControlError(
                f"{leader} does not step down",
                got=failed[leader],
                fix="walletdb status shows who lags; where the primary itself is frozen: walletdb failover",
            )
        self._stepped_down_at = self._passed()
        self._step(f"{leader} stepped down")

    def watch(self) -> None:
        """Tell the candidate to stand until somebody leads; then write, and look who follows.

        Raises:
            ControlError: another member leads, or no majority acknowledged a write in time.
        """
        while Phase.DONE not in self._reached and self._passed() < self._seconds:
            seen = self._look()
            self._new = seen.primary if seen.primary not in {None, self._plan.leader} else self._new
            self._following = seen.following
            for phase in range(Phase.LED, phase_of(self._plan, seen) + 1):
                if Phase(phase) not in self._reached:
                    self._reached[Phase(phase)] = round(self._passed(), 2)
                    self._step(_WORDS[Phase(phase)].format(new=self._new))
            self._stop_where_nothing_can_come()
            time.sleep(_PAUSE_S)
        if Phase.WRITABLE not in self._reached:
            leads = Phase.LED in self._reached
            raise ControlError(
                f"{self._new} {'leads, but no majority acknowledged a write' if leads else 'does not lead'} "
                f"{self._seconds:g} s after the {self._plan.action} was asked for",
                got=self._said,
                fix="walletdb status",
            )

    def result(self) -> Move:
        """What happened."""
        with_data = {member.name for member in self._set.members if not member.arbiter}
        return Move(
            action=self._plan.action,
            cluster=self._plan.cluster,
            old_leader=self._plan.leader,
            new_leader=self._new,
            led_after_s=self._reached.get(Phase.LED),
            writable_after_s=self._reached.get(Phase.WRITABLE),
            streaming_after_s=self._reached.get(Phase.DONE),
            missing=tuple(sorted(with_data - self._following - {self._new})),
        )

    def _look(self) -> SetObservation:
        """Who leads, in the words of the members that were alive, and once somebody does: who has the write."""
        found = self._hellos()
        leads = [name for name, one in found.items() if one.state == "PRIMARY" and name != self._plan.leader]
        if not leads:
            self._stand()
            return SetObservation()
        if Phase.LED in self._reached:  # else that is told first: a write may have to wait
            self._note = self._note or self._write()
        note = self._note
        if note is None:
            return SetObservation(primary=leads[0])
        following = {
            name
            for name, one in found.items()
            if one.state == _FOLLOWS and one.applied is not None and one.applied >= note
        }
        return SetObservation(primary=leads[0], note=note, following=frozenset(following))

    def _hellos(self) -> dict[str, HelloView]:
        names = sorted(self._plan.expected | {self._plan.candidate})
        jobs = {
            name: Job(functools.partial(mongodb.hello, self._members[name], self._set, self._identity))
            for name in names
        }
        run_all(jobs.values(), _LOOK_S)
        return {name: job.found.value for name, job in jobs.items() if job.found.value}

    def _stand(self) -> None:
        """Tell the candidate to call an election; where none was named, who steps down chooses first.

        Who has won one is not primary before it has what the others have: that takes as long as a frozen member is
        waited for, and needs no further election.
        """
        chooses = self._plan.action == "switchover" and not self._plan.candidate_named
        earliest = max(self._elected_at + _AGAIN_S, self._stepped_down_at + _CHOOSE_S if chooses else 0.0)
        if self._passed() < earliest:
            return
        failed = self._order({self._plan.candidate: {"replSetStepUp": 1}})
        if failed:
            self._said = failed[self._plan.candidate]
        else:
            self._elected_at = self._passed()

    def _write(self) -> OpTime | None:
        job = Job(functools.partial(mongodb.write_majority, self._set, self._identity))
        run_all([job], _WRITE_S)
        self._said = job.found.error or self._said
        return job.found.value

    def _stop_where_nothing_can_come(self) -> None:
        """With too few members with data alive the new primary leads, and writes with w: majority wait."""
        short = len(self._plan.expected) < self._plan.synchronous_wanted
        if short and Phase.LED in self._reached and Phase.WRITABLE not in self._reached:
            need = self._plan.synchronous_wanted + 1
            raise ControlError(
                f"{self._new} leads, but no write can be acknowledged by a majority: {need} members with data are "
                f"needed, {len(self._plan.expected) + 1} are alive",
                fix="bring the others back (`make up`); until then reads work, and writes with w: majority wait",
            )

    def _order(self, orders: Mapping[str, Mapping[str, object]], seconds: float = _LOOK_S) -> dict[str, str]:
        """Give each member its order, all at once; the errors of those that did not follow it."""
        jobs = {
            name: Job(functools.partial(mongodb.command, self._members[name], order, self._set, self._identity))
            for name, order in orders.items()
        }
        run_all(jobs.values(), seconds)
        return {name: job.found.error for name, job in jobs.items() if job.found.error is not None}

    def _passed(self) -> float:
        return time.monotonic() - self._began

    def _step(self, what: str) -> None:
        self._tell(f"{self._passed():5.1f} s  {what}")
