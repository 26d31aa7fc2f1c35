"""One member of a replica set at a time: when the next may restart."""

import dataclasses
from collections.abc import Callable
from typing import Any, cast

import pytest

from localproc import mongo_members
from localproc.errors import DeadlineError
from localproc.mongo_members import Command, MongoMembers
from localproc.mongo_reconfig import SetMember
from localproc.mongo_rolling import Rolling
from localproc.waiting import Waiter

MEMBERS = [SetMember(name=f"mongodb-{n}", host="127.0.0.1", port=20 + n, arbiter=False, priority=1) for n in (1, 2, 3)]


@dataclasses.dataclass
class Stub:
    """Members whose primary always says that all is well."""

    not_well_for: int
    """Looks at mongodb-2 itself that find it down."""
    name: str = "mongodb"
    looks: list[str] = dataclasses.field(default_factory=list)

    @property
    def members(self) -> list[SetMember]:
        return MEMBERS

    unwell = MongoMembers.unwell

    def address(self, member: SetMember) -> str:
        return member.name

    def identity(self, member: SetMember) -> None:
        """It needs none."""

    def hello(self, name: str, _identity: None) -> dict[str, bool]:
        self.looks.append(name)
        return {"secondary": name != "mongodb-2" or self.looks.count("mongodb-2") > self.not_well_for}

    def until(self, waiter: Waiter, what: str, attempt: Callable[[Command], bool]) -> None:
        def primary(_command: str) -> dict[str, Any]:
            states = {1: "PRIMARY", 2: "SECONDARY", 3: "SECONDARY"}
            return {"members": [{"_id": id_, "stateStr": state} for id_, state in states.items()]}

        waiter.until(what, lambda: attempt(primary), every_s=0.001)


def _await_well(monkeypatch: pytest.MonkeyPatch, stub: Stub, seconds: float) -> None:
    monkeypatch.setattr(mongo_members, "hello", stub.hello)
    rolling = Rolling(of=cast("MongoMembers", stub), waiter=Waiter.within(seconds))
    rolling._await_well(besides=MEMBERS[2])


def test_a_member_that_only_the_primary_calls_well_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The primary hears of a member every other second: right after a restart it tells what was before."""
    stub = Stub(not_well_for=3)
    _await_well(monkeypatch, stub, 10)
    assert stub.looks.count("mongodb-2") == 4
    assert "mongodb-3" not in stub.looks, "the one that is to restart need not be well"


def test_no_member_restarts_while_another_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeadlineError, match="the other members of mongodb to be well before mongodb-3 restarts"):
        _await_well(monkeypatch, Stub(not_well_for=10**9), 0.05)
