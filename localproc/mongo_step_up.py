"""Has a replica set elect a new primary at once when the old one's process dies.

MongoDB alone notices a dead primary when the election time-out runs out (10 s unless set otherwise). The warden is told
by the kernel the moment a mongod ends. Where no surviving member leads, it asks the one that is furthest to stand for
election (`replSetStepUp`); it becomes primary by the votes of a majority, as in any election: nobody can lead who would
not be elected, and a write that a majority has acknowledged is never lost. MongoDB's own election goes on underneath,
whatever happens here.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from localproc.errors import LocalprocError
from localproc.layout import StackDirectory
from localproc.mongo_client import Document, command
from localproc.mongod import Record, listening_at, record_of, records_of

__all__ = ["Decision", "View", "attend", "choose", "in_background", "is_member"]

PATIENCE_S = 15.0
"""By then MongoDB's own election, after its default of 10 s, has taken place."""
PAUSE_S = 0.05
ANSWER_S = 1.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class View:
    """A survivor's own words: its state, how far it is (term and time of its last operation), and the set's size."""

    name: str
    state: str
    reached: tuple[int, int, int]
    majority: int
    """Votes that an election takes."""

    @classmethod
    def of(cls, name: str, status: Document) -> View:
        """From the answer to `replSetGetStatus`; an arbiter has no operations."""
        own = next(member for member in status["members"] if member.get("self"))
        applied = status.get("optimes", {}).get("appliedOpTime")
        reached = (int(applied["t"]), int(applied["ts"].time), int(applied["ts"].inc)) if applied else (-1, 0, 0)
        return cls(name=name, state=own["stateStr"], reached=reached, majority=int(status["majorityVoteCount"]))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do: `leader` is there already; or ask `candidates`, best first; or neither: look again."""

    leader: str = ""
    candidates: tuple[str, ...] = ()


def choose(views: Sequence[View]) -> Decision:
    """Whom to ask, from what the survivors say. Pure.

    Nobody is asked while fewer answer than an election needs votes: it could only fail, and raise the term.
    """
    for view in views:
        if view.state == "PRIMARY":
            return Decision(leader=view.name)
    if not views or len(views) < max(view.majority for view in views):
        return Decision()
    able = [view for view in views if view.state == "SECONDARY"]
    able.sort(key=lambda view: view.name)
    able.sort(key=lambda view: view.reached, reverse=True)
    return Decision(candidates=tuple(view.name for view in able))


def is_member(folder: Path) -> bool:
    """Whether the folder is that of a member that can lead."""
    record = record_of(folder)
    return record is not None and not record.arbiter


def in_background(root: Path, program: str, say: Callable[[str], None]) -> threading.Thread:
    """Attend to a death in a thread of its own, so that the warden can look after others meanwhile."""
    thread = threading.Thread(target=attend, args=(root, program, say), daemon=True, name=f"step-up-{program}")
    thread.start()
    return thread


def attend(root: Path, program: str, say: Callable[[str], None]) -> None:
    """See to it that somebody leads after a member's process has ended; says what came of it."""
    dead = record_of(root / "services" / program)
    if dead is None:
        return
    directory = StackDirectory.open(root)
    survivors = {record.name: record for record in records_of(root, dead.set_name) if record.name != dead.name}
    began = time.monotonic()
    refusals: dict[str, str] = {}
    while time.monotonic() - began < PATIENCE_S:
        decision = choose(_views(directory, dead, survivors))
        if decision.leader:
            if refusals:
                say(f"{dead.name} died; {decision.leader} leads after {time.monotonic() - began:.2f} s")
            return
        for name in decision.candidates:
            try:
                _ask(directory, dead, survivors[name], "replSetStepUp")
            except LocalprocError as error:
                refusals[name] = str(error)
                continue
            say(f"{dead.name} died while it led: {name} was elected after {time.monotonic() - began:.2f} s")
            return
        time.sleep(PAUSE_S)
    if refusals:
        listed = "; ".join(refusals.values())
        say(f"{dead.name} died, and nobody could be elected within {PATIENCE_S:g} s ({listed}); left to MongoDB")


def _ask(directory: StackDirectory, dead: Record, survivor: Record, name: str) -> Document:
    """Give an order to a survivor where it listens now, by the dead member's certificate."""
    address = listening_at(directory, survivor.name, survivor.address)
    return command(address, dead.identity, name, timeout_s=ANSWER_S)


def _views(directory: StackDirectory, dead: Record, survivors: Mapping[str, Record]) -> list[View]:
    """What those survivors say that answer; all are asked at once."""

    def ask(record: Record) -> View | None:
        try:
            return View.of(record.name, _ask(directory, dead, record, "replSetGetStatus"))
        except (LocalprocError, StopIteration):
            return None

    with concurrent.futures.ThreadPoolExecutor(max_workers=max(len(survivors), 1)) as pool:
        return [view for view in pool.map(ask, survivors.values()) if view is not None]
