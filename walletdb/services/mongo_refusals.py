"""Counts the writes that validators refuse, and notes the counts where `walletdb status` reads them.

MongoDB counts refused documents nowhere: not in serverStatus, and in its log only together with their values. Who
writes is told of each, so the counting is done there. What is noted is a number and a time for each collection, never
a value. A note whose answer is lost on the way is added a second time: better once too often than not at all.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

import pymongo
from pymongo import WriteConcern, monitoring
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

__all__ = ["COLLECTION", "RefusedWrites"]

COLLECTION = "refused-writes"
"""One document for each collection that refused something; `documents/refused-writes.yaml` describes it."""

_FAILED_VALIDATION = 121
_WRITES = frozenset({"insert", "update", "findAndModify"})
_NOTE_AFTER_S = 5.0
"""What is refused within so long is noted together; also the pause before a note that failed is tried again."""
_NOTE_WITHIN_S = 2.0
_log = logging.getLogger("walletdb.services.mongo")


class RefusedWrites(monitoring.CommandListener):
    """The counts of one client in one database: of its inserts, updates and findAndModify.

    Its events come on the client's event loop, one after the other.
    """

    def __init__(self, database: str) -> None:
        self._database = database
        self._running: dict[int, str] = {}
        self._unnoted: collections.Counter[str] = collections.Counter()
        self._noted_in: AsyncDatabase[Any] | None = None
        self._noting: asyncio.Task[None] | None = None
        self._finishing = asyncio.Event()
        self.counts: collections.Counter[str] = collections.Counter()
        """Collection → refused documents, since the client was made."""

    def note_in(self, database: AsyncDatabase[Any]) -> None:
        """Note from now on what is counted, in this database."""
        self._noted_in = database

    async def finish(self) -> None:
        """Note what is left, in a few seconds at most. Nothing is noted after it."""
        self._finishing.set()
        if self._noting is not None:
            try:
                await asyncio.wait({self._noting})
            finally:
                self._noting.cancel()

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
        if not refused:
            return
        self.counts[collection] += refused
        self._unnoted[collection] += refused
        if self._noted_in is not None and (self._noting is None or self._noting.done()):
            self._noting = asyncio.create_task(self._note_all(self._noted_in), name="refused writes")

    async def _note_all(self, database: AsyncDatabase[Any]) -> None:
        """Until nothing is left, or the client goes; a service works on where it fails."""
        warned = False
        while self._unnoted:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._finishing.wait(), _NOTE_AFTER_S)
            last = self._finishing.is_set()
            try:
                with pymongo.timeout(_NOTE_WITHIN_S):
                    await self._note(database)
            except PyMongoError as error:
                if not warned:
                    _log.warning("refused writes could not be noted yet: %s", type(error).__name__)
                warned = True
            if last:
                return

    async def _note(self, database: AsyncDatabase[Any]) -> None:
        # Not by a majority: a member that hangs would let the time run out, and the count be added again.
        counts = database.get_collection(COLLECTION, write_concern=WriteConcern(1))
        for collection, count in list(self._unnoted.items()):
            change = {"$inc": {"count": count}, "$max": {"lastAt": dt.datetime.now(dt.UTC)}}
            await counts.update_one({"_id": collection}, change, upsert=True)
            self._unnoted -= collections.Counter({collection: count})
