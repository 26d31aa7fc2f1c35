"""How long `make up` and `make preview` take, in a copy of the project with a data folder and a stack of its own.

The copy is what a newcomer has after cloning: no environment, no engine, no stack. pip's and Go's caches of the user
who measures are used as they are, and system packages that are missing are installed for good.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import psycopg

from bench.figures import Figure, Result
from bench.session import Session
from tests.fixtures.live_stack import PROJECT
from tests.fixtures.ports import free_port_base

__all__ = ["FirstWrite", "Timed", "measure", "phases"]

STACK = "bench"
READY_RUNS = 3
"""From nothing to a ready cluster at most so often: each needs a `make down` before."""

_POLL_S = 0.05
_PATIENCE_S = 1800
_DONE = re.compile(r"^(?:✓|ok:) (?P<name>[a-z ]+?) \d")
_LEFT_OUT = (".git", ".venv", ".engine", ".*_cache", ".hypothesis", "__pycache__", "Pulumi.test-*.yaml", "*.tmp")
# What this run was given must not reach the runs that it starts.
_OWN_VARIABLES = ("ARGS", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "YES", "VIRTUAL_ENV", "PYTHONPATH")

_SECOND_TARGET = "target < 15 s"
_READY = "10 to 15 s for the servers alone, started by hand"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timed:
    """One `make`.

    Attributes:
        started: `time.monotonic()` when it began.
        total_s: Until it ended.
        marks: Phase → `time.monotonic()` of its end, in order.
    """

    started: float
    total_s: float
    marks: Mapping[str, float]


def phases(timed: Timed) -> dict[str, float]:
    """Phase → seconds, each from the end of the one before; `the rest` is what comes after the last."""
    found: dict[str, float] = {}
    before = timed.started
    for name, end in timed.marks.items():
        found[name] = end - before
        before = end
    found["the rest"] = timed.started + timed.total_s - before
    return found


@dataclasses.dataclass
class FirstWrite:
    """Tries to write through the writer port from before there is one, and keeps the moment of the first success."""

    directory: Path
    port: int
    at: float | None = None

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Try in the background."""
        ended = threading.Event()
        thread = threading.Thread(target=self._try, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(30)

    def _try(self, ended: threading.Event) -> None:
        key = self.directory / "admin.key"
        while self.at is None and not ended.wait(_POLL_S):
            if not key.exists():
                continue
            with contextlib.suppress(psycopg.Error), self._connect() as connection:
                # A statement that needs a primary and waits for its synchronous standby.
                connection.execute("CREATE TABLE bench_first_write AS SELECT 1 AS written")
                self.at = time.monotonic()
                connection.execute("DROP TABLE bench_first_write")

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            dbname="postgres",
            sslmode="verify-full",
            sslrootcert=str(self.directory / "ca.crt"),
            sslcert=str(self.directory / "admin.crt"),
            sslkey=str(self.directory / "admin.key"),
            connect_timeout=2,
            autocommit=True,
        )


