"""Roles, users and data keys as resources, and servers that step down, refuse or are away, on real replica sets."""

from __future__ import annotations

import base64
import datetime as dt
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from localproc import pki
from localproc.service import RUNNING
from plugins.base.errors import PartialFailure, ProviderError
from plugins.walletdb import mongo_base
from tests.fixtures.mongo_plugin import MongoPlugin, both, collection, data_key, index, role, user
from tests.fixtures.scratch_mongod import ScratchMongod, scratch_mongod
from walletdb.mongodb import connection, data_keys
from walletdb.mongodb.connection import Connection, close_clients

pytestmark = pytest.mark.live

PASSWORD = "first-secret-word-0123456789"
OTHER = "second-secret-word-0123456789"


def accepted(server: ScratchMongod, name: str, password: str) -> bool:
    with server.client(server.uri(name, password)) as client:
        try:
            return bool(client.admin.command("ping"))
        except OperationFailure:
            return False


# Roles.


def test_a_role_is_made_changed_and_dropped(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], unique: str
) -> None:
    made = plugin.create("MongoRole", role(unique, unique))
    assert made.id == f"admin.{unique}"
    made.assert_settled()
    # However MongoDB orders or joins them, they are the same.
    same = [{"database": unique, "collection": "", "actions": [each]} for each in ("listCollections", "find")]
    made.update(privileges=same)
    made.assert_settled()
    assert made.diff(name="other").replaces == ("name",)

    for by_hand, drift in (
        ({"privileges": []}, "changed: privileges"),
        ({"roles": ["read"]}, "changed: roles"),
        ({"privileges": [{"resource": {"cluster": True}, "actions": ["listDatabases"]}]}, "changed: privileges"),
    ):
        client.admin.command({"updateRole": unique, **by_hand})
        assert made.mend() == drift
    client.admin.command({"dropRole": unique})
    assert not made.refresh()
    made.delete()
    assert plugin.create("MongoRole", role(unique, unique)).status == RUNNING
    assert plugin.create("MongoRole", role(unique, unique, privileges=[])).status == RUNNING, "adopted"
    assert client.admin.command({"rolesInfo": unique, "showPrivileges": True})["roles"][0]["privileges"] == []


def test_a_role_that_mongodb_does_not_understand_is_refused_in_its_words(plugin: MongoPlugin, unique: str) -> None:
    wrong = [{"database": "d", "collection": "", "actions": ["fnd"]}]
    with pytest.raises(ProviderError, match=r"cannot create role admin\.\S+: .* refuses it\n  got: .*fnd"):
        plugin.create("MongoRole", role(unique, unique, privileges=wrong))
    with pytest.raises(ProviderError, match=r"a role that it is to have does not exist\n.*nobody@admin"):
        plugin.create("MongoRole", role(unique, unique, roles=[{"role": "nobody", "database": "admin"}]))


# Users.


def test_a_user_is_made_changed_and_dropped(
    plugin: MongoPlugin, server: ScratchMongod, client: MongoClient[dict[str, Any]], unique: str
) -> None:
    plugin.create("MongoRole", role(unique, f"{unique}-role"))
    made = plugin.create("MongoUser", user(unique, PASSWORD, f"{unique}-role"))
    assert accepted(server, unique, PASSWORD)
    made.assert_settled()
    assert made.diff(name="other").replaces == ("name",)
    assert made.diff(password=OTHER).replaces == ()
    made.update(password=OTHER)
    made.assert_settled()
    assert (accepted(server, unique, OTHER), accepted(server, unique, PASSWORD)) == (True, False)

    for by_hand, drift in (
        ({"roles": ["root"]}, "changed: roles"),
        ({"pwd": "by hand", "mechanisms": ["SCRAM-SHA-256"]}, "changed: password"),
        ({"pwd": OTHER}, "changed: mechanisms"),
        ({"pwd": OTHER, "mechanisms": ["SCRAM-SHA-1"]}, "changed: mechanisms, password"),
    ):
        client.admin.command({"updateUser": unique, **by_hand})
        assert made.mend() == drift
    assert accepted(server, unique, OTHER)
    client.admin.command({"dropUser": unique})
    assert not made.refresh()
    made.delete()
    adopted = plugin.create("MongoUser", user(unique, PASSWORD))
    plugin.create("MongoUser", user(unique, OTHER))
    assert adopted.refresh()
    assert adopted.status == "changed: password"
    adopted.delete()
    assert not adopted.refresh()


