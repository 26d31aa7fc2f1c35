"""The members of a replica set as they are now: where each listens, who leads, and what is missing."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

from pymongo import MongoClient

from localproc.layout import StackDirectory
from localproc.mongo_client import Address, Document, MemberIdentity, MongoError, command, connected, hello
from localproc.mongo_reconfig import SetMember
from localproc.mongod import Record, listening_at, records_of, runs_another_program
from localproc.mongod_log import explain
from localproc.service import restart_is_pending
from localproc.waiting import Waiter

__all__ = ["FOLLOWS", "Command", "MongoMembers", "states_of"]

Command = Callable[..., Document]
"""A command to the primary's database `admin`: name, value, options."""
FOLLOWS = frozenset({"SECONDARY", "ARBITER"})
_NOT_YET = frozenset({50, 64, 79, 91, 93, 94, 103, 109, 189, 262, 308, 10107, 11600, 11602, 13435})
"""Another reconfiguration is under way or not yet everywhere, or the primary has just changed: try again."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MongoMembers:
    """The declared members of a set in a stack's folder."""

    directory: StackDirectory
    name: str
    members: Sequence[SetMember]

    @property
    def with_data(self) -> list[SetMember]:
        """Those that are no arbiter."""
        return [member for member in self.members if not member.arbiter]

    def identity(self, member: SetMember | Record) -> MemberIdentity:
        """A member's own certificate."""
        return MemberIdentity.of(self.directory.service(member.name))

    def address(self, member: SetMember | Record) -> Address:
        """Where a member listens now: before a pending restart not yet as declared."""
        return listening_at(self.directory, member.name, member.address)

    def must_restart(self) -> list[SetMember]:
        """Members that run as they were declared before, or by another mongod than the installed one."""
        return [
            member
            for member in self.members
            if restart_is_pending(self.directory, member.name) or runs_another_program(self.directory, member.name)
        ]

    def ask(
        self, member: SetMember, name: str, value: object = 1, options: Mapping[str, object] | None = None
    ) -> Document:
        """A command to one member.

        Raises:
            MongoError: it does not answer, or refuses.
        """
        return command(self.address(member), self.identity(member), name, value, options)

    def leader(self) -> Record | None:
        """The primary, whether it is to stay in the set or to leave it."""
        for record in records_of(self.directory.root, self.name):
            said = hello(self.address(record), record.identity)
            if said.get("isWritablePrimary") and said.get("setName") == self.name:
                return record
        return None

    @contextlib.contextmanager
    def client(self, member: SetMember | Record) -> Iterator[MongoClient[Document]]:
        """A client of one member.

        Raises:
            MongoError: it does not answer, or refuses.
        """
        with connected(self.address(member), self.identity(member)) as client:
            yield client

    @contextlib.contextmanager
    def leader_client(self) -> Iterator[MongoClient[Document]]:
        """A client of the primary.

        Raises:
            MongoError: there is none, or it refuses.
        """
        leader = self.leader()
        if leader is None:
            msg = f"no member of {self.name} is primary"
            raise MongoError(msg)
        with self.client(leader) as client:
            yield client

    @contextlib.contextmanager
    def primary(self) -> Iterator[Command]:
        """Commands to the primary.

        Raises:
            MongoError: there is none, or it refuses.
        """
        with self.leader_client() as client:
            yield client.admin.command

    def until(self, waiter: Waiter, what: str, attempt: Callable[[Command], bool], every_s: float = 0.2) -> None:
        """Try on the primary until `attempt` says that it is done.

        No primary, one that has just changed, and a change that is on its way are reasons to try again.

        Raises:
            MongoError: the primary refuses for another reason.
            LocalprocError: it was not done in time.
        """
        last: list[MongoError] = []

        def done() -> bool:
            try:
                with self.primary() as primary:
                    return attempt(primary)
            except MongoError as error:
                if error.code and error.code not in _NOT_YET:
                    raise
                last[:] = [error]
                return False

        def details() -> str:
            return "\n".join([*map(str, last), self.explain()])

        waiter.until(what, done, every_s=every_s, details=details)

    def missing(self) -> str:
        """What the set lacks; empty when there is a primary and everybody else follows."""
        try:
            with self.primary() as primary:
                states = states_of(primary)
        except MongoError as error:
            return str(error)
        return next(filter(None, (self.unwell(member, states) for member in self.members)), "")

    def unwell(self, member: SetMember, states: Mapping[int, str]) -> str:
        """Why a member neither leads nor follows; empty when it does, by the primary's word and by its own.

        The primary hears of it only every other second.
        """
        state = states.get(member.id, "no member")
        if state != "PRIMARY" and state not in FOLLOWS:
            return f"{member.name} is {state}"
        said = hello(self.address(member), self.identity(member))
        follows = any(said.get(role) for role in ("isWritablePrimary", "secondary", "arbiterOnly"))
        return "" if follows else f"{member.name} does not follow yet"

    def explain(self) -> str:
        """What supervisord and the logs say of each member."""
        return "\n".join(explain(self.directory, member.name) for member in self.members)


def states_of(primary: Command) -> dict[int, str]:
    """`_id` → state of each member, as the primary sees it."""
    return {entry["_id"]: entry["stateStr"] for entry in primary("replSetGetStatus")["members"]}
