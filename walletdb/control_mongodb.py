"""Moving a replica set's primary: who may take over, and how far a move has come. Pure; `operate_mongodb` asks.

An election never gives up a write that a majority acknowledged: one that is acknowledged is on a member of any
majority, and a member votes only for who has all that it has itself. So nothing here can lose such a write, and where
no majority is alive nothing here helps: a forced reconfiguration could lose some, and is a person's decision.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from walletdb.assemble_mongodb import MemberAnswers, SetAnswers, configured, leader_of, name_at, quorum, state_of
from walletdb.config import ReplicaSet
from walletdb.control import Action, Phase, Plan
from walletdb.errors import ControlError
from walletdb.probes.mongodb_facts import OpTime

__all__ = ["CATCH_UP_S", "SetObservation", "make_plan", "phase_of", "unfit"]

_NOWHERE = OpTime(-1, 0, 0)

CATCH_UP_S = 10
"""How long a primary that steps down waits for a member to have all its writes; it takes no new ones meanwhile."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SetObservation:
    """One look at a move.

    `note`: where in the oplog the write is that a majority acknowledged; `following`: who is SECONDARY and has it.
    """

    primary: str | None = None
    note: OpTime | None = None
    following: frozenset[str] = frozenset()


def make_plan(
    action: Action,
    answers: SetAnswers,
    *,
    candidate: str | None = None,
    allow_data_loss: bool = False,
) -> Plan:
    """Choose who takes over. `synchronous_wanted` of the plan: members beside the new primary that a majority needs.

    Raises:
        ControlError: nobody may, with the reason for each member.
    """
    replica_set, lead, votes = answers.replica_set, leader_of(answers), quorum(answers)
    names = [member.name for member in replica_set.members]
    if len([member for member in replica_set.members if not member.arbiter]) == 1:
        fix = "set more members in the stack's configuration"
        raise _refused(action, replica_set, "it has one member with data", fix)
    if candidate is not None and candidate not in names:
        raise ControlError(f"{replica_set.name} has no member {candidate!r}", got=candidate, allowed=", ".join(names))
    if votes.alive < votes.needed:
        raise _no_majority(action, answers, allow_data_loss=allow_data_loss)
    if action == "switchover" and lead is None:
        fix = f"walletdb failover --cluster {replica_set.name}"
        raise _refused(action, replica_set, "no member can be seen that is primary", fix)
    others = [member for member in answers.members if member is not lead]
    chosen = [member for member in answers.members if member.member.name == candidate] if candidate else others
    reasons = {member.member.name: unfit(action, member, answers) for member in chosen}
    fit = [member for member in chosen if reasons[member.member.name] is None]
    if not fit:
        said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items()) or "no member but the primary"
        raise _refused(action, replica_set, said, "walletdb status shows what is wrong")
    new = max(fit, key=lambda member: (_priority(member, answers), member.applied or _NOWHERE))
    alive = {member.member.name for member in answers.members if state_of(member) in {"PRIMARY", "SECONDARY"}}
    return Plan(
        action=action,
        cluster=replica_set.name,
        leader=lead.member.name if lead else _last_leader(answers),
        leader_alive=lead is not None,
        candidate=new.member.name,
        expected=frozenset(alive - {new.member.name}),
        synchronous_wanted=votes.acknowledgements_needed - 1,
        may_lose=False,
        candidate_named=candidate is not None,
    )


