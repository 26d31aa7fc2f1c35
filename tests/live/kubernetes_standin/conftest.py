"""Fixtures of the stand-in's tests: one API server for all, and a namespace of its own for each test."""

import itertools
from collections.abc import Iterator

import pytest

from rehearsal.kubernetes_server import KubernetesServer
from tests.fixtures import postgresql_sdk  # noqa: F401
from tests.fixtures.kubernetes import Driven, running_kubernetes

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[KubernetesServer]:
    """Lend one API server to all tests of a module."""
    with running_kubernetes() as running:
        yield running


@pytest.fixture
def plugin(server: KubernetesServer) -> Driven:
    """Return a plugin that is configured for the server."""
    return Driven(server)


@pytest.fixture
def namespace(plugin: Driven) -> str:
    """Make a namespace of the test's own. Nobody finishes its deletion here; it goes with the server."""
    made = plugin.make("core/v1:Namespace", {"metadata": {"name": f"test-{next(_numbers)}"}})
    return made.id
