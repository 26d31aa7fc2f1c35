"""The same operations with `MongoService` and with PyMongo alone, in turns: what the service's additions cost.

Both have the same URI, options and concerns, a client and an event loop of their own for each load, and as many tasks.
The URI is the stack's own with a user of the benchmark's, who may use a database of the benchmark's and no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import random
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from pymongo import AsyncMongoClient, MongoClient, ReadPreference
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from bench.figures import Figure, percentile
from bench.pgbench import Load
from walletdb import MongoOptions, MongoService, TransactionOptions

__all__ = [
    "DOCUMENTS",
    "OPERATIONS",
    "TASKS",
    "WAYS",
    "Driver",
    "Load",
    "figures",
    "load",
    "prepare",
    "remove",
    "with_login",
]

DATABASE = "bench"
COLLECTION = "documents"
USER = "bench"
DOCUMENTS = 10_000
USERS = 100
TASKS = 8
WARM_UP_S = 0.5
PAYLOAD = "x" * 400

Document = dict[str, Any]
Transaction = Callable[[Callable[[AsyncClientSession], Awaitable[None]]], Awaitable[None]]


@dataclasses.dataclass(frozen=True)
class Driver:
    """What an operation needs: the collection, and how a transaction is run."""

    documents: AsyncCollection[Document]
    transaction: Transaction


@contextlib.asynccontextmanager
async def _service(uri: str) -> AsyncIterator[Driver]:
    async with MongoService(uri, database=DATABASE) as mongo:
        yield Driver(mongo.get_collection(COLLECTION), mongo.transaction)


@contextlib.asynccontextmanager
async def _plain(uri: str) -> AsyncIterator[Driver]:
    options, limits = MongoOptions.from_uri(uri), TransactionOptions()
    client: AsyncMongoClient[Document] = AsyncMongoClient(uri, **options.for_driver())

    async def transaction(callback: Callable[[AsyncClientSession], Awaitable[None]]) -> None:
        async with client.start_session() as session:
            await session.with_transaction(
                callback,
                ReadConcern(limits.read_concern),
                WriteConcern("majority", j=True),
                ReadPreference.PRIMARY,
                limits.max_commit_time_ms,
            )

    try:
        yield Driver(client[DATABASE][COLLECTION], transaction)
    finally:
        await client.close()


WAYS: Mapping[str, Callable[[str], contextlib.AbstractAsyncContextManager[Driver]]] = {
    "MongoService": _service,
    "PyMongo alone": _plain,
}

_DICE = random.Random(4711)  # noqa: S311 - which document is read is no secret


async def _insert(driver: Driver) -> None:
    await driver.documents.insert_one(_document())


async def _read(driver: Driver) -> None:
    if await driver.documents.find_one({"_id": _some_id()}) is None:
        message = "a document that was written before is not there"
        raise RuntimeError(message)


async def _query(driver: Driver) -> None:
    wanted = {"userId": _user(_some_id()), "status": "draft"}
    found = await driver.documents.find(wanted).sort("createdAt", -1).limit(20).to_list()
    if not found:
        message = f"no document of {wanted}, although every user has some"
        raise RuntimeError(message)


async def _two_documents(driver: Driver) -> None:
    one, other = _DICE.sample(range(DOCUMENTS), 2)

    async def callback(session: AsyncClientSession) -> None:
        for id_, change in ((one, 1), (other, -1)):
            await driver.documents.update_one({"_id": id_}, {"$inc": {"version": change}}, session=session)

    await driver.transaction(callback)


OPERATIONS: Mapping[str, Callable[[Driver], Awaitable[None]]] = {
    "insert": _insert,
    "point read": _read,
    "indexed query, 20 documents": _query,
    "two-document transaction": _two_documents,
}


def _some_id() -> int:
    return _DICE.randrange(DOCUMENTS)


def _user(number: int) -> str:
    return f"user-{number % USERS}"


def _document() -> Document:
    number = _some_id()
    return {
        "userId": _user(number),
        "status": "draft" if number % 2 else "published",
        "createdAt": dt.datetime.now(dt.UTC),
        "version": 0,
        "payload": PAYLOAD,
    }


def prepare(client: MongoClient[Document], uri: str) -> str:
    """Make the user, the documents and the index, anew.

    Returns:
        The URI of that user, in everything else as `uri`.
    """
    remove(client)
    password = secrets.token_urlsafe(24)
    roles = [{"role": "readWrite", "db": DATABASE}]
    client.admin.command("createUser", USER, pwd=password, roles=roles, mechanisms=["SCRAM-SHA-256"])
    documents = client[DATABASE][COLLECTION]
    documents.create_index({"userId": 1, "status": 1, "createdAt": -1})
    # Every user has as many drafts as published documents: user and status come from different digits.
    made = [
        {**_document(), "_id": number, "userId": _user(number), "status": _status(number // USERS)}
        for number in range(DOCUMENTS)
    ]
    documents.insert_many(made)
    return with_login(uri, USER, password)


def _status(number: int) -> str:
    return "draft" if number % 2 else "published"


def with_login(uri: str, user: str, password: str) -> str:
    """The URI for somebody else; both must be of letters that need no percent-encoding."""
    scheme, _, rest = uri.partition("://")
    authority, slash, more = rest.partition("/")
    return f"{scheme}://{user}:{password}@{authority.rpartition('@')[2]}{slash}{more}"


def remove(client: MongoClient[Document]) -> None:
    """Leave nothing behind."""
    client.drop_database(DATABASE)
    if client.admin.command("usersInfo", USER)["users"]:
        client.admin.command("dropUser", USER)


def load(way: str, operation: str, uri: str, *, seconds: float, tasks: int = TASKS) -> Load:
    """Run one operation for so long with so many tasks."""
    # Without the thread's own event loop, which its caller may need.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(_load(WAYS[way], OPERATIONS[operation], uri, seconds, tasks))


async def _load(
    way: Callable[[str], contextlib.AbstractAsyncContextManager[Driver]],
    operation: Callable[[Driver], Awaitable[None]],
    uri: str,
    seconds: float,
    tasks: int,
) -> Load:
    latencies: list[float] = []

    async def work(driver: Driver, until: float, kept: list[float]) -> None:
        while (began := time.perf_counter()) < until:
            await operation(driver)
            kept.append((time.perf_counter() - began) * 1000)

    async with way(uri) as driver:
        # Connections, and what the server must fetch from disk first.
        until = time.perf_counter() + WARM_UP_S
        await asyncio.gather(*(work(driver, until, []) for _ in range(tasks)))
        began = time.perf_counter()
        await asyncio.gather(*(work(driver, began + seconds, latencies) for _ in range(tasks)))
        took = time.perf_counter() - began
    return Load(per_s=len(latencies) / took, p50_ms=percentile(latencies, 0.5), p99_ms=percentile(latencies, 0.99))


def figures(operation: str, loads: Mapping[str, Sequence[Load]]) -> list[Figure]:
    """Rates and latencies of both ways, and their quotient run by run."""
    found: list[Figure] = []
    for way, runs in loads.items():
        case = f"{operation}, {way}"
        found.append(Figure(case=case, what="operations", unit="1/s", runs=tuple(run.per_s for run in runs)))
        found.append(Figure(case=case, what="latency p50", unit="ms", runs=tuple(r.p50_ms for r in runs), detail=True))
        found.append(Figure(case=case, what="latency p99", unit="ms", runs=tuple(run.p99_ms for run in runs)))
    pairs = zip(*(loads[way] for way in WAYS), strict=True)
    quotients = tuple(ours.per_s / theirs.per_s for ours, theirs in pairs)
    found.append(Figure(case=operation, what="rate of MongoService / PyMongo alone", unit="", runs=quotients))
    return found
