"""Writes that validators refuse to a service, on a real server: counted, and noted where the status reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.database import Database
from pymongo.errors import BulkWriteError, InvalidOperation, OperationFailure, WriteError

from tests.fixtures.event_loop import within
from tests.fixtures.half_made_connections import half_made_connections  # noqa: F401 - an autouse fixture
from tests.fixtures.scratch_mongod import ScratchMongod, scratch_mongod
from walletdb import MongoService
from walletdb.services import mongo_refusals
from walletdb.services.mongo_refusals import RefusedWrites

pytestmark = pytest.mark.live

PATIENCE_S = 60
SECRET = "geheim-4711"


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchMongod]:
    """A replica set of one member."""
    with scratch_mongod(1) as running:
        yield running


async def noted(server: ScratchMongod) -> dict[str, int]:
    """What lies in the database for `walletdb status`."""
    async with AsyncMongoClient[dict[str, Any]](server.uri()) as client:
        return {one["_id"]: one["count"] async for one in client["counted"]["refused-writes"].find()}


async def until_noted(server: ScratchMongod, counts: dict[str, int]) -> None:
    while await noted(server) != counts:  # noqa: ASYNC110 - the server tells nobody; `within` sets the limit
        await asyncio.sleep(0.05)


@pytest.fixture
def counted(server: ScratchMongod, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database[dict[str, Any]]]:
    """A database with a collection that takes nothing without `n`; what services count is noted soon."""
    monkeypatch.setattr(mongo_refusals, "_NOTE_AFTER_S", 0.1)
    with server.client() as client:
        client.drop_database("counted")
        client["counted"].create_collection("things", validator={"$jsonSchema": {"required": ["n"]}})
        yield client["counted"]


def test_refused_writes_are_counted_and_noted_soon(server: ScratchMongod, counted: Database[dict[str, Any]]) -> None:
    async def work() -> None:
        async with MongoService(server.uri(), database="counted") as mongo:
            things = mongo.get_collection("things")
            await things.insert_one({"n": 1})
            for bad in ({"a": SECRET}, {"b": SECRET}):
                with pytest.raises(WriteError):
                    await things.insert_one(dict(bad))
            with pytest.raises(OperationFailure, match="failed validation"):
                await things.find_one_and_update({"n": 1}, {"$unset": {"n": 1}})
            with pytest.raises(OperationFailure, match="failed validation"):
                await mongo.transaction(lambda session: things.insert_one({"a": SECRET}, session=session))
            assert mongo.refused_writes() == {"things": 4}
            await until_noted(server, {"things": 4})
            with pytest.raises(BulkWriteError):
                await things.insert_many([{"a": 1}, {"a": 2}, {"n": 3}], ordered=False)
            await until_noted(server, {"things": 6})

    within(PATIENCE_S, work())
    assert SECRET not in str(counted["refused-writes"].find_one())


def test_refused_writes_that_cannot_be_noted_are_noted_later(
    server: ScratchMongod, counted: Database[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """By the running service itself, with nothing more refused; nobody is told more than once."""
    counted.create_collection("refused-writes", validator={"$jsonSchema": {"required": ["never"]}})

    async def work() -> None:
        async with MongoService(server.uri(), database="counted") as mongo:
            with pytest.raises(WriteError):
                await mongo.get_collection("things").insert_one({"a": 1})
            await asyncio.sleep(1)
            assert await noted(server) == {}
            counted.command("collMod", "refused-writes", validator={})
            await until_noted(server, {"things": 1})
        assert mongo.refused_writes() == {"things": 1}

    within(PATIENCE_S, work())
    assert [message for message in caplog.messages if "refused" in message] == [
        "refused writes could not be noted yet: WriteError"
    ]


def test_what_was_refused_last_is_noted_when_the_service_closes(
    server: ScratchMongod, counted: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, also where two close it, and where a note is on its way."""
    monkeypatch.setattr(mongo_refusals, "_NOTE_AFTER_S", 60)

    async def work() -> None:
        for times in (1, 2):
            async with MongoService(server.uri(), database="counted") as mongo:
                with pytest.raises(WriteError):
                    await mongo.get_collection("things").insert_one({"a": 1})
                await asyncio.gather(mongo.close(), mongo.close())
            assert await noted(server) == {"things": times}
            monkeypatch.setattr(mongo_refusals, "_NOTE_AFTER_S", 0)

    within(PATIENCE_S, work())


def test_a_service_whose_closing_is_cancelled_is_closed(
    server: ScratchMongod, counted: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_self: RefusedWrites, _database: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(RefusedWrites, "_note", never)

    async def work() -> None:
        mongo = MongoService(server.uri(), database="counted")
        await mongo.open()
        client = mongo.client
        with pytest.raises(WriteError):
            await mongo.get_collection("things").insert_one({"a": 1})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await mongo.close()
        with pytest.raises(InvalidOperation):
            await client.admin.command("ping")
        await asyncio.sleep(0)  # What was cancelled ends.

    within(PATIENCE_S, work())
