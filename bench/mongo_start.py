"""From nothing to a replica set that takes writes: three supervised members in a folder of their own, without Pulumi.

The same classes start and join them as in a stack; what the engine adds is in the part `up`.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from pymongo import WriteConcern
from pymongo.errors import PyMongoError

from localproc import pki
from localproc.layout import Owner, StackDirectory
from localproc.mongo_reconfig import SetMember
from localproc.mongo_replica_set import MongoReplicaSet
from localproc.mongod import ORGANIZATIONAL_UNIT, MongodMember
from localproc.supervisor import Supervisor
from localproc.waiting import Waiter
from tests.fixtures.mongo_set import MongoSet
from tests.fixtures.ports import free_port_base

__all__ = ["Started", "started"]

MEMBERS = 3
NAME = "mongodb"
OWNER = "postgres"
HERE = "127.0.0.1"
PATIENCE_S = 120
VALIDITY = dt.timedelta(days=1)
ELECTION_TIMEOUT_MS = 10_000
OPLOG_SIZE_MIB = 990
OPLOG_RETENTION_H = 24
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
def started(folder: Path) -> Iterator[Started]:
    """Start a set below `folder`, which the servers' user must be able to walk into; gone afterwards.

    Raises:
        LocalprocError: it did not start; with what the logs say.
        RuntimeError: it started, and nothing could be written.
    """
    folder.chmod(0o755)
    directory = StackDirectory.create(folder / "stack", "bench", Owner.resolve(OWNER))
    supervisor = Supervisor(directory)
    supervisor.configure()
    try:
        supervisor.start(Waiter.within(PATIENCE_S))
        members, replica_set = _declared(directory)
        running = MongoSet(directory.root, {member.name: member.port for member in members})
        first = FirstWrite(running)
        with first.watching():
            began = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(MEMBERS) as pool:
                list(pool.map(lambda member: member.ensure(Waiter.within(PATIENCE_S)), members))
            replica_set.ensure(Waiter.within(PATIENCE_S))
            declared_s = time.monotonic() - began
        if first.at is None:
            message = "the set is as declared, but nothing could be written"
            raise RuntimeError(message)
        yield Started(running, first.at - began, declared_s)
    finally:
        supervisor.stop(Waiter.within(PATIENCE_S))
        directory.remove()


def _declared(directory: StackDirectory) -> tuple[list[MongodMember], MongoReplicaSet]:
    """The members and the set, with certificates of an authority of their own."""
    now = dt.datetime.now(dt.UTC)
    authority = pki.new_authority("bench CA", VALIDITY, now)
    directory.write(directory.ca_file, authority.certificate, mode=0o644)
    base = free_port_base(MEMBERS)

    def member(number: int) -> MongodMember:
        name = f"{NAME}-{number}"
        issued = pki.issue(
            authority,
            name,
            organizational_unit=ORGANIZATIONAL_UNIT,
            dns_names=["localhost"],
            ip_addresses=[HERE],
            validity=VALIDITY,
            now=now,
        )
        return MongodMember(
            directory=str(directory.root),
            name=name,
            set_name=NAME,
            arbiter=False,
            listen_address=HERE,
            port=base + number - 1,
            cache_mib=256,
            oplog_size_mib=OPLOG_SIZE_MIB,
            oplog_retention_h=OPLOG_RETENTION_H,
            max_connections=1000,
            slow_query_ms=200,
            minimum_tls_version="TLSv1.3",
            parameters={},
            cert_pem=issued.certificate,
            key_pem=issued.key,
            ca_bundle_pem=authority.certificate,
        )

    members = [member(number + 1) for number in range(MEMBERS)]
    administrator = pki.issue(authority, "postgres", validity=VALIDITY, now=now)
    return members, MongoReplicaSet(
        directory=str(directory.root),
        name=NAME,
        members=[SetMember(name=m.name, host=HERE, port=m.port, arbiter=False, priority=1) for m in members],
        election_timeout_ms=ELECTION_TIMEOUT_MS,
        oplog_size_mib=OPLOG_SIZE_MIB,
        oplog_retention_h=OPLOG_RETENTION_H,
        settings_digests=[m.settings_digest for m in members],
        cert_pem=administrator.certificate,
        key_pem=administrator.key,
        ca_bundle_pem=authority.certificate,
    )
