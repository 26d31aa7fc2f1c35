"""Deadlines, and running many probes at once so that a frozen server delays nobody else."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from walletdb.errors import DeniedError, NoAnswerError, WalletdbError

__all__ = ["Deadline", "Found", "Job", "run_all"]

T = TypeVar("T")

_GRACE_S = 0.3
"""A probe ends itself at its deadline; this is the time it has to say so before it is left behind."""


@dataclasses.dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock, so that a wall clock that jumps changes nothing."""

    seconds: float
    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """`seconds` from now."""
        return cls(seconds, time.monotonic() + seconds)

    def remaining_s(self) -> float:
        """Seconds left, more than zero.

        Raises:
            NoAnswerError: none are left.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.missed()
        return left

    def missed(self) -> NoAnswerError:
        """The error for "too late", to raise."""
        return NoAnswerError(f"no answer within {self.seconds:g} s")


@dataclasses.dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What came of a probe: a value, or why there is none (`denied`: only this user may not know)."""

    value: T | None = None
    error: str | None = None
    denied: bool = False


class Job(Generic[T]):
    """One probe to run, and after `run_all` what it found."""

    def __init__(self, task: Callable[[Deadline], T]) -> None:
        self._task = task
        self.found: Found[T] = Found(error="was not run")

    def start(self, deadline: Deadline) -> threading.Thread:
        """Run it in a thread of its own; until it ends, `found` says that it is late."""
        self.found = Found(error=str(deadline.missed()))
        thread = threading.Thread(target=self._run, args=(deadline,), daemon=True)
        thread.start()
        return thread

    def _run(self, deadline: Deadline) -> None:
        try:
            self.found = Found(value=self._task(deadline))
        except WalletdbError as error:
            self.found = Found(error=error.cause, denied=isinstance(error, DeniedError))
        except Exception as error:  # noqa: BLE001 - one broken probe must not hide what the others found
            self.found = Found(error=f"{type(error).__name__}: {error}")


def run_all(jobs: Iterable[Job[Any]], seconds: float) -> None:
    """Run every job in a thread of its own; together they have `seconds`. Never raises.

    The threads are daemons and not joined past that: a probe that hangs where no time-out reaches (a name look-up, a
    network file system) neither delays the report nor keeps the command alive.
    """
    deadline = Deadline.after(seconds)
    for thread in [job.start(deadline) for job in jobs]:
        thread.join(max(0.0, deadline.at + _GRACE_S - time.monotonic()))
