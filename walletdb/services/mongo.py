"""`MongoService`: a service's way to MongoDB (sections 4.1, 4.5 and 8.1 of the specification).

It wraps PyMongo's AsyncMongoClient, which finds the primary, fails over and keeps the pools. What it adds: options
with units that are checked, a URI that is refused where it would send data in clear, transactions with a time limit
and known outcomes, a health check with a deadline, counts of the pools and of refused writes, and a log of slow
commands without values. Collections, indexes and users are declared by the stack, and not made here.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import pymongo
from pymongo import AsyncMongoClient, ReadPreference
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError

from walletdb.services.errors import MongoServiceError
from walletdb.services.mongo_events import CommandLog, PoolStats, PoolWatch
from walletdb.services.mongo_options import MongoOptions, MongoUri
from walletdb.services.mongo_refusals import RefusedWrites
from walletdb.services.transactions import TransactionOptions, run_transaction

__all__ = [
    "DEFAULT_DATABASE",
    "Document",
    "MongoHealth",
    "MongoOptions",
    "MongoService",
    "PoolStats",
    "TransactionOptions",
]

DEFAULT_DATABASE = "fashion-wallet-main"
"""Section 4.2.1 of the specification; taken where the URI names no database."""

Document = dict[str, Any]
DocumentT = TypeVar("DocumentT", bound=Mapping[str, Any])
T = TypeVar("T")

_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
"""In the driver's text when OpenSSL refused a server."""
_DEFAULT_TRANSACTION = TransactionOptions()
_GRACE_S = 0.3
"""The driver ends a check at its deadline and tidies up; only one that hangs is cancelled, this much later."""
_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MongoHealth:
    """What `check` found.

    Attributes:
        ok: A member answered this user within the deadline: reads work.
        writable: It was the primary. False during an election, while reads go on from the secondaries.
        member: Host and port of the member that answered, or empty.
        latency_ms: What the whole check took.
        reason: Why it is not well, or empty.
    """

    ok: bool
    writable: bool
    member: str
    latency_ms: float
    reason: str


