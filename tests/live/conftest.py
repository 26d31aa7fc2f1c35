"""Fixtures of the live tests: one highly available stack for the whole run, made by `pulumi up`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.live_stack import LiveStack, live_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[LiveStack]:
    """A primary, two replicas, a pooler and a time-series instance. Every test leaves it healthy."""
    with live_stack("ha", {}) as live:
        live.up()
        yield live


@pytest.fixture(autouse=True)
def healthy(request: pytest.FixtureRequest) -> None:
    """Hand the shared stack on healthy, whatever the test before did to it."""
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").until_healthy()


@pytest.fixture(scope="session")
def dev_stack(stack: LiveStack) -> Path:
    """The `walletdb.json` of the running stack."""
    return stack.directory / "walletdb.json"
