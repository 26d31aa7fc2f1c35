"""The MongoDB client for services on real servers: operations, transactions, failover, health, pools."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import tempfile
import time
from collections.abc import Iterator
from typing import Any, TypedDict

import pytest
from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import (
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)

from localproc import pki
from tests.fixtures.event_loop import run_async, within
from tests.fixtures.half_made_connections import half_made_connections  # noqa: F401 - an autouse fixture
from tests.fixtures.mongo_writer import MongoWriter
from tests.fixtures.scratch_mongod import ScratchMongod, scratch_mongod
from tests.fixtures.scratch_tls_set import scratch_tls_set
from walletdb import MongoOptions, MongoService, TransactionOptions
from walletdb.services.errors import MongoServiceError
from walletdb.services.mongo import MongoHealth

pytestmark = pytest.mark.live

SMALL = MongoOptions(min_pool_size=0, max_pool_size=5)
FAILOVER_S = 60
QUICK_STOP = ("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100")
"""A primary that is told to stop otherwise waits 15 s for a successor, also for one that was killed."""


class Design(TypedDict, total=False):
    """What a service reads and writes; as walletdb.documents generates them."""

    _id: ObjectId
    name: str
    version: int


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchMongod]:
    """A replica set of one member."""
    with scratch_mongod(1) as running:
        yield running


async def empty(mongo: MongoService, name: str) -> Any:
    """A typed collection with nothing in it."""
    collection = mongo.get_collection(name, Design)
    await collection.delete_many({})
    return collection


def test_documents_are_written_read_changed_and_removed(server: ScratchMongod) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), SMALL) as mongo:
            designs = await empty(mongo, "designs")
            made = await designs.insert_one({"name": "coat", "version": 1})
            await designs.update_one({"_id": made.inserted_id}, {"$inc": {"version": 1}})
            found: Design | None = await designs.find_one({"_id": made.inserted_id})
            assert found is not None
            assert (found["name"], found["version"]) == ("coat", 2)
            assert (await designs.delete_one({"name": "coat"})).deleted_count == 1
            assert designs.full_name == "fashion-wallet-main.designs"
            assert mongo.get_db("other").name == "other"
            assert designs.write_concern.document == {"w": "majority", "wtimeout": 5000, "j": True}
            assert designs.read_concern.level == "majority"
            assert designs.read_preference.mongos_mode == "primaryPreferred"

    within(FAILOVER_S, work())


def test_a_service_is_opened_once_and_again_after_it_was_closed(server: ScratchMongod) -> None:
    mongo = MongoService(server.uri(), SMALL)

    async def work() -> None:
        async with mongo:
            with pytest.raises(MongoServiceError, match="open already"):
                await mongo.open()
            assert await mongo.health_check()
        await mongo.close()
        with pytest.raises(MongoServiceError, match="not open"):
            mongo.get_db()

    within(FAILOVER_S, work())
    within(FAILOVER_S, work())


def test_a_transaction_commits_all_or_nothing_and_shows_nothing_before(server: ScratchMongod) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), SMALL) as mongo:
            designs = await empty(mongo, "designs")

            async def two(session: AsyncClientSession) -> str:
                await designs.insert_one({"name": "a"}, session=session)
                assert await designs.count_documents({}) == 0
                await designs.insert_one({"name": "b"}, session=session)
                assert await designs.count_documents({}, session=session) == 2
                return "both"

            async def fails(session: AsyncClientSession) -> None:
                await designs.insert_one({"name": "c"}, session=session)
                raise LookupError("mine")

            assert await mongo.transaction(two) == "both"
            assert await designs.count_documents({}) == 2
            with pytest.raises(LookupError, match="mine"):
                await mongo.transaction(fails)
            assert await designs.count_documents({}) == 2

    within(FAILOVER_S, work())


def test_a_snapshot_sees_one_moment(server: ScratchMongod) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), SMALL) as mongo:
            designs = await empty(mongo, "designs")
            await designs.insert_one({"name": "a", "version": 1})

            async def reads(session: AsyncClientSession) -> tuple[int, int]:
                first = await designs.find_one({"name": "a"}, session=session)
                await designs.update_one({"name": "a"}, {"$set": {"version": 2}})
                second = await designs.find_one({"name": "a"}, session=session)
                return first["version"], second["version"]

            assert await mongo.transaction(reads) == (1, 1)
            assert (await designs.find_one({"name": "a"}))["version"] == 2

    within(FAILOVER_S, work())


def test_transactions_that_collide_are_repeated_until_each_has_counted(server: ScratchMongod) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), SMALL) as mongo:
            designs = await empty(mongo, "designs")
            await designs.insert_one({"name": "counter", "version": 0})
            attempts = 0

            async def count(session: AsyncClientSession) -> None:
                nonlocal attempts
                attempts += 1
                found = await designs.find_one({"name": "counter"}, session=session)
                await asyncio.sleep(0.01)
                changed = {"$set": {"version": found["version"] + 1}}
                await designs.update_one({"name": "counter"}, changed, session=session)

            await asyncio.gather(*(mongo.transaction(count) for _ in range(8)))
            assert (await designs.find_one({"name": "counter"}))["version"] == 8
            assert attempts > 8

    within(FAILOVER_S, work())


def test_a_refused_statement_ends_the_transaction_with_the_servers_error(server: ScratchMongod) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), SMALL) as mongo:
            designs = await empty(mongo, "designs")
            attempts = 0

            async def twice(session: AsyncClientSession) -> None:
                nonlocal attempts
                attempts += 1
                await designs.insert_one({"_id": ObjectId("0" * 24)}, session=session)
                await designs.insert_one({"_id": ObjectId("0" * 24)}, session=session)

            with pytest.raises(DuplicateKeyError):
                await mongo.transaction(twice, TransactionOptions(read_concern="majority"))
            assert attempts == 1
            assert await designs.count_documents({}) == 0

    within(FAILOVER_S, work())


def test_health_needs_a_server_that_takes_the_credentials(server: ScratchMongod) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), SMALL) as mongo:
            health = await mongo.check()
            assert (health.ok, health.writable, health.reason) == (True, True, "")
            assert health.member == f"127.0.0.1:{server.ports[0]}"
        async with MongoService(server.uri(password="geheim"), SMALL) as mongo:
            health = await mongo.check()
            assert (health.ok, health.reason) == (False, "the server refused: AuthenticationFailed")

    within(FAILOVER_S, work())


def test_a_service_that_was_just_opened_finds_the_primary_and_not_only_a_secondary() -> None:
    async def work() -> None:
        for _ in range(10):
            async with MongoService(running.uri(), SMALL) as mongo:
                found = await mongo.check()
                assert (found.ok, found.writable) == (True, True), found

    with scratch_mongod(3, *QUICK_STOP) as running:
        running.until_whole()
        within(FAILOVER_S, work())


def test_over_tls_the_server_is_verified() -> None:
    async def checked(uri: str) -> MongoHealth:
        async with MongoService(uri, SMALL) as mongo:
            return await mongo.check()

    with scratch_tls_set(1) as running, tempfile.NamedTemporaryFile("w", suffix=".crt") as foreign:
        (port,) = running.ports.values()
        now = dt.datetime.now(dt.UTC)
        foreign.write(pki.new_authority("somebody else's CA", dt.timedelta(days=1), now).certificate)
        foreign.flush()
        login = f"authMechanism=MONGODB-X509&tlsCertificateKeyFile={running.folder}/admin.pem&replicaSet=mongodb"
        uri = f"mongodb://127.0.0.1:{port}/?tls=true&{login}&tlsCAFile="
        assert run_async(checked(f"{uri}{running.folder}/ca.crt")).ok
        refused = run_async(checked(f"{uri}{foreign.name}"))
        assert (refused.ok, refused.reason) == (
            False,
            "the server's certificate is not the one to trust: see tlsCAFile",
        )


def test_without_a_server_health_is_false_within_its_deadline_and_true_again_later() -> None:
    async def work(running: ScratchMongod) -> None:
        options = MongoOptions(min_pool_size=0, health_timeout_ms=500)
        async with MongoService(running.uri(), options) as mongo:
            assert await mongo.health_check() is True
            running.kill(running.ports[0])
            for _ in range(2):
                began = time.monotonic()
                health = await mongo.check()
                assert time.monotonic() - began < 5
                assert (health.ok, health.writable) == (False, False)
                assert health.reason
                assert "root:root" not in repr(health)
            await asyncio.to_thread(running.start, running.ports[0])
            await asyncio.to_thread(running.until_whole)
            deadline = time.monotonic() + 30
            while not await mongo.health_check():
                assert time.monotonic() < deadline

    with scratch_mongod(1) as running:
        within(FAILOVER_S, work(running))


def test_pools_and_slow_commands_are_seen(server: ScratchMongod, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        options = MongoOptions(min_pool_size=0, max_pool_size=2, slow_query_ms=50)
        async with MongoService(server.uri(), options) as mongo:
            designs = await empty(mongo, "designs")
            await designs.insert_one({"name": "slow"})
            slow = {"name": "slow", "$expr": {"$function": {"body": "function(){sleep(100);return true}", "args": []}}}
            slow["$expr"]["$function"]["lang"] = "js"
            with caplog.at_level(logging.WARNING, "walletdb.services.mongo"):
                await asyncio.gather(*(designs.find_one(slow) for _ in range(4)))
            stats = mongo.pool_stats()
            assert 1 <= stats.connections_open <= 2
            assert (stats.connections_in_use, stats.waiting) == (0, 0)
            assert stats.check_outs >= 6
            assert stats.wait_longest_ms > 50
            assert stats.wait_mean_ms > 0
        assert mongo.pool_stats().connections_open == 0

    within(FAILOVER_S, work())
    messages = [message for message in caplog.messages if "find fashion-wallet-main.designs {name, $expr}" in message]
    assert len(messages) == 4
    assert "sleep" not in caplog.text


async def until_connected(mongo: MongoService, connections: int) -> None:
    """Wait for connections: a task that is cancelled while the driver makes one leaves its socket (PYTHON-5867)."""
    deadline = time.monotonic() + 30
    while mongo.pool_stats().connections_open < connections:
        assert time.monotonic() < deadline
        await asyncio.gather(*(mongo.get_db().command("ping") for _ in range(connections)))


def test_two_hundred_operations_with_errors_leave_no_connection_in_use(server: ScratchMongod) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), SMALL) as mongo:
            designs = await empty(mongo, "designs")
            await until_connected(mongo, SMALL.max_pool_size)

            async def fails_in_the_middle(session: AsyncClientSession) -> None:
                await designs.insert_one({"name": "never"}, session=session)
                raise LookupError

            async def one(number: int) -> None:
                if number % 4 == 0:
                    await mongo.transaction(fails_in_the_middle)
                elif number % 4 == 1:
                    await designs.find_one({"$nonsense": 1})
                elif number % 4 == 2:
                    async with asyncio.timeout(0):
                        await designs.find_one({"name": "cancelled"})
                else:
                    await designs.insert_one({"_id": ObjectId("1" * 24)})

            ended = await asyncio.gather(*(one(number) for number in range(200)), return_exceptions=True)
            kinds = [type(error) for error in ended]
            assert kinds.count(LookupError) == kinds.count(OperationFailure) == 50
            assert kinds.count(DuplicateKeyError) == 49  # all but the first insert of the one _id
            # Python 3.11's wait_for, in the driver, forgets a cancellation that meets its result.
            assert 45 <= kinds.count(TimeoutError) <= 50
            assert kinds.count(type(None)) == 51 - kinds.count(TimeoutError)
            stats = mongo.pool_stats()
            assert (stats.connections_in_use, stats.waiting) == (0, 0)
            assert stats.connections_open <= 5
            assert await designs.count_documents({}) == 1

    within(FAILOVER_S, work())


def test_an_exhausted_pool_refuses_in_time_instead_of_waiting_for_ever(server: ScratchMongod) -> None:
    async def work() -> None:
        options = MongoOptions(min_pool_size=0, max_pool_size=1, wait_queue_timeout_ms=100)
        async with MongoService(server.uri(), options) as mongo:
            admin = mongo.get_db("admin")
            slow = {"aggregate": 1, "pipeline": [{"$currentOp": {}}, {"$addFields": {"x": JS_SLEEP}}], "cursor": {}}
            sleeper = asyncio.create_task(admin.command(slow))
            await asyncio.sleep(0.1)
            with pytest.raises(PyMongoError, match="pool"):
                await admin.command("ping")
            await sleeper
            assert mongo.pool_stats().check_outs_failed == 1

    within(FAILOVER_S, work())


JS_SLEEP = {"$function": {"body": "function(){sleep(500);return 1}", "args": [], "lang": "js"}}


@pytest.mark.parametrize("statements_before", [1, 2])
def test_a_transaction_survives_the_death_of_the_primary_and_commits_once(statements_before: int) -> None:
    """The primary dies between two statements, or after both and before the commit."""

    async def work(running: ScratchMongod) -> None:
        async with MongoService(running.uri(), SMALL) as mongo:
            designs = await empty(mongo, "designs")
            await designs.insert_one({"name": "before"})
            attempts, killed = 0, 0

            async def across(session: AsyncClientSession) -> str:
                nonlocal attempts, killed
                attempts += 1
                for number, name in enumerate(("first", "second"), 1):
                    await designs.insert_one({"name": name}, session=session)
                    if not killed and number == statements_before:
                        primary = await mongo.client.primary
                        assert primary is not None
                        killed = primary[1]
                        running.kill(killed)
                return f"attempt {attempts}"

            assert await mongo.transaction(across) == f"attempt {attempts}"
            assert attempts >= 2
            assert (await mongo.check()).writable
            names = sorted([found["name"] async for found in designs.find()])
            assert names == ["before", "first", "second"]

    with scratch_mongod(3, *QUICK_STOP) as running:
        within(FAILOVER_S, work(running))


@pytest.mark.alone
def test_a_writer_loses_no_acknowledged_write_when_the_primary_dies() -> None:
    """The writer of the benchmarks and of the stack's own tests, seen to see what it is for."""
    with scratch_mongod(3, *QUICK_STOP) as running, MongoWriter(running.client) as writer:
        before = time.monotonic()
        with running.client() as client:
            assert client.primary or client.admin.command("ping")
            address = client.primary
        assert address is not None
        running.kill(address[1])
        writer.until_written(100)
        assert 0.1 < writer.outage_s(before) < FAILOVER_S
        running.start(address[1])
        running.until_whole()
        assert writer.lost() == []
        assert len(writer.acknowledged) > 150
