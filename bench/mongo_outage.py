"""What a failure of MongoDB's primary costs a client that writes: time without writes, and lost writes.

Each event happens with MongoDB's default election time-out and with a tuned one, with the warden, which has a successor
step up at once, and with MongoDB's own election alone; in turns, so that all meet the same load of the machine. The
time-out is set on the running set and set back in the end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Sequence

from pymongo.errors import PyMongoError

from bench.figures import Figure
from tests.fixtures.live_stack import LiveStack
from tests.fixtures.mongo_set import MongoSet
from tests.fixtures.mongo_writer import MongoWriter

__all__ = ["EVENTS", "TUNED_MS", "VARIANTS", "Event", "Outcome", "Variant", "cause", "figures", "measure"]

DEFAULT_MS = 10_000
"""MongoDB's own, and the specification's (7.1.2)."""
TUNED_MS = 2_000
PATIENCE_S = 90


@dataclasses.dataclass(frozen=True, kw_only=True)
class Variant:
    """How a successor comes about."""

    election_timeout_ms: int
    warden: bool

    def __str__(self) -> str:
        """Return it as the table shows it."""
        how = "the warden's step-up" if self.warden else "election alone"
        return f"{how}, election time-out {self.election_timeout_ms / 1000:g} s"


VARIANTS = tuple(
    Variant(election_timeout_ms=timeout_ms, warden=warden)
    for timeout_ms in (DEFAULT_MS, TUNED_MS)
    for warden in (True, False)
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens to the primary.

    Attributes:
        name: As in the table.
        act: Makes it happen; has happened when it returns.
        compare: Variant → a figure to hold it against.
    """

    name: str
    act: Callable[[LiveStack, MongoSet, str], None]
    compare: Callable[[Variant], str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one event cost.

    Attributes:
        outage_s: Longest time between two acknowledged writes.
        lost: Acknowledged writes that are not there afterwards.
        whole_s: From the event until one member leads and all others follow.
        moved: Whether another member leads.
    """

    outage_s: float
    lost: int
    whole_s: float
    moved: bool


def _kill(_stack: LiveStack, members: MongoSet, primary: str) -> None:
    members.kill(primary)


def _switchover(stack: LiveStack, members: MongoSet, _primary: str) -> None:
    done = stack.walletdb("switchover", "--cluster", members.name, "--yes")
    if done.returncode:
        message = f"walletdb switchover ended with {done.returncode}: {(done.stdout + done.stderr).strip()}"
        raise RuntimeError(message)


def _by_hand(default: str, tuned: str) -> Callable[[Variant], str]:
    return lambda variant: f"by hand {default if variant.election_timeout_ms == DEFAULT_MS else tuned}"


EVENTS = (
    Event(name="kill -9 of the primary", act=_kill, compare=_by_hand("3.0 to 11.0 s", "2.1 to 3.0 s")),
    Event(name="step-down (walletdb switchover)", act=_switchover, compare=_by_hand("1.0 s", "0.03 s")),
)


def measure(
    stack: LiveStack, members: MongoSet, runs: int, say: Callable[[str], None]
) -> tuple[list[Figure], list[str]]:
    """All events in all variants, so often.

    Returns:
        The figures, and notes on runs that failed.
    """
    outcomes: dict[tuple[Event, Variant], list[Outcome]] = {(e, v): [] for e in EVENTS for v in VARIANTS}
    notes: list[str] = []
    before_ms = members.election_timeout_ms()
    try:
        for run in range(runs):
            for variant in VARIANTS:
                members.until_whole(PATIENCE_S)
                members.set_election_timeout(variant.election_timeout_ms)
                with contextlib.nullcontext() if variant.warden else members.without_warden():
                    for event in EVENTS:
                        _run(stack, members, event, f"{variant}, run {run + 1}", outcomes[event, variant], notes, say)
    finally:
        members.set_election_timeout(before_ms)
    return [figure for key, found in outcomes.items() for figure in figures(*key, found)], notes


def _run(
    stack: LiveStack,
    members: MongoSet,
    event: Event,
    title: str,
    outcomes: list[Outcome],
    notes: list[str],
    say: Callable[[str], None],
) -> None:
    try:
        outcome = cause(stack, members, event)
    except (OSError, RuntimeError, LookupError, PyMongoError) as error:
        notes.append(f"{event.name}, {title}: failed: {error}")
        say(notes[-1])
        return
    outcomes.append(outcome)
    say(
        f"{event.name}, {title}: {outcome.outage_s:.2f} s without writes, {outcome.lost} writes lost, whole again "
        f"after {outcome.whole_s:.1f} s, primary {'moved' if outcome.moved else 'stayed'}"
    )


def cause(stack: LiveStack, members: MongoSet, event: Event) -> Outcome:
    """Have it happen once under a writer.

    Raises:
        TimeoutError: writes do not go on, or the set does not get whole.
        RuntimeError: the event did not happen.
    """
    members.until_whole(PATIENCE_S)
    with MongoWriter(members.client) as writer:
        primary = members.primary()
        before = time.monotonic()
        event.act(stack, members, primary)
        writer.until_written(100, patience_s=PATIENCE_S)
        members.until_whole(PATIENCE_S)
        whole = time.monotonic() - before
        # Once more after the killed member is back: its return must not stop writes either.
        writer.until_written(50)
    return Outcome(
        outage_s=writer.outage_s(before), lost=len(writer.lost()), whole_s=whole, moved=members.primary() != primary
    )


def figures(event: Event, variant: Variant, outcomes: Sequence[Outcome]) -> list[Figure]:
    """The rows of one event in one variant."""
    case = f"{event.name}, {variant}"
    outage = tuple(outcome.outage_s for outcome in outcomes)
    lost = tuple(float(outcome.lost) for outcome in outcomes)
    whole = tuple(outcome.whole_s for outcome in outcomes)
    moved = tuple(float(outcome.moved) for outcome in outcomes)
    return [
        Figure(case=case, what="write outage", unit="s", runs=outage, compare=event.compare(variant)),
        Figure(case=case, what="acknowledged writes lost", unit="writes", runs=lost),
        Figure(case=case, what="whole again after", unit="s", runs=whole, detail=True),
        Figure(case=case, what="primary moved", unit="times", runs=moved, detail=True),
    ]
