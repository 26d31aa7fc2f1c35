"""From nothing to a replica set that takes writes: three supervised members in a folder of their own, without Pulumi.

The same classes start and join them as in a stack; what the engine adds is in the part `up`.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import threading
import time
from collections.abc import Iterator

from pymongo import WriteConcern
from pymongo.errors import PyMongoError

from tests.fixtures.local_mongo import local_mongo
from tests.fixtures.mongo_set import MongoSet

__all__ = ["Started", "started"]

_POLL_S = 0.02


@dataclasses.dataclass(frozen=True)
class Started:
    """A running set, and how long it took.

    Attributes:
        members: The set.
        ready_s: From the first process begun to the first write that a majority acknowledged.
        declared_s: Until the set was as declared: all members follow, defaults set.
    """

    members: MongoSet
    ready_s: float
    declared_s: float


class FirstWrite:
    """Tries to write from before there is a set, and keeps the moment of the first success."""

    def __init__(self, members: MongoSet) -> None:
        self._members = members
        self._ended = threading.Event()
        self.at: float | None = None

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Try in the background; ends once a write was acknowledged, or soon after the block."""
        thread = threading.Thread(target=self._try, daemon=True)
        thread.start()
        try:
            yield
        finally:
            thread.join(10)
            self._ended.set()
            thread.join(10)

    def _try(self) -> None:
        while self.at is None and not self._ended.wait(_POLL_S):
            if not (self._members.directory / "admin.pem").exists():
                continue
            with contextlib.suppress(PyMongoError), self._members.client(serverSelectionTimeoutMS=300) as client:
                written = client["bench"].get_collection("first", write_concern=WriteConcern("majority", j=True))
                written.insert_one({"written": True})
                self.at = time.monotonic()


@contextlib.contextmanager
def started() -> Iterator[Started]:
    """Start a set in a folder of its own, gone afterwards.

    Raises:
        LocalprocError: it did not start; with what the logs say.
        RuntimeError: it started, and nothing could be written.
    """
    with local_mongo(oplog_retention_h=24) as mongo:
        members, replica_set = mongo.members(), mongo.replica_set()
        running = MongoSet(mongo.directory.root, {member.name: member.port for member in members})
        first = FirstWrite(running)
        with first.watching():
            began = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(len(members)) as pool:
                list(pool.map(lambda member: member.ensure(mongo.waiter()), members))
            replica_set.ensure(mongo.waiter())
            declared_s = time.monotonic() - began
        if first.at is None:
            message = "the set is as declared, but nothing could be written"
            raise RuntimeError(message)
        yield Started(running, first.at - began, declared_s)
