"""Fixtures of the stand-in's tests: a server for each module, and a database of its own for a test."""

import itertools
import warnings
from collections.abc import Iterator

import pytest

from tests.fixtures.scratch_postgres import ScratchPostgres, running_postgres
from tests.fixtures.standin import Plugin

with warnings.catch_warnings():  # the SDK warns about a deprecated class of its own at import
    warnings.filterwarnings("ignore", "postgresql.DefaultPrivileg has been deprecated", DeprecationWarning)
    import pulumi_postgresql  # noqa: F401

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchPostgres]:
    """Lend one server to all tests of a module."""
    with running_postgres() as running:
        yield running


@pytest.fixture
def plugin(server: ScratchPostgres) -> Plugin:
    """Return a plugin that is configured for the server."""
    return Plugin(server)


@pytest.fixture
def unique() -> str:
    """Return a name that no other test has."""
    return f"t{next(_numbers)}"


@pytest.fixture
def database(server: ScratchPostgres, unique: str) -> Iterator[str]:
    """Make a database, and drop it with all that a test made in it."""
    name = f"{unique}_db"
    server.sql(f"CREATE DATABASE {name} TEMPLATE template0")
    yield name
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")
