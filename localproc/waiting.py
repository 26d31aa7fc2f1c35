"""Waiting with a deadline, a cancel switch and a text that says what was waited for."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from localproc.errors import CancelledError, DeadlineError

__all__ = ["Waiter"]

T = TypeVar("T")

REPORT_EVERY_S = 5


@dataclasses.dataclass(frozen=True)
class Waiter:
    """How long, and until which signal, one operation may wait. All its waits share the one deadline."""

    deadline: float
    """`time.monotonic()` seconds."""
    cancelled: threading.Event
    report: Callable[[str], None] = lambda _text: None
    """Called about every five seconds with what is being waited for."""

    @classmethod
    def within(cls, seconds: float, cancelled: threading.Event | None = None) -> Waiter:
        """A waiter whose deadline is `seconds` from now."""
        return cls(time.monotonic() + seconds, cancelled or threading.Event())

    def until(
        self,
        what: str,
        probe: Callable[[], T | None],
        *,
        every_s: float = 0.1,
        details: Callable[[], str] = lambda: "",
    ) -> T:
        """Call `probe` until it returns something true, and return that.

        Raises:
            DeadlineError: `what` did not happen in time; the text ends with `details()`.
            CancelledError: the cancel switch was set.
        """
        started = time.monotonic()
        reported = started
        while True:
            result = probe()
            if result:
                return result
            now = time.monotonic()
            if self.cancelled.is_set():
                msg = f"cancelled while waiting for {what}; run the command again to carry on"
                raise CancelledError(msg)
            if now >= self.deadline:
                extra = details()
                msg = f"waited {now - started:.0f} s for {what}, which did not happen"
                msg += f":\n{extra}" if extra else ""
                raise DeadlineError(msg)
            if now - reported >= REPORT_EVERY_S:
                self.report(f"waiting for {what} ({now - started:.0f} s)")
                reported = now
            self.cancelled.wait(min(every_s, max(self.deadline - now, 0)))
