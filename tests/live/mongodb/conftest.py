"""Fixtures of the tests of MongoDB's resources: a server for each module, and names of its own for a test."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from tests.fixtures.mongo_plugin import MongoPlugin
from tests.fixtures.scratch_mongod import ScratchMongod, scratch_mongod
from walletdb.mongodb.connection import close_clients

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchMongod]:
    """Lend one server to all tests of a module."""
    with scratch_mongod(1, "--setParameter", "enableTestCommands=1") as running:
        yield running
        close_clients()


@pytest.fixture(scope="module")
def client(server: ScratchMongod) -> Iterator[MongoClient[dict[str, Any]]]:
    """Return the administrator's client."""
    with server.client() as client:
        yield client


@pytest.fixture
def plugin(server: ScratchMongod) -> MongoPlugin:
    """Return a plugin that is told of the server."""
    return MongoPlugin(server.uri())


@pytest.fixture
def unique() -> str:
    """Return a name that no other test has."""
    return f"only{next(_numbers)}"
