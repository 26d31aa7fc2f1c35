"""Replica sets of `localproc`, without the engine: TLS, members that were away for too long, data that are not ours."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import Timestamp
from pymongo import MongoClient, WriteConcern
from pymongo.errors import OperationFailure

from localproc import mongod, mongod_program, pki, service
from localproc.errors import LocalprocError
from localproc.mongo_client import Address, MemberIdentity, MongoError, command, connected, hello
from localproc.mongod import ORGANIZATIONAL_UNIT
from tests.fixtures.local_mongo import VALIDITY, LocalMongo, local_mongo
from tests.fixtures.ports import free_port_base

pytestmark = pytest.mark.live

STALE_WITHIN_S = 60
WARDEN_S = 15
"""So long the warden tries."""
DOCUMENT = b"x" * 8_000_000


@pytest.fixture(scope="module")
def shared() -> Iterator[LocalMongo]:
    """Three members with an oplog that a few large documents fill."""
    with local_mongo(oplog_size_mib=20, parameters={"syncdelay": "1"}) as made:
        made.ensure()
        yield made


@pytest.fixture
def mongo(shared: LocalMongo) -> LocalMongo:
    """The set, as declared."""
    shared.ensure()
    assert shared.replica_set().condition() == "running"
    return shared


def _client(mongo: LocalMongo) -> MongoClient[dict[str, Any]]:
    return MongoClient(
        [str(member.address) for member in mongo.members()],
        replicaSet="mongodb",
        tls=True,
        tlsCAFile=str(mongo.directory.ca_file),
        tlsCertificateKeyFile=str(mongo.directory.root / "admin.pem"),
        authMechanism="MONGODB-X509",
    )


@pytest.mark.parametrize("version,accepted", [(ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)])
def test_nothing_older_than_tls_1_3_is_spoken(mongo: LocalMongo, version: ssl.TLSVersion, *, accepted: bool) -> None:
    context = ssl.create_default_context(cafile=str(mongo.directory.ca_file))
    context.minimum_version = context.maximum_version = version
    address = mongo.member(1).address
    with socket.create_connection((address.host, address.port), timeout=10) as raw:
        if accepted:
            with context.wrap_socket(raw, server_hostname=address.host) as secure:
                assert secure.version() == "TLSv1.3"
        else:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(raw, server_hostname=address.host)


def test_a_certificate_of_another_authority_is_no_members(mongo: LocalMongo) -> None:
    other = pki.new_authority("Somebody else", VALIDITY, dt.datetime.now(dt.UTC))
    issued = pki.issue(
        other,
        "mongodb-1",
        organizational_unit=ORGANIZATIONAL_UNIT,
        ip_addresses=["127.0.0.1"],
        validity=VALIDITY,
        now=dt.datetime.now(dt.UTC),
    )
    file = mongo.directory.root / "foreign.pem"
    mongo.directory.write(file, issued.certificate + issued.key)
    identity = MemberIdentity(file, mongo.directory.ca_file)
    with pytest.raises(MongoError, match="does not answer"):
        command(mongo.member(1).address, identity, "replSetGetStatus")


def test_a_certificate_without_the_members_unit_is_an_ordinary_users(mongo: LocalMongo) -> None:
    issued = mongo.certificate("somebody", unit="")
    file = mongo.directory.root / "somebody.pem"
    mongo.directory.write(file, issued.certificate + issued.key)
    identity = MemberIdentity(file, mongo.directory.ca_file)
    with pytest.raises(MongoError, match="Could not find user"):
        command(mongo.member(1).address, identity, "replSetGetStatus")


def test_a_wrong_certificate_for_a_member_is_refused_and_mended_by_the_next_run(mongo: LocalMongo) -> None:
    other = pki.new_authority("Somebody else", VALIDITY, dt.datetime.now(dt.UTC))
    wrong = pki.issue(other, "mongodb-2", validity=VALIDITY, now=dt.datetime.now(dt.UTC))
    before = mongo.supervisor().state("mongodb-2")
    member = dataclasses.replace(mongo.member(2), cert_pem=wrong.certificate, key_pem=wrong.key)
    with pytest.raises(LocalprocError, match="mongodb-2 does not take up its new certificate"):
        member.ensure(mongo.waiter())
    after = mongo.supervisor().state("mongodb-2")
    assert before is not None
    assert after is not None
    assert after.pid == before.pid, "it goes on with the certificate it has"
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"


def test_a_renewed_certificate_is_taken_up_without_a_restart(mongo: LocalMongo) -> None:
    pids = {member.name: mongo.supervisor().running()[member.name] for member in mongo.members()}
    old = mongo.certificate("mongodb-1").certificate
    del mongo._issued["mongodb-1"]
    mongo.ensure()
    address = mongo.member(1).address
    shown = ssl.get_server_certificate((address.host, address.port))
    assert shown.strip() == mongo.certificate("mongodb-1").certificate.strip() != old.strip()
    assert {member.name: mongo.supervisor().running()[member.name] for member in mongo.members()} == pids
    assert mongo.replica_set().condition() == "running"


def test_a_member_that_was_away_for_longer_than_the_oplog_reaches_copies_the_data_anew(mongo: LocalMongo) -> None:
    stale = _follower(mongo)
    name = f"mongodb-{stale}"
    mongo.supervisor().stop_program(name)
    with _client(mongo) as client:
        # Every other member must have forgotten what this one has seen last.
        others = [number for number in (1, 2, 3) if number != stale]
        seen = max(_entry(mongo, number, last=True) for number in others)
        deadline = time.monotonic() + STALE_WITHIN_S
        followers = client["x"]["y"].with_options(write_concern=WriteConcern(w=2))
        while min(_entry(mongo, number, last=False) for number in others) <= seen:
            assert time.monotonic() < deadline, "nothing leaves the oplog"
            followers.insert_one({"text": DOCUMENT})
        wanted = client["x"]["y"].count_documents({})
    mongo.supervisor().restart(name)
    deadline = time.monotonic() + STALE_WITHIN_S
    while not _stale(mongo, stale):
        assert time.monotonic() < deadline, f"{name} has caught up"
        time.sleep(0.2)
    # The primary hears of it with the next heartbeat.
    mongo.waiter().until("the set to see it", lambda: f"{name} is RECOVERING" in mongo.replica_set().condition())
    mongo.reports.clear()
    mongo.ensure()
    assert f"{name} is too stale to catch up and copies the data anew" in mongo.reports
    assert mongo.replica_set().condition() == "running"
    (kept,) = mongo.directory.service(name).glob("data.too-stale-*")
    shutil.rmtree(kept)
    with _client(mongo) as client:
        client["x"]["y"].with_options(write_concern=WriteConcern(w=3, wtimeout=30_000)).insert_one({"last": True})
        assert client["x"]["y"].count_documents({}) == wanted + 1
        client.drop_database("x")


def hello_of(mongo: LocalMongo, number: int) -> dict[str, object]:
    member = mongo.member(number)
    return dict(hello(member.address, MemberIdentity.of(mongo.directory.service(member.name))))


def _stale(mongo: LocalMongo, number: int) -> bool:
    try:
        return bool(mongo.ask(number, "replSetGetStatus").get("tooStale"))
    except MongoError:
        return False


def _entry(mongo: LocalMongo, number: int, *, last: bool) -> Timestamp:
    """When the first or the last operation that a member's oplog holds was done."""
    member = mongo.member(number)
    with connected(member.address, MemberIdentity.of(mongo.directory.service(member.name))) as client:
        found = client.local["oplog.rs"].find_one({}, {"ts": 1}, sort=[("$natural", -1 if last else 1)])
    assert found is not None
    moment: Timestamp = found["ts"]
    return moment