def test_a_password_stands_in_no_message_and_no_log(
    plugin: MongoPlugin, server: ScratchMongod, unique: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ProviderError) as refused:
        plugin.create("MongoUser", user(unique, PASSWORD, "nobody"))
    assert PASSWORD not in str(refused.value)
    plugin.create("MongoUser", user(unique, PASSWORD))
    powerless = MongoPlugin(server.uri(unique, PASSWORD))
    with pytest.raises(ProviderError, match=f"{unique} may not do that") as denied:
        powerless.create("MongoUser", user("another", OTHER))
    assert PASSWORD not in str(denied.value)
    assert OTHER not in str(denied.value)
    assert "secret-word" not in caplog.text
    assert "secret-word" not in "".join(path.read_text(errors="replace") for path in server.folder.glob("*.log"))
    secret = plugin.resource("MongoUser")._claim(
        mongo_base.build(plugin.resource("MongoUser").kind, powerless.inputs(user("a", OTHER)))
    )
    assert "secret-word" not in repr(secret)


# Data keys.


def test_a_data_key_is_made_once_and_opened_at_every_look(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plugin.create("MongoDataKey", data_key(unique))
    made.assert_settled()
    keys = client[unique]["__keyVault"]
    assert keys.find_one()["keyAltNames"] == ["fields"]
    assert keys.index_information()["keyAltNames_1"]["unique"] is True
    assert plugin.create("MongoDataKey", data_key(unique)).outputs["keyId"] == made.outputs["keyId"]
    assert plugin.create("MongoDataKey", data_key(unique, "others")).outputs["keyId"] != made.outputs["keyId"]
    keys.drop_index("keyAltNames_1")
    assert made.mend() == "changed: the vault lacks its unique index on keyAltNames"

    other = base64.urlsafe_b64encode(bytes(96)).decode()
    refused = plugin.refusals("MongoDataKey", data_key(unique, localMasterKey=other), made.inputs)["localMasterKey"]
    assert "would become unreadable" in refused
    with pytest.raises(ProviderError, match=r"exists, but the declared master key cannot open it") as closed:
        plugin.create("MongoDataKey", data_key(unique, localMasterKey=other))
    assert other not in str(closed.value)
    made.outputs = {**made.outputs, "localMasterKey": other}
    assert made.refresh()
    assert made.status == "changed: the declared master key cannot open it"


def test_a_data_key_is_only_deleted_where_allowed(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], unique: str
) -> None:
    made = plugin.create("MongoDataKey", data_key(unique))
    with pytest.raises(ProviderError, match=r"could never be read again[\s\S]*`fashion-wallet:allowDataLoss`"):
        made.delete()
    made.assert_settled()
    made.update(allowDrop=True)
    made.delete()
    assert client[unique]["__keyVault"].count_documents({}) == 0
    assert not made.refresh()
    made.delete()


