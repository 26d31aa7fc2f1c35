"""What is done to one member of a replica set at a time: restarts, and copying the data anew."""

from __future__ import annotations

import dataclasses
import time

from localproc import mongo_reconfig
from localproc.mongo_client import MongoError
from localproc.mongo_members import Command, MongoMembers, states_of
from localproc.mongo_reconfig import SetMember
from localproc.mongod import await_answer
from localproc.service import restart_is_pending, restart_pending
from localproc.supervisor import Supervisor
from localproc.waiting import Waiter

__all__ = ["RECONFIGURE_MS", "Rolling", "step_down"]

RECONFIGURE_MS = 8_000
STEP_DOWN_S = 20
CATCH_UP_S = 8
"""Both less than a client waits for an answer, so that the reason is heard where it does not happen."""
_IN_NO_SET = frozenset({93, 94})
"""Not initialized, or not in the configuration that it has: a member that is only about to come in."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rolling:
    """Changes of running members, in turns."""

    of: MongoMembers
    waiter: Waiter

    def restart_pending(self) -> None:
        """Restart what must restart: one member at a time, each once all others are well, the primary last.

        Raises:
            LocalprocError: a member does not come back, or nobody takes over from the primary, in time.
        """
        done: set[str] = set()
        while pending := [member for member in self.of.must_restart() if member.name not in done]:
            leader = self.of.leader()
            leading = leader.name if leader else ""
            member = next((one for one in pending if one.name != leading), pending[0])
            self._await_well(besides=member)
            if member.name == leading and self._has_heir(member):
                self._hand_over(member)
            self.waiter.report(f"restarting {member.name}")
            self._restart(member)
            done.add(member.name)

    def announce_moves(self) -> None:
        """Have everybody look for each member where it listens; an earlier run may have been interrupted before it.

        Raises:
            LocalprocError: the set does not take it in time.
        """
        for member in self.of.members:
            if not restart_is_pending(self.of.directory, member.name):
                self._announce_move(member)

    def resync_stale(self) -> None:
        """Have a member that was away for longer than anybody's oplog reaches copy the data anew.

        MongoDB leaves it in RECOVERING for ever. What it had is moved away, never deleted.

        Raises:
            LocalprocError: it does not answer.
        """
        directory, supervisor = self.of.directory, Supervisor(self.of.directory)
        for member in self.of.with_data:
            if not self._is_stale(member):
                continue
            self.waiter.report(f"{member.name} is too stale to catch up and copies the data anew")
            supervisor.stop_program(member.name)
            data = directory.service(member.name) / "data"
            data.rename(data.with_name(f"data.too-stale-{time.strftime('%Y%m%dT%H%M%S')}"))
            directory.make(data)
            self._restart(member)

    def _is_stale(self, member: SetMember) -> bool:
        try:
            return bool(self.of.ask(member, "replSetGetStatus").get("tooStale"))
        except MongoError as error:
            if error.code in _IN_NO_SET:
                return False
            raise

    def _await_well(self, *, besides: SetMember) -> None:
        """Wait until every other declared member that is in the set already leads or follows."""

        def well(primary: Command) -> bool:
            states = states_of(primary)
            others = [one for one in self.of.members if one.name != besides.name and one.id in states]
            return not any(self.of.unwell(one, states) for one in others)

        self.of.until(
            self.waiter, f"the other members of {self.of.name} to be well before {besides.name} restarts", well
        )

    def _has_heir(self, member: SetMember) -> bool:
        """Whether anybody else may lead; where nobody may, the restart costs what a restart takes."""
        return any(other.priority > 0 for other in self.of.with_data if other.name != member.name)

    def _hand_over(self, member: SetMember) -> None:
        def attempt(primary: Command) -> bool:
            leader = self.of.leader()
            if leader and leader.name != member.name:
                return True
            step_down(primary)
            return False

        self.of.until(self.waiter, f"another member to lead instead of {member.name}", attempt, every_s=0.5)

    def _restart(self, member: SetMember) -> None:
        if restart_is_pending(self.of.directory, member.name):
            restart_pending(self.of.directory, member.name)
        else:
            # Declared by the member's own update; only its program lies elsewhere by now.
            Supervisor(self.of.directory).restart(member.name)
        await_answer(self.of.directory, member.name, member.address, self.waiter)
        self._announce_move(member)

    def _announce_move(self, member: SetMember) -> None:
        """Where a member's port has changed, have the others look for it there."""

        def attempt(primary: Command) -> bool:
            new = mongo_reconfig.moved(primary("replSetGetConfig")["config"], member)
            if new is not None:
                primary("replSetReconfig", new, maxTimeMS=RECONFIGURE_MS)
            return new is None

        self.of.until(self.waiter, f"the others to know where {member.name} is", attempt)


def step_down(primary: Command) -> None:
    """Have the primary hand over to the secondary that is furthest, and not come back for a while."""
    primary("replSetStepDown", STEP_DOWN_S, secondaryCatchUpPeriodSecs=CATCH_UP_S)