@contextlib.contextmanager
def _set_aside(mongo: LocalMongo, *members: int) -> Iterator[list[Path]]:
    """Stop members and move their data away; move them back in the end."""
    data = [mongo.directory.service(mongo.member(number).name) / "data" for number in members]
    for folder in data:
        mongo.supervisor().stop_program(folder.parent.name)
        folder.rename(folder.with_name("data.kept"))
        mongo.directory.make(folder)
    try:
        yield data
    finally:
        for folder in data:
            mongo.supervisor().stop_program(folder.parent.name)
            shutil.rmtree(folder)
            folder.with_name("data.kept").rename(folder)


def _leader(mongo: LocalMongo) -> int:
    return next(number for number in (1, 2, 3) if hello_of(mongo, number).get("isWritablePrimary"))


def _follower(mongo: LocalMongo) -> int:
    return next(number for number in (1, 2, 3) if not hello_of(mongo, number).get("isWritablePrimary"))


def test_a_wiped_member_copies_the_data_again(mongo: LocalMongo) -> None:
    with _client(mongo) as client:
        client["x"]["y"].insert_one({"_id": 1})
    follower = _follower(mongo)
    member = mongo.member(follower)
    mongo.supervisor().stop_program(member.name)
    shutil.rmtree(mongo.directory.service(member.name) / "data")
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"
    with connected(member.address, MemberIdentity.of(mongo.directory.service(member.name))) as alone:
        assert alone["x"]["y"].find_one() == {"_id": 1}
    with _client(mongo) as client:
        client.drop_database("x")


