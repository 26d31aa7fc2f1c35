"""Who of a replica set may take over, and how far a move has come."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.fixtures.mongodb_answers import REPLICA_SET, WITH_ARBITER, answers, raw_facts, the_set
from walletdb.assemble_mongodb import MemberAnswers, SetAnswers
from walletdb.config import ReplicaSet
from walletdb.control import Action, Phase, Plan
from walletdb.control_mongodb import SetObservation, make_plan, phase_of
from walletdb.errors import ControlError
from walletdb.probes.mongodb_facts import OpTime, parse_facts

WELL = the_set("PRIMARY", "SECONDARY", "SECONDARY")
DEAD = the_set(None, "SECONDARY", "SECONDARY")
FIRST, SECOND, THIRD = REPLICA_SET.members
ONE = REPLICA_SET.model_copy(update={"members": REPLICA_SET.members[:1]})


def _with(found: SetAnswers, number: int, member: MemberAnswers) -> SetAnswers:
    members = list(found.members)
    members[number] = member
    return dataclasses.replace(found, members=tuple(members))


def _priorities(*priorities: float) -> ReplicaSet:
    pairs = zip(REPLICA_SET.members, priorities, strict=True)
    members = tuple(member.model_copy(update={"priority": priority}) for member, priority in pairs)
    return REPLICA_SET.model_copy(update={"members": members})


def test_the_primary_hands_over_to_a_secondary() -> None:
    plan = make_plan("switchover", WELL)
    assert (plan.leader, plan.candidate, plan.candidate_named) == ("mongodb-1", "mongodb-2", False)
    assert plan.expected == {"mongodb-1", "mongodb-3"}
    assert (plan.synchronous_wanted, plan.may_lose) == (1, False)


def test_a_candidate_that_was_named_is_kept() -> None:
    plan = make_plan("switchover", WELL, candidate="mongodb-3")
    assert (plan.candidate, plan.candidate_named) == ("mongodb-3", True)


def test_failover_takes_who_is_ahead() -> None:
    late = _with(DEAD, 1, answers("SECONDARY", SECOND, behind_s=2, primary=None))
    plan = make_plan("failover", late)
    assert (plan.candidate, plan.leader_alive, plan.expected) == ("mongodb-3", False, {"mongodb-2"})


def test_who_led_is_known_while_the_others_still_believe_it() -> None:
    assert make_plan("failover", DEAD).leader is None
    assert make_plan("failover", the_set(None, "SECONDARY", "SECONDARY", primary=21)).leader == "mongodb-1"


def test_the_member_with_the_higher_priority_comes_first() -> None:
    found = the_set("PRIMARY", "SECONDARY", "SECONDARY", replica_set=_priorities(1, 1, 2))
    assert make_plan("switchover", found).candidate == "mongodb-3"


def test_with_an_arbiter_the_last_member_with_data_may_lead_though_majority_writes_wait() -> None:
    plan = make_plan("failover", the_set(None, "SECONDARY", "ARBITER", replica_set=WITH_ARBITER))
    assert (plan.candidate, plan.expected, plan.synchronous_wanted) == ("mongodb-2", frozenset(), 1)


def _foreign(found: SetAnswers) -> SetAnswers:
    """The third member is in nobody's configuration."""
    for number, port in ((0, 21), (1, 22)):
        facts = raw_facts("PRIMARY" if number == 0 else "SECONDARY", port)
        facts["replSetGetConfig"]["config"]["members"].pop()
        value = found.members[number].found.value
        assert value is not None
        (hello, _, _), peer = value
        changed: Any = dataclasses.replace(found.members[number].found, value=((hello, parse_facts(facts), None), peer))
        found = _with(found, number, dataclasses.replace(found.members[number], found=changed))
    return _with(found, 2, dataclasses.replace(found.members[2], found=_without_facts(found.members[2])))


def _without_facts(member: MemberAnswers) -> Any:
    value = member.found.value
    assert value is not None
    return dataclasses.replace(member.found, value=((value[0][0], None, "not let in"), value[1]))


