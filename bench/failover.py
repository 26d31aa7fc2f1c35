"""What a failure costs a client that writes through the writer port: time without writes, and lost rows.

Every event runs on a stack with the project's settings and, where Patroni's time-outs matter, on one with Patroni's
defaults and without the warden, in turns, so that both meet the same load of the machine.

A node is killed in two ways. supervisord starts a killed Patroni again within a second, and that one finds its own
leader key beside a dead server and gives it up: no time-out matters. A machine that is gone starts nothing, so in the
second way supervisord is suspended until a successor writes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil

from bench.figures import Figure, Result
from bench.session import PATRONI_DEFAULTS, Session
from localproc import identity
from localproc.layout import StackDirectory
from localproc.supervisor import Supervisor
from tests.fixtures.cluster import Cluster
from tests.fixtures.live_stack import LiveStack
from tests.fixtures.writer import Writer

__all__ = ["measure"]

BASELINE_PATIENCE_S = 180
"""Three default ttl and loops: time for a cluster with Patroni's default time-outs to get whole again."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens to the leader's node or to what stands in front of it.

    Attributes:
        name: As in the table.
        act: A context in which it has happened to the leader of a cluster; it ends when writes go on.
        watch_s: How long its effect may take to begin.
        compare: A target or others' figures.
        baseline: What to hold the default time-outs' figure against; None: not measured there.
    """

    name: str
    act: Callable[[LiveStack, Cluster, str], contextlib.AbstractContextManager[None]]
    watch_s: float
    compare: str
    baseline: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one event cost.

    Attributes:
        outage_s: Longest time between two acknowledged inserts.
        lost: Acknowledged rows that are not in the table afterwards.
        whole_s: From the event until all members are back, streaming, one of them synchronous.
        moved: Whether another member leads.
    """

    outage_s: float
    lost: int
    whole_s: float
    moved: bool


def _switchover(stack: LiveStack, _cluster: Cluster, _leader: str) -> contextlib.AbstractContextManager[None]:
    done = stack.walletdb("switchover", "--cluster", "postgres", "--yes")
    if done.returncode:
        message = f"walletdb switchover ended with {done.returncode}: {(done.stdout + done.stderr).strip()}"
        raise RuntimeError(message)
    return contextlib.nullcontext()


def _kill_node(_stack: LiveStack, cluster: Cluster, leader: str) -> contextlib.AbstractContextManager[None]:
    cluster.kill_node(leader)
    return contextlib.nullcontext()


@contextlib.contextmanager
def _lose_node(stack: LiveStack, cluster: Cluster, leader: str) -> Iterator[None]:
    patroni = psutil.Process(cluster.pid(leader))
    supervisord = psutil.Process(Supervisor(StackDirectory.open(stack.directory)).pid())
    # From here on supervisord answers nothing and restarts nothing.
    supervisord.suspend()
    try:
        for process in [patroni, *identity.in_folder(stack.directory / "services" / leader / "data")]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        yield
    finally:
        supervisord.resume()


def _kill_postmaster(_stack: LiveStack, cluster: Cluster, leader: str) -> contextlib.AbstractContextManager[None]:
    cluster.postmaster(leader).kill()
    return contextlib.nullcontext()


def _kill_patroni(_stack: LiveStack, cluster: Cluster, leader: str) -> contextlib.AbstractContextManager[None]:
    cluster.kill(leader)
    return contextlib.nullcontext()


def _kill(program: str) -> Callable[[LiveStack, Cluster, str], contextlib.AbstractContextManager[None]]:
    def act(_stack: LiveStack, cluster: Cluster, _leader: str) -> contextlib.AbstractContextManager[None]:
        cluster.kill(program)
        return contextlib.nullcontext()

    return act


# A failed Patroni, HAProxy or etcd may cost something only after the checks and time-outs that wait for it.
EVENTS = (
    Event(
        name="kill -9 of the node",
        act=_kill_node,
        watch_s=3,
        compare="target < 3 s; CNPG 20 to 30 s",
        baseline="its supervised restart gives up the leader key",
    ),
    Event(
        name="loss of the node",
        act=_lose_node,
        watch_s=3,
        compare="target < 3 s; RDS Multi-AZ 35 to 120 s",
        baseline="Patroni: up to its ttl, 30 s",
    ),
    Event(
        name="kill -9 of the postmaster",
        act=_kill_postmaster,
        watch_s=3,
        compare="target < 5 s; Pigsty 30 to 45 s; Aurora < 60 s",
        baseline="Patroni's tests: a new primary within 24 s",
    ),
    Event(
        name="kill -9 of Patroni",
        act=_kill_patroni,
        watch_s=8,
        compare="none: PostgreSQL goes on",
    ),
    Event(name="kill -9 of HAProxy", act=_kill("postgres-haproxy"), watch_s=4, compare="restart by supervisord"),
    Event(name="kill -9 of etcd", act=_kill("etcd-1"), watch_s=8, compare="none: failsafe_mode"),
    Event(name="switchover", act=_switchover, watch_s=3, compare="CNPG 20 s", baseline="CNPG 20 s"),
)


