"""Counts the writes that validators refuse, and notes the counts where `walletdb status` reads them.

MongoDB counts refused documents nowhere: not in serverStatus, and in its log only together with their values. Who
writes is told of each, so the counting is done there. What is noted is a number and a time for each collection, never
a value.
"""

from __future__ import annotations

import asyncio
import collections
import datetime as dt
from collections.abc import Mapping
from typing import Any

from pymongo import monitoring
from pymongo.asynchronous.database import AsyncDatabase

__all__ = ["COLLECTION", "RefusedWrites"]

COLLECTION = "refused-writes"
"""One document for each collection that refused something; `documents/refused-writes.yaml` describes it."""

_FAILED_VALIDATION = 121
_WRITES = frozenset({"insert", "update", "findAndModify"})


class RefusedWrites(monitoring.CommandListener):
    """The counts of one client in one database. Its events come on the client's event loop, one after the other."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._running: dict[int, str] = {}
        self._unnoted: collections.Counter[str] = collections.Counter()
        self.counts: collections.Counter[str] = collections.Counter()
        """Collection → refused documents, since the client was made."""
        self.more = asyncio.Event()
        """Set when there is something new to note."""

    @property
    def unnoted(self) -> bool:
        """Whether there is anything to note, new or not."""
        return bool(self._unnoted)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Keep the collection of a write until it ends; the event of its end does not name it."""
        collection = event.command.get(event.command_name)
        wanted = event.command_name in _WRITES and event.database_name == self._database and collection != COLLECTION
        if wanted:
            self._running[event.request_id] = str(collection)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Count those of its documents that were refused: such a command succeeds, and lists them."""
        collection = self._running.pop(event.request_id, None)
        if collection is not None:
            errors: list[Mapping[str, Any]] = event.reply.get("writeErrors", [])
            self._add(collection, sum(error["code"] == _FAILED_VALIDATION for error in errors))

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Count it: findAndModify, and every write in a transaction, fails as a whole."""
        collection = self._running.pop(event.request_id, None)
        if collection is not None:
            self._add(collection, int(event.failure.get("code") == _FAILED_VALIDATION))

    def _add(self, collection: str, refused: int) -> None:
        if refused:
            self.counts[collection] += refused
            self._unnoted[collection] += refused
            self.more.set()

    async def note(self, database: AsyncDatabase[Any]) -> None:
        """Add to the counts in the database what is new; what could not be noted is kept for the next time.

        Raises:
            PyMongoError: some of it could not be noted.
        """
        self.more.clear()
        for collection, count in list(self._unnoted.items()):
            change = {"$inc": {"count": count}, "$max": {"lastAt": dt.datetime.now(dt.UTC)}}
            await database[COLLECTION].update_one({"_id": collection}, change, upsert=True)
            self._unnoted[collection] -= count
            self._unnoted += collections.Counter()  # drops what is zero
