"""MongoDB's servers in the plugin: what is refused at preview, and what an update passes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localproc.errors import LocalprocError
from localproc.mongo_replica_set import MongoReplicaSet as LocalReplicaSet
from plugins.base.errors import PartialFailure
from plugins.base.properties import UNKNOWN, Props
from plugins.base.resource import Context
from plugins.walletdb.mongod import MongodMember, MongoReplicaSet
from tests.fixtures.ports import free_port_base

CONTEXT = Context()
SET: Props = {
    "directory": "/srv/wallet",
    "name": "mongodb",
    "members": [{"name": "mongodb-1", "host": "127.0.0.1", "port": 1, "arbiter": False, "priority": 1}],
    "electionTimeoutMs": 10_000,
    "oplogSizeMib": 990,
    "oplogRetentionH": 24,
    "settingsDigests": ["a"],
    "certPem": "certificate",
    "keyPem": "key",
    "caBundlePem": "authorities",
}


@pytest.fixture
def member(tmp_path: Path) -> Props:
    """Inputs of a member as a first preview has them: certificates are not known yet."""
    return {
        "directory": str(tmp_path / "wallet"),
        "name": "mongodb-1",
        "setName": "mongodb",
        "arbiter": False,
        "listenAddress": "127.0.0.1",
        "port": free_port_base(1),
        "cacheMib": 256,
        "oplogSizeMib": 990,
        "oplogRetentionH": 24,
        "maxConnections": 900,
        "slowQueryMs": 200,
        "minimumTlsVersion": "TLSv1.3",
        "parameters": {},
        "certPem": UNKNOWN,
        "keyPem": UNKNOWN,
        "caBundlePem": UNKNOWN,
    }


def _said(inputs: Props, olds: Props | None = None) -> str:
    _, failures = MongodMember().check(olds or {}, inputs, CONTEXT)
    return "; ".join(f"{failure.property}: {failure.reason}" for failure in failures)


def test_a_member_whose_certificates_are_not_known_yet_is_right(member: Props) -> None:
    assert _said(member) == ""


@pytest.mark.parametrize(
    "change,said",
    [
        ({"parameters": {"nosuch": "1"}}, "Unknown --setParameter 'nosuch'"),
        ({"cacheMib": "much"}, "cacheMib: Input should be a valid integer"),
        ({"more": 1}, "more: there is no such input"),
        ({"directory": "relative"}, "is not an absolute path"),
    ],
)
def test_wrong_inputs_are_refused_at_preview(member: Props, change: dict[str, Any], said: str) -> None:
    assert said in _said({**member, **change})


def test_only_the_first_member_is_judged_by_mongod(member: Props) -> None:
    assert _said({**member, "name": "mongodb-2", "parameters": {"nosuch": "1"}}) == ""


@pytest.mark.parametrize("name,value", [("setName", "other"), ("arbiter", True), ("name", "mongodb-7")])
def test_which_data_it_is_cannot_change(member: Props, name: str, value: object) -> None:
    assert "the data would be left behind" in _said({**member, name: value}, member)


def test_a_preview_knows_whether_a_member_must_restart(member: Props) -> None:
    resource = MongodMember()
    before = resource.preview(None, member)["settingsDigest"]
    assert resource.preview(None, {**member, "certPem": "new"})["settingsDigest"] == before
    assert resource.preview(None, {**member, "cacheMib": 512})["settingsDigest"] != before
    assert "settingsDigest" not in resource.preview(None, {**member, "parameters": UNKNOWN})


def test_an_update_hands_on_the_id_by_which_a_set_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[str] = []
    monkeypatch.setattr(LocalReplicaSet, "ensure", lambda _self, _waiter, known_id="": known.append(known_id))
    monkeypatch.setattr(LocalReplicaSet, "facts", lambda _self: {"replicaSetId": "b", "version": "6.0.5"})
    MongoReplicaSet().create("mongodb", SET, CONTEXT)
    outputs = MongoReplicaSet().update("mongodb", {"replicaSetId": "a"}, SET, CONTEXT)
    assert known == ["", "a"]
    assert outputs["replicaSetId"] == "b"


def test_a_set_that_is_not_well_keeps_the_id_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: LocalReplicaSet, _waiter: object, _known: str = "") -> None:
        msg = "no primary"
        raise LocalprocError(msg)

    monkeypatch.setattr(LocalReplicaSet, "ensure", fail)
    with pytest.raises(PartialFailure, match="no primary") as caught:
        MongoReplicaSet().update("mongodb", {"replicaSetId": "a"}, SET, CONTEXT)
    assert caught.value.outputs["replicaSetId"] == "a"
    assert caught.value.outputs["status"] == "incomplete"


@pytest.mark.parametrize(
    "before,after,refused",
    [("127.0.0.1", "10.0.0.5", True), ("10.0.0.5", "127.0.0.1", True), ("127.0.0.1", "127.0.0.2", False)],
)
def test_a_set_cannot_move_between_loopback_and_other_addresses(
    member: Props, before: str, after: str, *, refused: bool
) -> None:
    said = _said({**member, "listenAddress": after}, {**member, "listenAddress": before})
    assert ("a replica set is at loopback addresses as a whole" in said) is refused