def test_files_that_are_not_mongodbs_are_refused_and_left_alone(mongo: LocalMongo) -> None:
    follower = _follower(mongo)
    with _set_aside(mongo, follower) as (data,):
        (data / "PG_VERSION").write_text("15")
        with pytest.raises(LocalprocError, match=r"holds files that are not MongoDB's \(PG_VERSION"):
            mongo.ensure()
        assert (data / "PG_VERSION").read_text() == "15"
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"


def test_a_set_whose_data_are_all_gone_does_not_begin_anew(mongo: LocalMongo) -> None:
    known = mongo.replica_set().facts()["replicaSetId"]
    with _set_aside(mongo, 1, 2, 3), pytest.raises(LocalprocError, match="every member of mongodb is empty"):
        mongo.ensure(known)
    mongo.ensure(known)
    assert mongo.replica_set().condition() == "running"
    assert mongo.replica_set().facts()["replicaSetId"] == known


def test_data_of_another_set_of_the_same_name_are_refused_and_kept(mongo: LocalMongo) -> None:
    known = mongo.replica_set().facts()["replicaSetId"]
    follower = _follower(mongo)
    with _set_aside(mongo, follower) as (data,):
        _fill_with_another_set(mongo, follower)
        with pytest.raises(LocalprocError, match="hold data of different replica sets") as caught:
            mongo.ensure(known)
        assert f"mongodb-{follower}: set mongodb " in str(caught.value)
        assert (data / "WiredTiger").exists()
    mongo.ensure(known)
    assert mongo.replica_set().condition() == "running"


def _fill_with_another_set(mongo: LocalMongo, number: int) -> None:
    """Make the member's data directory that of a set of one, by a mongod of its own."""
    member = mongo.member(number)
    folder = mongo.directory.service(member.name)
    port = mongo.port_base + 50
    configuration = member.configuration(folder)
    configuration["net"]["port"] = port
    file = mongo.directory.root / "alone.json"
    mongo.directory.write(file, json.dumps(configuration), mode=0o644)
    words = mongo.directory.owner.command([str(mongod_program.find().path), "--config", str(file)])
    address, identity = Address("127.0.0.1", port), MemberIdentity.of(folder)
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            mongo.waiter().until("a mongod of its own", lambda: bool(hello(address, identity)))
            document = {"_id": "mongodb", "members": [{"_id": number, "host": str(address)}]}
            command(address, identity, "replSetInitiate", document)
            mongo.waiter().until("it to lead", lambda: bool(hello(address, identity).get("isWritablePrimary")))
        finally:
            process.terminate()
            process.wait(30)


def test_a_mongod_that_ends_at_every_start_is_explained_by_its_own_log(mongo: LocalMongo) -> None:
    member = mongo.member(_follower(mongo))
    wired_tiger = mongo.directory.service(member.name) / "data" / "WiredTiger.turtle"
    mongo.supervisor().stop_program(member.name)
    kept = wired_tiger.read_bytes()
    wired_tiger.write_bytes(b"not a turtle")
    with pytest.raises(LocalprocError, match=f"{member.name} ends at every start") as caught:
        member.ensure(mongo.waiter())
    assert "WiredTiger" in str(caught.value)
    wired_tiger.write_bytes(kept)
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"


def test_the_administrator_is_put_back_when_somebody_removed_it(mongo: LocalMongo) -> None:
    leader = _leader(mongo)
    with _client(mongo) as client:
        client["$external"].command("dropUser", "CN=postgres")
    assert mongo.replica_set().condition() == "changed: administrator"
    mongo.ensure()
    assert mongo.ask(leader, "usersInfo", {"user": "CN=postgres", "db": "$external"})["users"]


def test_default_concerns_that_were_weakened_are_put_back(mongo: LocalMongo) -> None:
    with _client(mongo) as client:
        client.admin.command("setDefaultRWConcern", 1, defaultWriteConcern={"w": 1})
        assert mongo.replica_set().condition() == "changed: default concerns"
        mongo.ensure()
        found = client.admin.command("getDefaultRWConcern")
    assert found["defaultWriteConcern"]["w"] == "majority"
    assert found["defaultReadConcern"]["level"] == "majority"


