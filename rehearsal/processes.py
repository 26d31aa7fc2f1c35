"""The processes of a rehearsal: started with a log each, watched while others wait for them, ended by pid.

None outlives the rehearsal: the kernel kills each when the rehearsal itself dies, however it does. For that all must be
started from the main thread.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from localproc.errors import DeadlineError
from localproc.layout import Owner
from localproc.waiting import Waiter
from rehearsal.errors import RehearsalError

__all__ = ["Process", "Processes", "tail"]

PATIENCE_S = 60.0
STOP_S = 10.0
_TAIL_LINES = 25
_TAIL_BYTES = 16384


@dataclass(frozen=True)
class Process:
    """One process, its log, and the signal that asks it to end."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    ending: signal.Signals = signal.SIGKILL
    """Whatever a server holds goes with the rehearsal: none needs to end in order."""

    def until(self, what: str, probe: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Wait for `probe` as long as the process lives.

        Raises:
            RehearsalError: It ended, or took too long; the text has its log's end.
        """

        def ready() -> bool:
            if self.popen.poll() is not None:
                raise self._error(f"{self.name} ended with code {self.popen.returncode} before {what}")
            return probe()

        try:
            Waiter.within(patience_s).until(what, ready, every_s=0.05)
        except DeadlineError as error:
            raise self._error(f"{self.name}: {error}") from None

    def succeeded(self, patience_s: float = PATIENCE_S) -> None:
        """Wait for the end of a process that does one thing.

        Raises:
            RehearsalError: It failed, or took too long; the text has its log's end.
        """
        try:
            self.popen.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise self._error(f"{self.name} did not end within {patience_s:g} s") from None
        if self.popen.returncode:
            raise self._error(f"{self.name} ended with code {self.popen.returncode}")

    def _error(self, cause: str) -> RehearsalError:
        return RehearsalError(f"{cause}; its log ends with\n{tail(self.log)}", self.log)


@dataclass
class Processes:
    """All processes of a rehearsal, in the order in which they were started."""

    logs: Path
    environment: Mapping[str, str]
    """What each gets; the caller's own settings of clouds and engine must not be in it."""
    started: list[Process] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        owner: Owner | None = None,
        variables: Mapping[str, str] | None = None,
        cwd: Path = Path("/"),
        ending: signal.Signals = signal.SIGKILL,
    ) -> Process:
        """Start a process as `owner`; without one as whoever runs the rehearsal.

        Raises:
            RehearsalError: The program is missing.
        """
        log = self.logs / f"{name}.log"
        drop, home = [], {}
        if owner is not None and owner.drops:
            home = {"HOME": "/nonexistent"}  # libpq must not look into the home of who runs the rehearsal
            drop = [f"--reuid={owner.uid}", f"--regid={owner.gid}", "--init-groups"]
        words = ["setpriv", "--pdeathsig", "KILL", *drop, "--", *map(str, command)]
        try:
            with log.open("ab") as sink:
                popen = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env={**self.environment, **home, **(variables or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    process_group=0,  # Ctrl-C is the rehearsal's, which ends them in order
                )
        except OSError as error:
            raise RehearsalError(f"{name} cannot be started: {error}; make setup installs what is missing") from error
        process = Process(name, popen, log, ending)
        self.started.append(process)
        return process

    def dead(self) -> list[Process]:
        """Processes that should run and do not; those that did one thing and succeeded are none."""
        return [process for process in self.started if process.popen.poll()]

    def stop(self, *processes: Process) -> None:
        """End these, last started first; all where none is given. One that ended already is no error."""
        going = [process for process in reversed(self.started) if not processes or process in processes]
        for process in going:
            with contextlib.suppress(ProcessLookupError):
                if process.popen.poll() is None:
                    process.popen.send_signal(process.ending)
        deadline = time.monotonic() + STOP_S
        for process in going:
            try:
                process.popen.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Its children go with it: each process leads a group of its own.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.popen.pid, signal.SIGKILL)
                process.popen.wait(STOP_S)
            self.started.remove(process)


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    with contextlib.suppress(OSError), log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        text = stream.read().decode("utf-8", "replace")
        return "\n".join(f"    {line}" for line in text.splitlines()[-_TAIL_LINES:])
    return "    (no log)"
