"""The engine, run as a person runs it: by `bin/pulumi`, with its event log beside it."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.ending import end_engine
from rehearsal.errors import RehearsalError
from rehearsal.processes import tail

__all__ = ["STACK", "Change", "Engine", "Outcome", "copy_events", "read_events"]

STACK = "prod"
PARALLEL = 16
LIMIT_S = 300.0
_INTERRUPT_S = 60.0
_POLL_S = 0.02
_WATCH_S = 0.5
_EVENT_NAME_WITHIN = 80
"""Bytes of a line: an event begins with its number and time, then comes its name."""
_UPDATES = frozenset(("preview", "up", "refresh", "destroy", "import"))
_ONE_CHECKPOINT = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""For a run that nobody interrupts: to write the state after each of many hundred operations, and not only at the end,
takes more of the machine than all else."""
_QUIET = frozenset(("same", "read", "refresh"))
"""Operations that change nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on one resource, as the event log has it."""

    operation: str
    urn: str
    done: bool
    """False while it is only begun or foreseen, and when it failed."""

    @property
    def type(self) -> str:
        """The resource's type token, without those of its parents."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """The resource's name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run of the engine ended.

    Attributes:
        words: The command's words.
        code: Its exit code; negative when a signal ended it.
        text: What it printed.
        seconds: How long it took.
        changes: What it did, or in a preview would do; operations that change nothing are in it too.
        counts: Operation → how many resources, as the engine sums them up.
        errors: Its error messages.
        policies: Name of the policy → its message, for mandatory ones that were violated.
        log: The file with what it printed.
    """

    words: tuple[str, ...]
    code: int
    text: str
    seconds: float
    log: Path
    changes: tuple[Change, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    policies: Mapping[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> list[Change]:
        """Operations that change something, the stack itself left out."""
        return [change for change in self.changes if change.operation not in _QUIET and change.done]

    @property
    def resources(self) -> int:
        """How many resources the run dealt with."""
        return sum(self.counts.values())

    def succeeded(self) -> "Outcome":
        """This outcome, if it is one of success.

        Raises:
            RehearsalError: The engine failed; the text has what it printed last.
        """
        if self.code:
            raise self.error(f"ended with code {self.code}")
        return self

    def error(self, cause: str) -> RehearsalError:
        """An error about this run."""
        texts = [*self.errors, *(f"{name}: {message}" for name, message in self.policies.items())]
        said = "\n".join(f"    {line}" for text in texts for line in text.strip().splitlines())
        return RehearsalError(f"bin/pulumi {' '.join(self.words)}: {cause}\n{said or tail(self.log)}", self.log)


class Engine:
    """Runs `bin/pulumi` on the rehearsal's stack, one run at a time."""

    def __init__(self, program: Path, folder: Path, settings: Path, variables: Mapping[str, str]) -> None:
        """Run nothing yet.

        Args:
            program: `bin/pulumi`.
            folder: Where logs go.
            settings: The stack's settings; never the project's own file, into which the engine would write.
            variables: The whole environment.
        """
        self.settings = settings
        self._program = program
        self._logs = folder
        self._variables = dict(variables)
        self._runs = 0
        self.tick: Callable[[str], None] = lambda _doing: None
        """Called now and then while the engine is at work, with what it does."""

    def run(self, *words: str, settings: Path | None = None, preview: bool = False) -> Outcome:
        """Run a command to its end.

        Args:
            words: The command and its options.
            settings: Other settings than the stack's own.
            preview: Preview an update or destroy first, as the engine does for people; it goes on by itself.

        Raises:
            RehearsalError: It takes far too long.
        """
        with self._running(words, settings, preview=preview) as (process, begin):
            deadline = time.monotonic() + LIMIT_S
            while process.poll() is None:
                if time.monotonic() > deadline:
                    raise RehearsalError(f"bin/pulumi {' '.join(words)} did not end within {LIMIT_S:g} s", begin.log)
                self.tick(f"{words[0]}, {begin.done()} changes so far")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_WATCH_S)
        return begin.outcome(process.returncode)

    def interrupt(
        self,
        number: signal.Signals,
        after: int,
        *words: str,
        when: Callable[[], bool] = lambda: True,
    ) -> Outcome:
        """Run a command and send it a signal when so many of its operations are done.

        Args:
            number: The signal.
            after: How many.
            words: The command and its options.
            when: Whether the moment suits; asked again while the engine is stopped.

        Raises:
            RehearsalError: It ended before that, or does not end after it.
        """
        with self._running(words, None, checkpoints=True) as (process, begin):
            deadline = time.monotonic() + LIMIT_S
            while not self._suits(process, begin, after, when):
                if process.poll() is not None or time.monotonic() > deadline:
                    cause = f"ended before {after} of its operations were done and the moment suited"
                    raise begin.outcome(process.poll() or 0).error(cause)
                time.sleep(_POLL_S)
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
            try:
                process.wait(_INTERRUPT_S)
            except subprocess.TimeoutExpired:
                raise RehearsalError(
                    f"bin/pulumi {' '.join(words)} did not end within {_INTERRUPT_S:g} s of {number.name}", begin.log
                ) from None
        return begin.outcome(process.returncode)

    def _suits(
        self,
        process: "subprocess.Popen[bytes]",
        begun: "_Begun",
        after: int,
        when: Callable[[], bool],
    ) -> bool:
        """Whether the moment has come; the engine is then left stopped, so that it stays so."""
        if begun.done() < after or not when() or process.poll() is not None:
            return False
        process.send_signal(signal.SIGSTOP)
        if when():
            return True
        process.send_signal(signal.SIGCONT)
        return False

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in clear.

        Raises:
            RehearsalError: The engine fails.
        """
        done = self.run("stack", "output", "--json", "--show-secrets").succeeded()
        found: dict[str, Any] = json.loads(done.text)
        return found

    def state(self) -> dict[str, Any]:
        """The stack's recorded deployment, secrets encrypted.

        Raises:
            RehearsalError: The engine fails.
        """
        done = self.run("stack", "export").succeeded()
        found: dict[str, Any] = json.loads(done.text)["deployment"]
        return found

    @contextlib.contextmanager
    def _running(
        self,
        words: Sequence[str],
        settings: Path | None,
        *,
        preview: bool = False,
        checkpoints: bool = False,
    ) -> Iterator[tuple["subprocess.Popen[bytes]", "_Begun"]]:
        self._runs += 1
        variables = dict(self._variables) if checkpoints else {**self._variables, **_ONE_CHECKPOINT}
        stem = f"engine-{self._runs:02d}-{words[0]}"
        log, events = self._logs / f"{stem}.log", self._logs / f"{stem}.events"
        begun = _Begun(tuple(words), log, events)
        command = self._command(words, settings or self.settings, events, preview=preview)
        with log.open("wb") as out, (self._logs / f"{stem}.errors").open("wb") as errors:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                process_group=0,  # Ctrl-C is the rehearsal's, which ends the engine
            )
        try:
            yield process, begun
        finally:
            end_engine(process, self._variables.get("PULUMI_HOME", ""))

    def _command(self, words: Sequence[str], settings: Path, events: Path, *, preview: bool) -> list[str]:
        command = [str(self._program), *words, "--stack", STACK, "--non-interactive", "--color=never"]
        if words[0] not in _UPDATES:
            # Only these read the settings file that is named; the others find it in the folder that they run in.
            return [*command, "--cwd", str(settings.parent)]
        command += ["--config-file", str(settings), "--event-log", str(events), "--parallel", str(PARALLEL)]
        if words[0] != "preview":
            command += ["--yes"] if preview else ["--yes", "--skip-preview"]
        if "--json" not in words:
            command += ["--suppress-progress"]
        return command


@dataclass
class _Begun:
    """A run that is under way, and its files."""

    words: tuple[str, ...]
    log: Path
    events: Path
    started: float = field(default_factory=time.monotonic)
    _position: int = 0
    _done: int = 0

    def done(self) -> int:
        """How many changing operations are done so far."""
        with contextlib.suppress(FileNotFoundError), self.events.open("rb") as stream:
            stream.seek(self._position)
            for line in stream:
                if not line.endswith(b"\n"):
                    break  # still being written
                self._position += len(line)
                if b'"resOutputsEvent"' in line[:_EVENT_NAME_WITHIN]:
                    change = _change(json.loads(line))
                    self._done += change is not None and change.operation not in _QUIET
        return self._done

    def outcome(self, code: int) -> Outcome:
        """What came of it."""
        seconds = time.monotonic() - self.started
        text = self.log.read_text(encoding="utf-8", errors="replace")
        errors = self.log.with_suffix(".errors").read_text(encoding="utf-8", errors="replace")
        changes, counts, said, policies = read_events(self.events)
        if not said and errors.strip():
            said = (errors.strip(),)
        return Outcome(
            words=self.words,
            code=code,
            text=text,
            seconds=seconds,
            log=self.log,
            changes=changes,
            counts=counts,
            errors=said,
            policies=policies,
        )


def read_events(
    path: Path,
) -> tuple[tuple[Change, ...], Mapping[str, int], tuple[str, ...], Mapping[str, str]]:
    """Read an event log: operations, their counts, error messages and violated policies.

    Lines that are no JSON are passed over: a killed engine writes half of one.
    """
    changes: list[Change] = []
    counts: Counter[str] = Counter()
    errors: list[str] = []
    policies: dict[str, str] = {}
    for event in _events(path):
        if change := _change(event):
            changes.append(change)
        elif diagnostic := event.get("diagnosticEvent"):
            if diagnostic.get("severity") == "error":
                errors.append(diagnostic["message"])
        elif policy := event.get("policyEvent"):
            if policy.get("enforcementLevel") == "mandatory":
                policies[policy["policyName"]] = policy["message"]
        elif summary := event.get("summaryEvent"):
            counts.update(summary.get("resourceChanges") or {})
    return tuple(changes), counts, tuple(errors), policies


def copy_events(logs: Path, word: str, target: Path) -> None:
    """Write the events of the first run of a command to a file of the owner's alone; none where it never ran.

    Without the engine's debug messages, which have secrets in clear.
    """
    for path in sorted(logs.glob(f"engine-*-{word}.events"))[:1]:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(event) + "\n" for event in _events(path))


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """All events but the engine's debug messages: most of the log, asked for by nobody, and with secrets in clear."""
    with contextlib.suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            if '"severity":"debug"' in line[-40:]:
                continue  # without reading it, where the engine puts that last
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict) and (event.get("diagnosticEvent") or {}).get("severity") != "debug":
                    yield event


def _change(event: Mapping[str, Any]) -> Change | None:
    for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
        if found := event.get(kind):
            metadata = found["metadata"]
            return Change(metadata["op"], metadata["urn"], done=kind == "resOutputsEvent")
    return None
