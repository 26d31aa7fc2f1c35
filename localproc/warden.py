"""Watches the database nodes of a stack and lets a dead primary's successor lead at once.

Patroni alone notices a dead node when its leader key in etcd runs out (`ttl`, at least 20 s). This process is told
by the kernel the moment a node's Patroni dies. If that node led, it makes sure that its PostgreSQL is dead as well
(it fences it), and only then deletes the leader key, on condition that the key still names that node. The other
members watch the key and elect a successor right away.

The same holds when the server process (postmaster) of a leading node crashes under a living Patroni, which would take
two to four seconds to be sure of it. A crash leaves `postmaster.pid` behind, a wanted stop does not.

If only Patroni died, PostgreSQL goes on serving: supervisord restarts Patroni, which takes its server up again
within a second or two, and nothing need fail over. Only if that takes longer than `GRACE_S` is the node fenced.

For the death of a mongod, see `mongo_step_up`.

It runs as an event listener of supervisord (http://supervisord.org/events.html): supervisord says which program runs
under which pid, pidfd_open(2) says when that process ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from localproc import mongo_step_up
from localproc.etcd_keys import EtcdKeys
from localproc.https import ClientIdentity
from localproc.reader_gate import ReaderGate

__all__ = ["GRACE_S", "Action", "Node", "decide", "main"]

GRACE_S = 5.0
"""Seconds that a Patroni may be gone while its PostgreSQL still serves; far below the smallest ttl, 20 s."""

TICK_S = 0.05
FENCE_ROUNDS = 100
LOOK_S = 0.5
"""How often the server process of each node is looked up anew: it changes with every restart."""


class Action(enum.Enum):
    """What to do about a node whose Patroni died."""

    WAIT = "wait"
    FORGET = "forget"
    FENCE = "fence and release"


def decide(*, patroni_back: bool, postmaster_alive: bool, leads: bool, has_heir: bool, gone_s: float) -> Action:
    """The rule. Invariant: the leader key is released only of a node whose PostgreSQL is dead by then.

    Args:
        patroni_back: supervisord has started Patroni again and it runs.
        postmaster_alive: the node's PostgreSQL still serves.
        leads: the leader key names this node.
        has_heir: another member is allowed to lead.
        gone_s: seconds since Patroni died.
    """
    if not leads or not has_heir:
        return Action.FORGET
    if not postmaster_alive:
        return Action.FENCE
    if patroni_back:
        return Action.FORGET
    return Action.FENCE if gone_s >= GRACE_S else Action.WAIT


@dataclasses.dataclass(frozen=True)
class Node:
    """A PostgreSQL node as its `node.json` describes it."""

    program: str
    member: str
    data: Path
    keys: str
    etcd: EtcdKeys

    @classmethod
    def load(cls, folder: Path) -> Node | None:
        """The node whose folder this is; None when the folder is another kind of server's."""
        try:
            raw = json.loads((folder / "node.json").read_text(encoding="utf-8"))
            identity = ClientIdentity(Path(raw["ca_file"]), Path(raw["certificate"]), Path(raw["key"]))
            etcd = EtcdKeys(raw["etcd"], identity)
            return cls(raw["program"], raw["member"], Path(raw["data"]), raw["keys"], etcd)
        except (OSError, ValueError, KeyError):
            return None

    def leads(self) -> int:
        """Revision of the leader key where it names this node, else 0."""
        value, revision = self.etcd.entry(self.keys + "leader")
        return revision if value == self.member else 0

    def has_heir(self) -> bool:
        """Whether Patroni would let another member lead: with synchronous replication only a synchronous standby."""
        others = [key for key in self.etcd.keys(self.keys + "members/") if not key.endswith("/" + self.member)]
        try:
            sync = json.loads(self.etcd.get(self.keys + "sync") or "{}")
        except ValueError:
            sync = {}
        return bool(others) and (not sync.get("leader") or bool(sync.get("sync_standby")))

    def processes(self) -> list[int]:
        """Pids of PostgreSQL's processes, told by their working directory, which is always the data directory."""
        processes = (entry for entry in Path("/proc").iterdir() if entry.name.isdecimal())
        return [int(entry.name) for entry in processes if self._works_here(entry)]

    def postmaster(self) -> int:
        """Pid of the running server, 0 when there is none."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            return 0
        return pid if self._works_here(Path(f"/proc/{pid}")) else 0

    def _works_here(self, process: Path) -> bool:
        """Whether it is a PostgreSQL in this very folder; somebody's shell may stand there as well."""
        try:
            program = (process / "exe").readlink().name.removesuffix(" (deleted)")
            return program == "postgres" and (process / "cwd").samefile(self.data)
        except OSError:
            return False

    def crashed(self) -> bool:
        """Whether the server went without saying goodbye: an orderly stop removes its pid file."""
        return (self.data / "postmaster.pid").exists()

    def fence(self) -> bool:
        """Kill every process of this node's PostgreSQL, and wait until none is left. False if some did not go."""
        for _round in range(FENCE_ROUNDS):
            processes = self.processes()
            if not processes:
                return True
            for pid in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        return False

    def release(self, revision: int) -> bool:
        """Delete the leader key if it is still the one of that revision: a Patroni that came back wrote a new one."""
        return self.etcd.delete_if(self.keys + "leader", revision)


@dataclasses.dataclass
class Death:
    """A node without Patroni or without its server, under observation."""

    node: Node
    at: float
    """`time.monotonic()` seconds."""
    back: bool = False


