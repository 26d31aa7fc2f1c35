"""Errors of localproc: each text gives the cause, what was found and how to go on."""

from __future__ import annotations

from collections import deque
from pathlib import Path

__all__ = ["LINE_LENGTH", "CancelledError", "DeadlineError", "LocalprocError", "log_tail"]

TAIL_LINES = 12
LINE_LENGTH = 300


class LocalprocError(Exception):
    """Base of all errors of this package."""


class DeadlineError(LocalprocError):
    """Something that was waited for did not happen in time."""


class CancelledError(LocalprocError):
    """The caller asked to stop; what was made so far stays and the next run carries on from it."""


def log_tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a server's log, indented, or a note that there is none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as stream:
            tail = deque(stream, maxlen=lines)
    except OSError:
        return f"  (no log at {log})"
    return "".join(f"  {line.rstrip()[:LINE_LENGTH]}\n" for line in tail).rstrip() or f"  ({log} is empty)"
