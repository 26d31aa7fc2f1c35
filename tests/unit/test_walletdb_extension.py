"""An optional extension: what a refresh finds, and what the next update makes of it."""

from __future__ import annotations

import contextlib

import pytest

from localproc.service import RUNNING
from plugins.base.properties import Props
from plugins.base.resource import Context
from plugins.walletdb.extension import OptionalExtension, Wanted

INPUTS: Props = {
    "directory": "/x",
    "host": "127.0.0.1",
    "port": 1,
    "database": "d",
    "extension": "timescaledb",
    "required": False,
}


@pytest.mark.parametrize(
    "recorded,found,status",
    [
        (("", False), (None, False), RUNNING),
        (("", False), (None, True), "changed: available"),  # its package was installed
        (("2.1", True), (None, True), "changed: version"),  # somebody dropped it
        (("2.1", True), ("2.2", True), "changed: version"),
        (("2.1", True), ("2.1", True), RUNNING),
    ],
)
def test_refresh_sees_what_the_server_offers_and_has(
    monkeypatch: pytest.MonkeyPatch, recorded: tuple[str, bool], found: tuple[str | None, bool], status: str
) -> None:
    monkeypatch.setattr(Wanted, "connect", lambda _self: contextlib.nullcontext())
    monkeypatch.setattr(Wanted, "installed", lambda _self, _connection: found[0])
    monkeypatch.setattr(Wanted, "offered", lambda _self, _connection: found[1])
    state = {**INPUTS, "version": recorded[0], "available": recorded[1], "status": RUNNING}
    extension = OptionalExtension()
    refreshed = extension.read("d.timescaledb", INPUTS, state, Context())
    assert refreshed is not None
    assert refreshed[2]["status"] == status
    changes = extension.diff("d.timescaledb", refreshed[2], INPUTS, INPUTS, Context()).changes
    assert changes == (() if status == RUNNING else ("status",))
