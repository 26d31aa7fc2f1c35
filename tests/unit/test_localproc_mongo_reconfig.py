"""From one configuration of a replica set to another: small safe steps that arrive."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localproc.mongo_reconfig import Action, SetMember, SetSettings, first_configuration, moved, next_step

SETTINGS = SetSettings(election_timeout_ms=10_000)
TOPOLOGIES = (("1", "2", "3"), ("1", "2", "3", "4", "5"), ("1", "2", "arbiter"))


def _member(name: str, priority: int = 1, port: int = 27000) -> SetMember:
    arbiter = name == "arbiter"
    return SetMember(
        name=f"mongodb-{name}", host="127.0.0.1", port=port, arbiter=arbiter, priority=0 if arbiter else priority
    )


def _members(names: tuple[str, ...]) -> list[SetMember]:
    return [_member(name) for name in names]


def _states(configuration: dict[str, Any], primary: int, *, copied: bool = True) -> dict[int, str]:
    def state(entry: dict[str, Any]) -> str:
        if entry["_id"] == primary:
            return "PRIMARY"
        if entry["arbiterOnly"]:
            return "ARBITER"
        return "SECONDARY" if copied else "STARTUP2"

    return {entry["_id"]: state(entry) for entry in configuration["members"]}


def _voters(configuration: dict[str, Any]) -> set[int]:
    return {entry["_id"] for entry in configuration["members"] if entry["votes"]}


@given(
    start=st.sampled_from(TOPOLOGIES),
    end=st.sampled_from(TOPOLOGIES),
    primary=st.sampled_from([1, 2]),
    timeout=st.integers(1000, 60_000),
    priorities=st.lists(st.integers(0, 1000), min_size=5, max_size=5),
)
def test_every_change_arrives_by_steps_of_one_voter(
    start: tuple[str, ...], end: tuple[str, ...], primary: int, timeout: int, priorities: list[int]
) -> None:
    current = first_configuration("mongodb", _members(start), SETTINGS)
    wanted = [_member(name, priority) for name, priority in zip(end, priorities, strict=False)]
    settings = SetSettings(election_timeout_ms=timeout)
    for _step in range(30):
        before = copy.deepcopy(current)
        step = next_step(current, wanted, settings, _states(current, primary))
        assert current == before, "the configuration it is given stays as it is"
        if step.action is Action.DONE:
            break
        assert step.action is Action.RECONFIGURE
        after = step.configuration
        assert after["version"] == current["version"] + 1
        assert len(_voters(after) ^ _voters(current)) <= 1, step.purpose
        new = {entry["_id"] for entry in after["members"]} - {entry["_id"] for entry in current["members"]}
        assert all(not entry["votes"] or entry["arbiterOnly"] for entry in after["members"] if entry["_id"] in new)
        current = after
    assert step.action is Action.DONE
    assert {entry["_id"]: entry["priority"] for entry in current["members"]} == {
        member.id: member.priority for member in wanted
    }
    assert _voters(current) == {member.id for member in wanted}
    assert current["settings"]["electionTimeoutMillis"] == timeout


def test_a_member_gets_its_vote_only_once_it_has_the_data() -> None:
    current = first_configuration("mongodb", _members(("1", "2", "3")), SETTINGS)
    wanted = _members(("1", "2", "3", "4", "5"))
    step = next_step(current, wanted, SETTINGS, _states(current, 1))
    (new,) = [entry for entry in step.configuration["members"] if entry["_id"] == 4]
    assert (new["votes"], new["priority"]) == (0, 0)
    states = {**_states(step.configuration, 1), 4: "STARTUP2"}
    waiting = next_step(step.configuration, wanted, SETTINGS, states)
    assert waiting.action is Action.WAIT
    assert "mongodb-4" in waiting.purpose
    voting = next_step(step.configuration, wanted, SETTINGS, {**states, 4: "SECONDARY"})
    (member,) = [entry for entry in voting.configuration["members"] if entry["_id"] == 4]
    assert (member["votes"], member["priority"]) == (1, 1)


def test_a_primary_steps_down_before_it_leaves() -> None:
    current = first_configuration("mongodb", _members(("1", "2", "3", "4", "5")), SETTINGS)
    step = next_step(current, _members(("1", "2", "3")), SETTINGS, _states(current, 4))
    assert step.action is Action.STEP_DOWN


def test_whoever_comes_in_does_so_before_anybody_goes() -> None:
    current = first_configuration("mongodb", _members(("1", "2", "arbiter")), SETTINGS)
    step = next_step(current, _members(("1", "2", "3")), SETTINGS, _states(current, 1))
    assert step.purpose == "add mongodb-3, without a vote"


def test_a_moved_member_keeps_its_place() -> None:
    current = first_configuration("mongodb", _members(("1", "2", "3")), SETTINGS)
    assert moved(current, _member("2")) is None
    assert moved(current, _member("4", port=1)) is None
    new = moved(current, _member("2", port=1234))
    assert new is not None
    assert [entry["host"] for entry in new["members"]] == ["127.0.0.1:27000", "127.0.0.1:1234", "127.0.0.1:27000"]
    assert new["version"] == current["version"] + 1


def test_a_settled_set_needs_nothing() -> None:
    members = _members(("1", "2", "3"))
    current = first_configuration("mongodb", members, SETTINGS)
    # What MongoDB adds of its own is left alone.
    current["settings"]["heartbeatIntervalMillis"] = 2000
    current["members"][0]["tags"] = {}
    assert next_step(current, members, SETTINGS, _states(current, 1)).action is Action.DONE