class Warden:
    """The event loop: supervisord's events on standard input, and one pidfd for each Patroni."""

    def __init__(self, root: Path, events: TextIO, answers: TextIO) -> None:
        self.root = root
        self.events = events
        self.answers = answers
        self.selector = selectors.DefaultSelector()
        self.watched: dict[str, int] = {}
        self.servers: dict[str, int] = {}
        self.mongods: dict[str, int] = {}
        self.deaths: dict[str, Death] = {}

    def run(self) -> None:
        """Until supervisord closes the pipe."""
        self.selector.register(self.events, selectors.EVENT_READ, None)
        for program, pid in running_programs(self.root).items():
            self.watch(program, pid)
        self.ready()
        while True:
            for key, _events in self.selector.select(TICK_S if self.deaths else LOOK_S):
                if key.data is None:
                    if not self.take_event():
                        return
                else:
                    self.selector.unregister(key.fileobj)
                    os.close(key.fd)
                    died, program, pid = key.data
                    died(program, pid)
            self.attend()
            self.look()

    def ready(self) -> None:
        self.answers.write("READY\n")
        self.answers.flush()

    def take_event(self) -> bool:
        """Read one event of supervisord. False at the end of the stream."""
        line = self.events.readline()
        if not line:
            return False
        header = _pairs(line)
        payload = _pairs(self.events.read(int(header["len"])).split("\n", 1)[0])
        program, pid = payload.get("processname", ""), int(payload.get("pid", 0))
        if header["eventname"] == "PROCESS_STATE_RUNNING":
            if program in self.deaths:
                self.deaths[program].back = True
            self.watch(program, pid)
        elif self.watched.get(program) == pid:
            self.died(program, pid)
        self.answers.write("RESULT 2\nOK")
        self.ready()
        return True

    def watch(self, program: str, pid: int) -> None:
        """Have the kernel tell when this process ends, if it is a PostgreSQL node's Patroni or a mongod."""
        folder = self.root / "services" / program
        if Node.load(folder) is not None:
            self.watched[program] = pid
            self.await_end(self.died, program, pid)
        elif mongo_step_up.is_member(folder) and self.mongods.get(program) != pid:
            self.mongods[program] = pid
            self.await_end(self.mongod_died, program, pid)

    def look(self) -> None:
        """Have the kernel tell when the server process of a node ends, whichever it is by now."""
        for program in self.watched:
            node = Node.load(self.root / "services" / program)
            pid = node.postmaster() if node else 0
            if pid and self.servers.get(program) != pid:
                self.servers[program] = pid
                self.await_end(self.server_died, program, pid)

    def await_end(self, died: Callable[[str, int], None], program: str, pid: int) -> None:
        """Call `died` when the process ends, at once when it has ended."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            died(program, pid)
            return
        self.selector.register(descriptor, selectors.EVENT_READ, (died, program, pid))

    def died(self, program: str, pid: int) -> None:
        """Note a death, once: pidfd and supervisord both tell."""
        if self.watched.get(program) != pid:
            return
        del self.watched[program]
        node = Node.load(self.root / "services" / program)
        if node is not None:
            self.deaths[program] = Death(node, time.monotonic())

    def mongod_died(self, program: str, _pid: int) -> None:
        """Have another member lead, if this one did."""
        mongo_step_up.in_background(self.root, program, self.say)

    def server_died(self, program: str, pid: int) -> None:
        """Note the crash of a server whose Patroni lives; what died with its Patroni is noted already."""
        if self.servers.get(program) == pid:
            del self.servers[program]
        node = Node.load(self.root / "services" / program)
        if node is not None and program in self.watched and program not in self.deaths and node.crashed():
            self.deaths[program] = Death(node, time.monotonic(), back=True)

    def attend(self) -> None:
        """Decide about each dead node; those that need no more attention are dropped."""
        for program, death in list(self.deaths.items()):
            node = death.node
            try:
                # etcd may be slow: what this machine says is looked at after it.
                revision, heir = node.leads(), node.has_heir()
                action = decide(
                    patroni_back=death.back,
                    postmaster_alive=bool(node.postmaster()),
                    leads=bool(revision),
                    has_heir=heir,
                    gone_s=time.monotonic() - death.at,
                )
                if action is Action.WAIT:
                    continue
                if action is Action.FENCE:
                    fenced = node.fence()
                    released = fenced and node.release(revision)
                    self.say(
                        f"{node.member} died while it led: {'fenced' if fenced else 'NOT fenced'}, "
                        f"leader key {'released' if released else 'kept'}"
                    )
            except (OSError, ValueError) as error:
                if time.monotonic() - death.at < GRACE_S:
                    continue
                self.say(f"{node.member} died, and etcd does not answer ({error}); left to Patroni's time-outs")
            del self.deaths[program]

    @staticmethod
    def say(text: str) -> None:
        """To the log: standard output belongs to supervisord's protocol."""
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")
        sys.stderr.flush()


def running_programs(root: Path) -> dict[str, int]:
    """Pids of the programs that supervisord already runs when this process starts."""
    from localproc.layout import StackDirectory  # noqa: PLC0415 - only at the start, not in the loop
    from localproc.supervisor import Supervisor  # noqa: PLC0415

    return Supervisor(StackDirectory.open(root)).running()


def _pairs(text: str) -> dict[str, str]:
    """`a:1 b:2` as supervisord writes headers and payloads."""
    return dict(part.split(":", 1) for part in text.split() if ":" in part)


def main(arguments: list[str] | None = None) -> None:
    """`python -m localproc.warden <stack's folder>`, started by supervisord."""
    root = Path((arguments if arguments is not None else sys.argv[1:])[0])
    ReaderGate(root).start()
    Warden(root, sys.stdin, sys.stdout).run()


if __name__ == "__main__":
    main()