@pytest.mark.parametrize(
    "action,found,candidate,reason",
    [
        ("switchover", the_set("PRIMARY", replica_set=ONE), None, "it has one member with data"),
        ("switchover", WELL, "mongodb-9", "no member 'mongodb-9'"),
        ("switchover", WELL, "mongodb-1", "mongodb-1: is the primary"),
        ("switchover", DEAD, None, "no member can be seen that is primary"),
        ("switchover", the_set("PRIMARY", "SECONDARY", None), "mongodb-3", "mongodb-3: does not answer"),
        ("switchover", the_set("PRIMARY", "SECONDARY", "RECOVERING"), "mongodb-3", "mongodb-3: is RECOVERING"),
        (
            "switchover",
            the_set("PRIMARY", "SECONDARY", "ARBITER", replica_set=WITH_ARBITER),
            "mongodb-arbiter",
            "mongodb-arbiter: is an arbiter",
        ),
        (
            "switchover",
            the_set("PRIMARY", "SECONDARY", "SECONDARY", replica_set=_priorities(1, 0, 1)),
            "mongodb-2",
            "mongodb-2: has priority 0",
        ),
        (
            "switchover",
            the_set("PRIMARY", "SECONDARY", "SECONDARY", replica_set=_priorities(2, 1, 1)),
            "mongodb-2",
            "mongodb-2: has priority 1: mongodb-1 has more and would take the role back",
        ),
        (
            "switchover",
            _with(WELL, 1, answers("SECONDARY", SECOND, behind_s=11)),
            "mongodb-2",
            "mongodb-2: is 11 s behind",
        ),
        (
            "failover",
            _with(DEAD, 1, answers("SECONDARY", SECOND, behind_s=2, primary=None)),
            "mongodb-2",
            "mongodb-2: lacks writes that mongodb-3 has",
        ),
        ("switchover", _foreign(WELL), "mongodb-3", "mongodb-3: is not in the set's configuration"),
        ("failover", the_set(None, None, "SECONDARY"), None, "1 of 3 votes are alive, 2 are needed"),
        ("switchover", the_set("PRIMARY", None, None), None, "1 of 3 votes are alive, 2 are needed"),
    ],
)
def test_who_may_not_take_over_is_refused_with_the_reason(
    action: Action, found: SetAnswers, candidate: str | None, reason: str
) -> None:
    with pytest.raises(ControlError) as caught:
        make_plan(action, found, candidate=candidate)
    assert reason in str(caught.value)
    assert caught.value.exit_code == 1


def test_each_unfit_member_is_refused_with_its_own_reason() -> None:
    with pytest.raises(ControlError, match="mongodb-2: is RECOVERING, not SECONDARY; mongodb-3: is ROLLBACK"):
        make_plan("switchover", the_set("PRIMARY", "RECOVERING", "ROLLBACK"))


@pytest.mark.parametrize("allowed", [True, False])
def test_without_a_majority_nothing_is_forced_and_the_way_out_is_told(*, allowed: bool) -> None:
    with pytest.raises(ControlError) as caught:
        make_plan("failover", the_set(None, None, "SECONDARY"), allow_data_loss=allowed)
    assert "mongodb-1: Connection refused; mongodb-2: Connection refused" in caught.value.got
    assert "make up" in caught.value.fix
    assert "replSetReconfig with force: true" in caught.value.fix
    assert ("also not with --allow-data-loss" in caught.value.fix) is allowed


NAMED = make_plan("switchover", WELL, candidate="mongodb-2")
FREE = make_plan("switchover", WELL)
NOTE = OpTime(2, 10, 1)


@pytest.mark.parametrize(
    "plan,seen,phase",
    [
        (NAMED, SetObservation(), Phase.REQUESTED),
        (NAMED, SetObservation(primary="mongodb-1"), Phase.REQUESTED),
        (NAMED, SetObservation(primary="mongodb-2"), Phase.LED),
        (NAMED, SetObservation(primary="mongodb-2", note=NOTE), Phase.WRITABLE),
        (NAMED, SetObservation(primary="mongodb-2", note=NOTE, following=frozenset({"mongodb-3"})), Phase.WRITABLE),
        (
            NAMED,
            SetObservation(primary="mongodb-2", note=NOTE, following=frozenset({"mongodb-1", "mongodb-3"})),
            Phase.DONE,
        ),
        (FREE, SetObservation(primary="mongodb-3"), Phase.LED),
        (
            FREE,
            SetObservation(primary="mongodb-3", note=NOTE, following=frozenset({"mongodb-1", "mongodb-2"})),
            Phase.DONE,
        ),
    ],
)
def test_phases(plan: Plan, seen: SetObservation, phase: Phase) -> None:
    assert phase_of(plan, seen) is phase


def test_another_primary_than_the_one_that_was_named_ends_the_move() -> None:
    with pytest.raises(ControlError, match="mongodb-3 leads now instead of mongodb-2"):
        phase_of(NAMED, SetObservation(primary="mongodb-3"))