def measure(session: Session) -> Result:
    """All events, `runs` times, and those with a baseline `baseline_runs` times with Patroni's default time-outs."""
    options = session.options
    ours: dict[str, list[Outcome]] = {event.name: [] for event in EVENTS}
    theirs: dict[str, list[Outcome]] = {event.name: [] for event in EVENTS if event.baseline is not None}
    notes: list[str] = []
    for run in range(max(options.runs, options.baseline_runs)):
        for event in EVENTS:
            if run < options.runs:
                _run(session, session.stack, event, f"run {run + 1}", ours[event.name], notes)
            if run < options.baseline_runs and event.baseline is not None:
                stack = _without_warden(session)
                _run(session, stack, event, f"run {run + 1}, default time-outs", theirs[event.name], notes)
    figures: list[Figure] = []
    for event in EVENTS:
        figures += _figures(event.name, ours[event.name], event.compare)
        if event.baseline is not None and theirs[event.name]:
            figures += _figures(f"{event.name}, default time-outs", theirs[event.name], event.baseline)
    baseline = {key.rpartition(".")[2]: value for key, value in PATRONI_DEFAULTS.items()}
    settings = {"runs": options.runs, "baseline_runs": options.baseline_runs, "baseline": {**baseline, "warden": False}}
    return Result(name="failover", settings=settings, figures=figures, notes=notes)


def _run(
    session: Session, stack: LiveStack, event: Event, title: str, outcomes: list[Outcome], notes: list[str]
) -> None:
    try:
        outcome = _cause(stack, event)
    except (OSError, RuntimeError, LookupError, StopIteration) as error:
        notes.append(f"{event.name}, {title}: failed: {error}")
        session.say(notes[-1])
        return
    outcomes.append(outcome)
    session.say(
        f"{event.name}, {title}: {outcome.outage_s:.2f} s without writes, {outcome.lost} rows lost, "
        f"whole again after {outcome.whole_s:.1f} s, leader {'moved' if outcome.moved else 'stayed'}"
    )


def _cause(stack: LiveStack, event: Event) -> Outcome:
    cluster = Cluster.of(stack)
    _until_whole(cluster)
    with Writer(stack.admin) as writer:
        leader = cluster.leader()
        before = time.monotonic()
        with event.act(stack, cluster, leader):
            time.sleep(event.watch_s)
            writer.until_written(100, patience_s=BASELINE_PATIENCE_S)
        watched = time.monotonic() - before
        _until_whole(cluster)
        # The effect is awaited, not timed, until `watch_s`: nothing shorter can be told for the whole cluster.
        whole = max(watched, time.monotonic() - before)
        writer.until_written(50)
    return Outcome(
        outage_s=writer.outage_s(before),
        lost=len(writer.lost()),
        whole_s=whole,
        moved=cluster.leader() != leader,
    )


def _until_whole(cluster: Cluster) -> None:
    deadline = time.monotonic() + BASELINE_PATIENCE_S
    while True:
        try:
            cluster.until_whole()
        except TimeoutError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def _without_warden(session: Session) -> LiveStack:
    """The baseline's stack, where Patroni alone decides."""
    stack = session.baseline
    control = [sys.executable, "-m", "supervisor.supervisorctl", "-s", f"unix://{stack.directory}/run/supervisor.sock"]
    # Stopping what is stopped is no error worth a word: this is called before every event.
    said = subprocess.run([*control, "stop", "warden"], capture_output=True, text=True, check=False, timeout=60).stdout
    if "stopped" not in said and "not running" not in said:
        message = f"the warden of the baseline's stack does not stop: {said.strip()}"
        raise RuntimeError(message)
    return stack


def _figures(case: str, outcomes: list[Outcome], compare: str) -> list[Figure]:
    return [
        Figure(case=case, what="write outage", unit="s", runs=tuple(o.outage_s for o in outcomes), compare=compare),
        Figure(case=case, what="acknowledged rows lost", unit="rows", runs=tuple(float(o.lost) for o in outcomes)),
        Figure(case=case, what="whole again after", unit="s", runs=tuple(o.whole_s for o in outcomes), detail=True),
        Figure(case=case, what="leader moved", unit="times", runs=tuple(float(o.moved) for o in outcomes), detail=True),
    ]