def test_a_client_without_a_login_may_do_nothing(mongo: LocalMongo) -> None:
    address = mongo.member(1).address
    with (
        MongoClient[dict[str, Any]](
            address.host, address.port, directConnection=True, tls=True, tlsCAFile=str(mongo.directory.ca_file)
        ) as client,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        client.admin.command("replSetGetStatus")


def test_a_member_comes_into_a_running_set_and_leaves_it(mongo: LocalMongo) -> None:
    mongo.numbers = (1, 2, 3, 4)
    try:
        mongo.ensure()
        assert mongo.replica_set().condition() == "running"
        assert "mongodb: give mongodb-4 its vote" in mongo.reports
    finally:
        mongo.numbers = (1, 2, 3)
    mongo.ensure()
    assert len(mongo.ask(_follower(mongo), "replSetGetConfig")["config"]["members"]) == 3
    service.remove(mongo.directory, "mongodb-4")


@pytest.mark.parametrize("running", [True, False], ids=["while they run", "while nobody runs"])
def test_members_find_each_other_when_all_ports_have_changed(mongo: LocalMongo, *, running: bool) -> None:
    if not running:
        for member in mongo.members():
            mongo.supervisor().stop_program(member.name)
    mongo.port_base += 20
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"
    hosts = {entry["host"] for entry in mongo.ask(1, "replSetGetConfig")["config"]["members"]}
    assert hosts == {str(member.address) for member in mongo.members()}


def test_a_run_that_ended_before_a_move_was_announced_is_mended_by_the_next(mongo: LocalMongo) -> None:
    follower = _follower(mongo)
    mongo.port_base += 10
    for member in mongo.members():
        member.ensure(mongo.waiter())
    service.restart_pending(mongo.directory, f"mongodb-{follower}")
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"


def test_the_only_member_that_may_lead_is_restarted_as_well(mongo: LocalMongo) -> None:
    leader = _leader(mongo)
    mongo.priorities = {number: int(number == leader) for number in (1, 2, 3)}
    try:
        mongo.settings["slow_query_ms"] = 300
        mongo.ensure()
        assert mongo.replica_set().condition() == "running"
        assert hello_of(mongo, leader).get("isWritablePrimary")
    finally:
        mongo.priorities = {}
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"


def test_what_kept_a_member_from_starting_and_is_mended_is_tried_at_once(mongo: LocalMongo) -> None:
    member = mongo.member(_follower(mongo))
    mongo.supervisor().stop_program(member.name)
    with (
        socket.create_server((member.address.host, member.address.port)),
        pytest.raises(LocalprocError, match=f"{member.name} ends at every start"),
    ):
        member.ensure(mongo.waiter())
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"


@pytest.mark.parametrize("version,refused", [("7.0.14", False), ("8.0.1", True), ("5.0.9", True)])
def test_a_mongod_that_cannot_take_up_the_data_is_refused_before_a_member_restarts(
    mongo: LocalMongo, monkeypatch: pytest.MonkeyPatch, version: str, *, refused: bool
) -> None:
    """Another mongod lies in the old one's place: a real one of that version was not to be had."""
    other = mongod_program.Mongod(Path("/usr/bin/mongod"), version)
    monkeypatch.setattr(mongod_program, "find", lambda: other)
    monkeypatch.setattr(mongod, "runs_another_program", lambda _directory, _name: True)
    said = mongo.member(1).outgrown()
    assert bool(said) is refused
    assert not refused or f"mongod {version} at /usr/bin/mongod cannot take up data written for 6.0" in said


def test_a_primary_that_dies_before_members_have_moved_is_replaced_at_once(mongo: LocalMongo) -> None:
    """The warden asks the survivors where they listen, and not where their declaration has put them."""
    leader = _leader(mongo)
    log = mongo.directory.log / "warden.log"
    before = len(log.read_text().splitlines())
    old, mongo.port_base = mongo.port_base, free_port_base()
    for member in mongo.members():
        member.ensure(mongo.waiter())
        assert service.restart_is_pending(mongo.directory, member.name)
    state = mongo.supervisor().state(f"mongodb-{leader}")
    assert state is not None
    os.kill(state.pid, signal.SIGKILL)
    said = f"mongodb-{leader} died while it led: "
    deadline = time.monotonic() + WARDEN_S
    while not any(said in line for line in log.read_text().splitlines()[before:]):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    assert old != mongo.port_base
    mongo.ensure()
    assert mongo.replica_set().condition() == "running"