class Clone:
    """A copy of the project, its data folder and its stack."""

    def __init__(self, root: Path) -> None:
        root.chmod(0o755)  # the servers' user walks through it
        self.project = root / "project"
        self.home = root / "home"
        self.ports = free_port_base()
        shutil.copytree(PROJECT, self.project, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        settings = (
            "config:\n"
            "  fashion-wallet:substrate: local\n"
            "  fashion-wallet:protect: false\n"
            "  fashion-wallet:local:\n"
            f"    portBase: {self.ports}\n"
        )
        (self.project / f"Pulumi.{STACK}.yaml").write_text(settings, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """Of each `make`."""
        kept = {name: value for name, value in os.environ.items() if name not in _OWN_VARIABLES}
        return {**kept, "FASHION_WALLET_HOME": str(self.home), "STACK": STACK, "PYTHONIOENCODING": "utf-8"}

    def make(self, *words: str) -> Timed:
        """Run `make` with these words and time its phases.

        Raises:
            RuntimeError: it failed; with the end of what it said.
        """
        started = time.monotonic()
        said: list[str] = []
        marks: dict[str, float] = {}
        with subprocess.Popen(
            ["make", "--no-print-directory", *words],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process:
            guard = threading.Timer(_PATIENCE_S, process.terminate)
            guard.start()
            for line in process.stdout or ():
                said.append(line)
                if found := _DONE.match(line):
                    marks[found["name"]] = time.monotonic()
            process.wait()
            guard.cancel()
        if process.returncode:
            message = f"make {' '.join(words)} ended with {process.returncode}:\n{''.join(said[-40:])}"
            raise RuntimeError(message)
        return Timed(started=started, total_s=time.monotonic() - started, marks=marks)

    def up_from_nothing(self) -> tuple[Timed, float]:
        """`make up` where the stack is not there: its times, and seconds from `pulumi up` to the first write.

        Raises:
            RuntimeError: it failed, or nothing could be written although it did not.
        """
        first = FirstWrite(self.home / "stacks" / STACK, self.ports + 10)
        with first.watching():
            timed = self.make("up")
        if first.at is None:
            message = "make up ended well, but nothing could be written through the writer port meanwhile"
            raise RuntimeError(message)
        return timed, first.at - timed.marks["stack"]


def measure(session: Session) -> Result:
    """First `make up` by phase; then, on the running stack, `make up` and `make preview`; then from nothing again."""
    # Stacks of other parts would share the two minutes that the first up takes.
    session.close_stacks()
    clone = Clone(session.scratch())
    runs = session.options.runs
    try:
        session.say("up: the first make up, with its set-up")
        first, ready = clone.up_from_nothing()
        session.say(f"up: first make up {first.total_s:.0f} s, ready to write {ready:.1f} s after pulumi up began")
        again = [_said(session, "second make up", clone.make("up")) for _ in range(runs)]
        previews = [_said(session, "make preview", clone.make("preview")) for _ in range(runs)]
        from_nothing = [(first, ready)]
        for _ in range(min(READY_RUNS, runs) - 1):
            clone.make("down", "YES=1")
            timed, ready = clone.up_from_nothing()
            session.say(f"up: from nothing, engine and environment there: ready to write after {ready:.1f} s")
            from_nothing.append((timed, ready))
    finally:
        session.say("up: removing the stack")
        clone.make("down", "YES=1")
    figures = [Figure(case="first make up", what="total", unit="s", runs=(first.total_s,), compare="minutes")]
    figures += [
        Figure(case="first make up", what=name, unit="s", runs=(taken,)) for name, taken in phases(first).items()
    ]
    figures += _of_runs("second make up", again, _SECOND_TARGET)
    figures.append(Figure(case="make preview", what="total", unit="s", runs=tuple(p.total_s for p in previews)))
    figures.append(
        Figure(
            case="nothing to cluster ready",
            what="pulumi up begun to first write",
            unit="s",
            runs=tuple(seconds for _, seconds in from_nothing),
            compare=_READY,
        )
    )
    figures.append(
        Figure(
            case="nothing to all declared",
            what="pulumi up",
            unit="s",
            runs=tuple(phases(timed)["update"] for timed, _ in from_nothing),
        )
    )
    settings = {"runs": runs, "pip_cache": "the user's", "go_cache": "the user's", "members": 3}
    return Result(name="up", settings=settings, figures=figures)


def _said(session: Session, what: str, timed: Timed) -> Timed:
    session.say(f"up: {what}: {timed.total_s:.1f} s")
    return timed


def _of_runs(case: str, runs: Iterable[Timed], compare: str) -> list[Figure]:
    """The total and each phase of the same `make`, run several times."""
    timed = list(runs)
    found = [Figure(case=case, what="total", unit="s", runs=tuple(t.total_s for t in timed), compare=compare)]
    parts = [phases(t) for t in timed]
    found += [Figure(case=case, what=name, unit="s", runs=tuple(part[name] for part in parts)) for name in parts[0]]
    return found
