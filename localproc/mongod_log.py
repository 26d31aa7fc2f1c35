"""The end of a mongod's log in words: it logs JSON, a line an event."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

from localproc.errors import LINE_LENGTH
from localproc.layout import StackDirectory
from localproc.supervisor import Supervisor

__all__ = ["explain", "worst_lines"]

_LOOKED_AT = 400
_SHOWN = 5
_GRAVE = frozenset({"F", "E"})
"""Severities fatal and error: https://www.mongodb.com/docs/manual/reference/log-messages/"""
_CHATTER = frozenset({"NETWORK", "ACCESS"})
"""Components that log each connection."""


def explain(directory: StackDirectory, name: str) -> str:
    """The state of a mongod and the gravest of the last lines of its log, for an error's text."""
    state = Supervisor(directory).state(name)
    said = f"{name} is {state.state.lower()} ({state.description})" if state else f"{name} is not supervised"
    log = directory.log / f"{name}.log"
    lines = worst_lines(log)
    return f"{said}; its log is {log}" + (":\n" + "\n".join(f"  {line}" for line in lines) if lines else "")


def worst_lines(log: Path) -> list[str]:
    """The last fatal lines and errors of a log, else its last lines, oldest first; what is no JSON as it is."""
    try:
        with log.open(encoding="utf-8", errors="replace") as stream:
            tail = deque(stream, maxlen=_LOOKED_AT)
    except OSError:
        return []
    parsed = [found for line in tail if line.strip() and (found := _parsed(line))[1]]
    grave = [text for severity, text in parsed if severity in _GRAVE]
    return (grave or [text for _, text in parsed])[-_SHOWN:]


def _parsed(line: str) -> tuple[str, str]:
    """Severity and words of one line; no words where it says nothing of use."""
    try:
        event = json.loads(line)
        if event["s"] == "I" and event["c"] in _CHATTER:
            return "", ""
        attributes = event.get("attr") or {}
        detail = f" {json.dumps(attributes, sort_keys=True)}" if attributes else ""
        return str(event["s"]), f"{event['t']['$date']} {event['msg']}{detail}"[:LINE_LENGTH]
    except (ValueError, KeyError, TypeError):
        return "I", line.strip()[:LINE_LENGTH]