def unfit(action: Action, member: MemberAnswers, answers: SetAnswers) -> str | None:
    """Why this member may not take over; None: it may."""
    state, lead = state_of(member), leader_of(answers)
    place = next((one for one in configured(answers) if one.address == str(member.member.address)), None)
    priority = _priority(member, answers)
    others = [
        other for other in answers.members if other is not member and (action == "switchover" or other is not lead)
    ]
    preferred = [other for other in others if state_of(other) in {"PRIMARY", "SECONDARY"}]
    above = next((other for other in preferred if _priority(other, answers) > priority), None)
    # While somebody leads the others still catch up, and were asked a little later or earlier.
    ahead = _ahead(member, others) if lead is None else None
    behind_s = _behind_s(member, lead)
    reasons = (
        (member.member.arbiter, "is an arbiter: it holds no data"),
        (member.found.error is not None, f"does not answer: {member.found.error}"),
        (state == "PRIMARY", "is the primary"),
        (place is None, "is not in the set's configuration"),
        (state != "SECONDARY", f"is {state or 'in an unknown state'}, not SECONDARY"),
        (priority == 0, "has priority 0: it may never lead"),
        (
            above is not None,
            f"has priority {priority:g}: {above.member.name if above else ''} has more and would take the role back",
        ),
        (behind_s > CATCH_UP_S, f"is {behind_s:.0f} s behind, more than a step-down waits for ({CATCH_UP_S} s)"),
        (ahead is not None, f"lacks writes that {ahead} has: who has more does not vote for it"),
    )
    return next((reason for applies, reason in reasons if applies), None)


def phase_of(plan: Plan, seen: SetObservation) -> Phase:
    """How far one look shows the move to be.

    Raises:
        ControlError: another member leads than the one that was named.
    """
    if seen.primary in {None, plan.leader}:
        return Phase.REQUESTED
    if seen.primary != plan.candidate and plan.candidate_named:
        raise ControlError(
            f"{seen.primary} leads now instead of {plan.candidate}",
            fix="walletdb status; switch over once more if it matters who leads",
        )
    if seen.note is None:
        return Phase.LED
    return Phase.DONE if plan.expected | {plan.candidate} <= seen.following | {seen.primary} else Phase.WRITABLE


def _last_leader(answers: SetAnswers) -> str | None:
    """Who was primary as far as the members know that did not notice yet that it is gone."""
    said = {member.hello.primary for member in answers.members if member.hello and member.hello.primary}
    names = {name_at(answers.replica_set, address) for address in said}
    return names.pop() if len(names) == 1 else None


def _ahead(member: MemberAnswers, others: Iterable[MemberAnswers]) -> str | None:
    own = member.applied or _NOWHERE
    more = [other for other in others if (other.applied or _NOWHERE) > own]
    return max(more, key=lambda other: other.applied or _NOWHERE).member.name if more else None


def _behind_s(member: MemberAnswers, lead: MemberAnswers | None) -> float:
    """Seconds behind a primary that answers."""
    if lead is None or lead.applied is None or member.applied is None:
        return 0.0
    return float(lead.applied.seconds - member.applied.seconds)


def _priority(member: MemberAnswers, answers: SetAnswers) -> float:
    address = str(member.member.address)
    return next((one.priority for one in configured(answers) if one.address == address), 0.0)


def _no_majority(action: Action, answers: SetAnswers, *, allow_data_loss: bool) -> ControlError:
    votes = quorum(answers)
    dead = [f"{one.member.name}: {one.found.error}" for one in answers.members if one.found.error]
    said = f"{votes.alive} of {votes.votes} votes are alive, {votes.needed} are needed to elect anybody"
    fix = (
        "bring members back (`make up`): with a majority alive the set elects by itself, and nothing is lost. "
        "Only where their data are gone for good: stop all writers, copy the data folder of the living member that "
        "is ahead, then replSetReconfig with force: true on it, without the lost members; writes that only they had "
        "are lost, and who comes back later rolls back."
    )
    if allow_data_loss:
        fix += " walletdb never forces that, also not with --allow-data-loss."
    return ControlError(f"no {action} of {answers.replica_set.name}: {said}", got="; ".join(dead), fix=fix)


def _refused(action: Action, replica_set: ReplicaSet, reason: str, fix: str) -> ControlError:
    return ControlError(f"no {action} of {replica_set.name}: {reason}", fix=fix)
