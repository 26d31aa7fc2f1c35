"""What is done to one member of a replica set at a time: restarts, and copying the data anew."""

from __future__ import annotations

import dataclasses
import time

from localproc import mongo_reconfig
from localproc.mongo_members import FOLLOWS, Command, MongoMembers, states_of
from localproc.mongo_reconfig import SetMember
from localproc.mongod import await_answer
from localproc.service import restart_is_pending, restart_pending
from localproc.supervisor import Supervisor
from localproc.waiting import Waiter

__all__ = ["RECONFIGURE_MS", "Rolling", "step_down"]

RECONFIGURE_MS = 10_000
STEP_DOWN_S = 20
CATCH_UP_S = 15


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
        while pending := self.of.must_restart():
            self._await_declared_well()
            leader = self.of.leader()
            leading = leader.name if leader else ""
            member = next((one for one in pending if one.name != leading), pending[0])
            if member.name == leading and len(self.of.with_data) > 1:
                self._hand_over(member)
            self.waiter.report(f"restarting {member.name}")
            self._restart(member)

    def resync_stale(self) -> None:
        """Have a member that was away for longer than anybody's oplog reaches copy the data anew.

        MongoDB leaves it in RECOVERING for ever. What it had is moved away, never deleted.

        Raises:
            LocalprocError: it does not answer.
        """
        directory, supervisor = self.of.directory, Supervisor(self.of.directory)
        for member in self.of.with_data:
            if not self.of.ask(member, "replSetGetStatus").get("tooStale"):
                continue
            self.waiter.report(f"{member.name} is too stale to catch up and copies the data anew")
            supervisor.stop_program(member.name)
            data = directory.service(member.name) / "data"
            data.rename(data.with_name(f"data.too-stale-{time.strftime('%Y%m%dT%H%M%S')}"))
            directory.make(data)
            self._restart(member)

    def _await_declared_well(self) -> None:
        """Wait until every declared member that is in the set already leads or follows."""

        def well(primary: Command) -> bool:
            states = states_of(primary)
            found = [states[member.id] for member in self.of.members if member.id in states]
            return all(state == "PRIMARY" or state in FOLLOWS for state in found)

        self.of.until(self.waiter, f"every member of {self.of.name} to be well before the next one restarts", well)

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