class MongoService:
    """A client of one replica set: `async with MongoService(uri) as mongo: ...`, once a process and event loop.

    Tasks may be cancelled at any time: connections go back to their pool, or are closed. One exception is the driver's
    (PyMongo 4.20, PYTHON-5867): who is cancelled while a connection is being made leaves its socket to the garbage
    collector, which closes it, with a ResourceWarning where these are shown.

    Args:
        uri: The stack's output, or a service's own. Refused without TLS unless all its hosts are this machine's.
        options: None: the defaults, with what the URI states in their place. Given: the URI may state nothing else.
        database: Of `get_db()` and `get_collection`; None: the URI's, else `fashion-wallet-main`.

    Raises:
        MongoSettingsError: the URI cannot be used, or it and the options disagree. Nothing is connected here.
    """

    def __init__(self, uri: str, options: MongoOptions | None = None, *, database: str | None = None) -> None:
        self._uri = MongoUri.parse(uri)
        self.options = options or MongoOptions.from_uri(uri)
        self.options.agree_with(self._uri)
        self.database = database or self._uri.database or DEFAULT_DATABASE
        self._client: AsyncMongoClient[Document] | None = None
        self._pools = PoolWatch()
        self._commands = CommandLog(self.options.slow_query_ms)
        self._refused = RefusedWrites(self.database)

    def __repr__(self) -> str:
        hosts = ",".join(host if port is None else f"{host}:{port}" for host, port in self._uri.hosts)
        state = "open" if self._client is not None else "closed"
        return f"MongoService({hosts}/{self.database}, tls={self._uri.tls}, {state})"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Begin to look for the members. Waits for none, so that a service starts while its database does not run.

        Raises:
            MongoServiceError: it is open already, perhaps on another event loop.
        """
        if self._client is not None:
            raise MongoServiceError(
                "this MongoService is open already",
                got=repr(self),
                allowed="one `async with` at a time",
                fix="share the open one, or make another",
            )
        self._pools = PoolWatch()
        self._refused = RefusedWrites(self.database)
        client: AsyncMongoClient[Document] = AsyncMongoClient(
            self._uri.text,
            event_listeners=[self._pools, self._commands, self._refused],
            **self.options.for_driver(),
        )
        try:
            await client.aconnect()
        except BaseException:
            await client.close()
            raise
        self._client = client
        self._refused.note_in(client[self.database])

    async def close(self) -> None:
        """Note what was refused last, and close every connection. Closing what is closed is no error."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await self._refused.finish()
        finally:
            await client.close()

    @property
    def client(self) -> AsyncMongoClient[Document]:
        """PyMongo's client, for what this class does not offer.

        Raises:
            MongoServiceError: the service is not open.
        """
        if self._client is None:
            raise MongoServiceError(
                "this MongoService is not open",
                got=repr(self),
                allowed="use inside `async with`, or between open() and close()",
                fix="async with MongoService(uri) as mongo: ...",
            )
        return self._client

    def get_db(self, name: str | None = None) -> AsyncDatabase[Document]:
        """A database; the service's own where no name is given."""
        return self.client[name or self.database]

    @overload
    def get_collection(self, name: str) -> AsyncCollection[Document]: ...

    @overload
    def get_collection(self, name: str, kind: type[DocumentT]) -> AsyncCollection[DocumentT]: ...

    def get_collection(self, name: str, kind: type[Any] = dict) -> AsyncCollection[Any]:
        """A collection of the service's database, typed: `mongo.get_collection("designs", Design)`.

        `kind` is a TypedDict such as those of `walletdb.documents`. It is for the type checker alone: documents are
        plain dictionaries, and what the server holds is checked by its validator.
        """
        del kind
        return self.get_db()[name]

    async def transaction(
        self,
        callback: Callable[[AsyncClientSession], Awaitable[T]],
        options: TransactionOptions = _DEFAULT_TRANSACTION,
    ) -> T:
        """Run `callback` in a transaction; see `run_transaction` for what is tried again and what is raised.

        The callback passes its session to every operation: one without it is no part of the transaction.
        """
        async with self.client.start_session() as session:
            return await run_transaction(session, callback, options)

    async def health_check(self) -> bool:
        """Whether reads work, within `health_timeout_ms`. Never raises."""
        return (await self.check()).ok

    async def check(self) -> MongoHealth:
        """What `health_check` looks at, in full. Never raises.

        A set without a primary counts as well: it can be read (`primaryPreferred`), an election ends by itself, and
        restarting the services would not bring it to an end sooner. `writable` tells the two apart.
        """
        began = time.monotonic()
        seconds = self.options.health_timeout_ms / 1000
        try:
            async with asyncio.timeout(seconds + _GRACE_S):
                with pymongo.timeout(seconds):
                    found = await self.client.admin.command("hello", read_preference=ReadPreference.PRIMARY_PREFERRED)
                    # `hello` needs no rights: only this shows that the credentials are taken.
                    await self.client.admin.command("ping", read_preference=ReadPreference.PRIMARY_PREFERRED)
                    if found.get("primary") and not found.get("isWritablePrimary"):
                        # A service that has just been opened may have found a secondary first.
                        found = await self._primarys_hello(seconds / 2) or found
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is that it is not well
            reason = self._reason(error)
            _log.info("health check of %r: %s", self, reason)
            return MongoHealth(ok=False, writable=False, member="", latency_ms=_since_ms(began), reason=reason)
        return MongoHealth(
            ok=True,
            writable=bool(found.get("isWritablePrimary")),
            member=str(found.get("me", "")),
            latency_ms=_since_ms(began),
            reason="",
        )

    async def _primarys_hello(self, seconds: float) -> Document | None:
        """What the primary says; None where the one that others still name does not answer in time."""
        with contextlib.suppress(PyMongoError), pymongo.timeout(seconds):
            return await self.client.admin.command("hello", read_preference=ReadPreference.PRIMARY)
        return None

    def pool_stats(self) -> PoolStats:
        """Connections, and waits for them, since the service was opened."""
        return self._pools.stats()

    def refused_writes(self) -> dict[str, int]:
        """Collection → documents that its validator refused to this service, since it was opened.

        Within seconds, or when the service is closed, they are added to the collection `refused-writes`, which
        `walletdb status` shows for all services together. Counted are inserts, updates and findAndModify in the
        service's own database; not what a pipeline writes (`$merge`, `$out`), and not the client's `bulk_write`.
        """
        return dict(self._refused.counts)

    def _reason(self, error: Exception) -> str:
        """Why a check failed, without a server's text where it may quote what was sent."""
        if isinstance(error, MongoServiceError):
            return error.cause
        if isinstance(error, OperationFailure):
            name = (error.details or {}).get("codeName", error.code)
            return f"the server refused: {name}"
        if _UNTRUSTED in str(error):
            return "the server's certificate is not the one to trust: see tlsCAFile"
        in_use = self.pool_stats().connections_in_use
        if isinstance(error, TimeoutError) or (isinstance(error, PyMongoError) and error.timeout):
            return (
                f"no member answered within {self.options.health_timeout_ms} ms "
                f"({in_use} connections in use, at most {self.options.max_pool_size} to a member)"
            )
        return f"no member could be asked: {type(error).__name__}"


def _since_ms(began: float) -> float:
    return (time.monotonic() - began) * 1000