def test_two_that_make_one_data_key_at_once_have_the_same(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both see that there is none before either makes it."""
    find, seen, together = data_keys.find, threading.local(), threading.Barrier(2)

    def late(*arguments: Any) -> Any:
        found = find(*arguments)
        if not getattr(seen, "once", False):
            seen.once = True
            together.wait(10)
        return found

    monkeypatch.setattr(data_keys, "find", late)
    made: list[str] = []
    create = lambda: made.append(plugin.create("MongoDataKey", data_key(unique)).outputs["keyId"])  # noqa: E731
    assert both(create, create) == []
    assert len(made) == 2
    assert len(set(made)) == 1
    assert client[unique]["__keyVault"].count_documents({}) == 1


# Servers.


def test_a_wrong_password_in_the_uri_is_said_without_it(server: ScratchMongod, unique: str) -> None:
    with pytest.raises(ProviderError, match=r"does not accept root\n  got: Authentication failed") as refused:
        MongoPlugin(server.uri(password="not-the-password")).create("MongoCollection", collection(unique))
    assert "not-the-password" not in str(refused.value)


def test_a_server_that_is_away_keeps_what_is_recorded(
    plugin: MongoPlugin, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_SELECTION_S", 0.3)
    made = [plugin.create("MongoCollection", collection(unique)), plugin.create("MongoRole", role(unique, unique))]
    away = "mongodb://root:secret-word@127.0.0.1:1/?replicaSet=scratch"
    for each in made:
        assert each.diff(uri=away).replaces == ()
        each.outputs = {**each.outputs, "uri": away}
        each.assert_settled()
    warnings = [text for severity, text in plugin.said if severity == "warning"]
    assert len(warnings) == 1
    assert "MongoDB at 127.0.0.1:1 has no primary that can be reached" in warnings[0]
    assert "Connection refused" in warnings[0]
    assert "What is recorded is kept" in warnings[0]
    with pytest.raises(ProviderError, match=r"cannot delete role admin.*has no primary that can be reached") as refused:
        made[1].delete()
    assert "secret-word" not in str(refused.value)
    with pytest.raises(ProviderError, match="has no primary that can be reached"):
        MongoPlugin(away).create("MongoIndex", index(unique, ("a", 1)))


def test_what_lay_in_a_stack_that_is_removed_is_gone(plugin: MongoPlugin, unique: str, tmp_path: Path) -> None:
    made = plugin.create("MongoRole", role(unique, unique))
    made.outputs = {**made.outputs, "caFile": str(tmp_path / "stack" / "ca.crt")}
    made.delete()
    assert not made.refresh()
    # With the folder there but not its files, nobody can be asked: what is recorded is kept.
    made.outputs = {**made.outputs, "caFile": str(tmp_path / "ca.crt")}
    made.assert_settled()


def test_a_change_that_no_majority_confirms_is_recorded_as_incomplete(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {
        "failCommands": ["create", "createIndexes"],
        "writeConcernError": {"code": 64, "errmsg": "waiting timed out"},
    }
    point = {"configureFailPoint": "failCommand", "mode": {"times": 2}, "data": data}
    client.admin.command(point)
    with pytest.raises(PartialFailure, match=r"was done, but a majority of the members has not confirmed it") as failed:
        plugin.create("MongoCollection", collection(unique))
    assert (failed.value.id, failed.value.outputs["status"]) == (f"{unique}.things", "incomplete")
    with pytest.raises(PartialFailure) as failed:
        plugin.create("MongoIndex", index(unique, ("a", 1)))
    resource = plugin.resource("MongoIndex")
    outputs, inputs = failed.value.outputs, failed.value.inputs
    assert resource.diff(failed.value.id, outputs, inputs, inputs, plugin.context()).changes == ("status",)
    assert resource.update(failed.value.id, outputs, inputs, plugin.context())["indexName"] == "a_1"


@pytest.fixture(scope="module")
def trio() -> Iterator[ScratchMongod]:
    with scratch_mongod(3, "--setParameter", "enableTestCommands=1") as running:
        yield running
        close_clients()


def test_a_primary_that_steps_down_in_the_middle_is_waited_for(trio: ScratchMongod, unique: str) -> None:
    plugin = MongoPlugin(trio.uri())
    made = [plugin.create("MongoCollection", collection(unique))]
    stepped = threading.Event()

    def step_down() -> None:
        with trio.client() as client:
            client.admin.command({"replSetStepDown": 10, "secondaryCatchUpPeriodSecs": 5, "force": True})
        stepped.set()

    thread = threading.Thread(target=step_down)
    thread.start()
    deadline = time.monotonic() + 60
    number = 0
    while time.monotonic() < deadline and not (stepped.is_set() and number >= 5):
        number += 1
        made += [
            plugin.create("MongoIndex", index(unique, (f"field{number}", 1), unique=number % 2 == 0)),
            plugin.create("MongoRole", role(unique, f"{unique}-{number}")),
            plugin.create("MongoUser", user(f"{unique}-{number}", PASSWORD, f"{unique}-{number}")),
            plugin.create("MongoDataKey", data_key(f"{unique}-vault", f"key{number}")),
        ]
        made[0].update(schema={"bsonType": "object", "maxProperties": 10 + number})
    thread.join(30)
    assert stepped.is_set()
    for each in made:
        each.assert_settled()
    assert [text for severity, text in plugin.said if severity == "warning"] == []


def test_a_build_goes_on_under_the_next_primary(trio: ScratchMongod, unique: str) -> None:
    trio.until_whole()
    plugin = MongoPlugin(trio.uri())
    pause = {"configureFailPoint": "hangAfterStartingIndexBuild"}
    with trio.client() as client:
        client[unique].things.insert_many([{"a": number} for number in range(100)])
    for port in trio.ports:
        with trio.member(port) as member:
            member.admin.command({**pause, "mode": "alwaysOn"})

    def step_down() -> None:
        with trio.client() as client:
            building = {"currentOp": True, "command.createIndexes": "things", "msg": {"$exists": True}}
            deadline = time.monotonic() + 30
            while not client.admin.command(building)["inprog"] and time.monotonic() < deadline:
                time.sleep(0.1)
            client.admin.command({"replSetStepDown": 10, "secondaryCatchUpPeriodSecs": 5, "force": True})
        for port in trio.ports:
            with trio.member(port) as member:
                member.admin.command({**pause, "mode": "off"})

    made = []
    assert both(step_down, lambda: made.append(plugin.create("MongoIndex", index(unique, ("a", 1), unique=True)))) == []
    made[0].assert_settled()


@pytest.mark.alone
def test_a_frozen_primary_is_left_behind(trio: ScratchMongod, unique: str) -> None:
    trio.until_whole()
    plugin = MongoPlugin(trio.uri())
    made = [plugin.create("MongoCollection", collection(unique))]
    with trio.client() as client:
        client[unique].things.insert_many([{"n": number} for number in range(100)])
        primary = client.primary
    assert primary is not None
    process = trio._processes[primary[1]]
    process.send_signal(signal.SIGSTOP)
    late = r"was not built in time\n[\s\S]*timed out[\s\S]*that votes and holds data"
    try:
        made.append(plugin.create("MongoRole", role(unique, unique)))
        with pytest.raises(ProviderError, match=late):
            plugin.create("MongoIndex", index(unique, ("n", 1)), timeout_s=15)
        waiting = f"waiting for 127.0.0.1:{primary[1]}: every member that holds data builds the index"
        assert ("info", waiting) in plugin.said
    finally:
        process.send_signal(signal.SIGCONT)
    trio.until_whole()
    made.append(plugin.create("MongoIndex", index(unique, ("n", 1))))
    for each in made:
        each.assert_settled()


def test_a_certificate_is_the_user(tmp_path: Path, unique: str) -> None:
    now, year = dt.datetime.now(dt.UTC), dt.timedelta(days=365)
    authority = pki.new_authority("test", year, now)
    server = pki.issue(authority, "mongodb-1", ip_addresses=["127.0.0.1"], validity=year, now=now)
    admin = pki.issue(authority, "postgres", validity=year, now=now)
    texts = {
        "ca": authority.certificate,
        "server": server.certificate + server.key,
        "admin": admin.certificate + admin.key,
    }
    files = {name: tmp_path / f"{name}.pem" for name in texts}
    for name, text in texts.items():
        files[name].write_text(text)
    tls = ("--tlsMode", "preferTLS", "--tlsCAFile", str(files["ca"]), "--tlsCertificateKeyFile", str(files["server"]))
    with scratch_mongod(1, *tls, "--tlsAllowConnectionsWithoutCertificates") as running:
        with running.client() as root:
            roles = [{"role": "root", "db": "admin"}]
            root["$external"].command({"createUser": "CN=postgres", "roles": roles})
        plugin = MongoPlugin(f"mongodb://{running.hosts}/?replicaSet=scratch")
        place = {"caFile": str(files["ca"]), "certificateKeyFile": str(files["admin"])}
        made = [
            plugin.create("MongoCollection", {**collection(unique), **place}),
            plugin.create("MongoUser", {**user(unique, PASSWORD), **place}),
            plugin.create("MongoDataKey", {**data_key(unique), **place}),
        ]
        for each in made:
            each.assert_settled()
        with pytest.raises(ProviderError, match=r"does not accept the certificate .*server\.pem"):
            plugin.create("MongoRole", {**role(unique, unique), **place, "certificateKeyFile": str(files["server"])})
        close_clients()


def test_a_connection_shows_no_password_and_is_one_for_the_process(server: ScratchMongod) -> None:
    one = Connection(uri=server.uri())
    assert "root" not in repr(one)
    assert one.client() is Connection(uri=server.uri()).client()
    assert (one.user, one.cluster) == ("root", "scratch")
