"""What a MongoDB client does, seen through PyMongo's monitoring: its pools, and its slow and failed commands.

No value of a query or document is kept or logged: fields of a filter by name, results not at all.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import weakref
from collections.abc import Mapping
from typing import Any

from pymongo import monitoring

__all__ = ["CommandLog", "PoolStats", "PoolWatch"]

_log = logging.getLogger("walletdb.services.mongo")

_MOST_FIELDS = 10
_FILTERS = ("filter", "query")
_STATEMENTS = {"update": "updates", "delete": "deletes"}
_LONG_BY_DESIGN = frozenset({"hello", "isMaster", "ismaster"})


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PoolStats:
    """Connections of one service to all members, since it was opened.

    Attributes:
        connections_open: Now, in use or not.
        connections_in_use: Now, by operations.
        waiting: Operations that wait for a connection now.
        connections_created: Ever.
        connections_closed: Ever; idle ones, and those of a member that failed.
        check_outs: Connections that operations were given.
        check_outs_failed: Operations that were given none: the pool stayed full, or the member could not be reached.
        wait_total_ms: What operations waited for their connections, making a new one included.
        wait_longest_ms: The longest of these.
    """

    connections_open: int = 0
    connections_in_use: int = 0
    waiting: int = 0
    connections_created: int = 0
    connections_closed: int = 0
    check_outs: int = 0
    check_outs_failed: int = 0
    wait_total_ms: float = 0.0
    wait_longest_ms: float = 0.0

    @property
    def wait_mean_ms(self) -> float:
        """Mean wait for a connection; 0 before the first."""
        return self.wait_total_ms / self.check_outs if self.check_outs else 0.0


class PoolWatch(monitoring.ConnectionPoolListener):
    """Counts the events of all pools of one client, which come on its event loop, one after the other."""

    def __init__(self) -> None:
        self._created = self._closed = self._given = self._failed = self._returned = 0
        # By task: a task that is cancelled while it waits ends its wait without an event.
        self._waiting: weakref.WeakSet[asyncio.Task[Any]] = weakref.WeakSet()
        self._wait_total_s = self._wait_longest_s = 0.0

    def stats(self) -> PoolStats:
        """The counts as they are now."""
        return PoolStats(
            connections_open=self._created - self._closed,
            connections_in_use=self._given - self._returned,
            waiting=sum(not task.done() for task in self._waiting),
            connections_created=self._created,
            connections_closed=self._closed,
            check_outs=self._given,
            check_outs_failed=self._failed,
            wait_total_ms=self._wait_total_s * 1000,
            wait_longest_ms=self._wait_longest_s * 1000,
        )

    def connection_created(self, _event: monitoring.ConnectionCreatedEvent) -> None:
        """One more."""
        self._created += 1

    def connection_closed(self, _event: monitoring.ConnectionClosedEvent) -> None:
        """One less."""
        self._closed += 1

    def connection_check_out_started(self, _event: monitoring.ConnectionCheckOutStartedEvent) -> None:
        """An operation asks for a connection."""
        if (task := _task()) is not None:
            self._waiting.add(task)

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        """It gets none."""
        self._failed += 1
        self._waited()
        self._wait_longest_s = max(self._wait_longest_s, event.duration or 0.0)

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        """It gets one, after `duration` seconds."""
        self._given += 1
        self._waited()
        waited_s = event.duration or 0.0
        self._wait_total_s += waited_s
        self._wait_longest_s = max(self._wait_longest_s, waited_s)

    def _waited(self) -> None:
        if (task := _task()) is not None:
            self._waiting.discard(task)

    def connection_checked_in(self, _event: monitoring.ConnectionCheckedInEvent) -> None:
        """It gives it back."""
        self._returned += 1

    def pool_created(self, _event: monitoring.PoolCreatedEvent) -> None:
        """Not counted."""

    def pool_ready(self, _event: monitoring.PoolReadyEvent) -> None:
        """Not counted."""

    def pool_cleared(self, _event: monitoring.PoolClearedEvent) -> None:
        """Not counted."""

    def pool_closed(self, _event: monitoring.PoolClosedEvent) -> None:
        """Not counted."""

    def connection_ready(self, _event: monitoring.ConnectionReadyEvent) -> None:
        """Not counted."""


class CommandLog(monitoring.CommandListener):
    """Logs commands that took longer than a limit, at level WARNING, and counts them."""

    def __init__(self, slow_ms: int) -> None:
        self._slow_us = slow_ms * 1000
        self._running: dict[int, monitoring.CommandStartedEvent] = {}
        self.slow = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Keep the command until it ends; the event of its end does not say what it was."""
        self._running[event.request_id] = event

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Log it if it was slow."""
        self._ended(event, "")

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Log it if it was slow, with the name of its error: the error's text may quote values."""
        name = event.failure.get("codeName", event.failure.get("code", ""))
        self._ended(event, f", failed {name}".rstrip())

    def _ended(self, event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent, outcome: str) -> None:
        begun = self._running.pop(event.request_id, None)
        if event.duration_micros >= self._slow_us and event.command_name not in _LONG_BY_DESIGN:
            self.slow += 1
            what = _description(begun) if begun is not None else event.command_name
            host, port = event.connection_id
            _log.warning(
                "slow command: %s took %.0f ms on %s:%s%s", what, event.duration_micros / 1000, host, port, outcome
            )


def _task() -> asyncio.Task[Any] | None:
    """The task whose operation the driver is at work for."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _description(event: monitoring.CommandStartedEvent) -> str:
    """`find designs {userId, status}`: command, collection and the fields of its filter."""
    command: Mapping[str, Any] = event.command
    collection = command.get(event.command_name)
    if event.command_name == "getMore":
        collection = command.get("collection")
    where = f" {event.database_name}.{collection}" if isinstance(collection, str) else f" {event.database_name}"
    fields = _fields(event.command_name, command)
    return f"{event.command_name}{where}{fields}"


def _fields(name: str, command: Mapping[str, Any]) -> str:
    filters = [command[key] for key in _FILTERS if isinstance(command.get(key), Mapping)]
    statements = command.get(_STATEMENTS.get(name, ""))
    if isinstance(statements, list):
        filters += [
            each["q"] for each in statements[:1] if isinstance(each, Mapping) and isinstance(each.get("q"), Mapping)
        ]
    names = [str(field) for found in filters for field in found][:_MOST_FIELDS]
    return f" {{{', '.join(names)}}}" if names else ""
