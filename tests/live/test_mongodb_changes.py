"""A running replica set whose settings change or that drifted: what `up` does about it, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from pymongo.database import Database

from localproc.layout import StackDirectory
from localproc.supervisor import Supervisor
from tests.fixtures.live_stack import LiveStack, live_stack
from tests.fixtures.mongo_set import MongoSet
from tests.fixtures.mongo_writer import MongoWriter

pytestmark = [pytest.mark.live, pytest.mark.engine]

MAIN = "fashion-wallet-main"


@pytest.fixture(scope="module")
def changing() -> Iterator[LiveStack]:
    """Three members, and as little as may be beside them."""
    with live_stack("mongo", {"postgres.replicas": 0, "postgres.synchronousStandbys": 0}) as live:
        live.up()
        yield live


@pytest.fixture
def replica_set(changing: LiveStack) -> MongoSet:
    """The replica set, whole."""
    found = MongoSet.of(changing.directory)
    found.until_whole()
    return found


@pytest.fixture
def main(replica_set: MongoSet) -> Iterator[Database[dict[str, Any]]]:
    """The application's database, as the administrator."""
    with replica_set.client() as client:
        yield client[MAIN]


def _started(replica_set: MongoSet) -> dict[str, float]:
    """Member → when its process started."""
    return {name: psutil.Process(replica_set.pid(name)).create_time() for name in replica_set.ports}


def _configuration(replica_set: MongoSet) -> dict[str, Any]:
    with replica_set.client() as client:
        found: dict[str, Any] = client.admin.command("replSetGetConfig")["config"]
        return found


def _refused(stack: LiveStack, *words: str) -> str:
    done = stack.pulumi(*(words or ("up", "--yes", "--skip-preview")))
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


def test_a_second_up_changes_nothing(changing: LiveStack, replica_set: MongoSet) -> None:
    before = _started(replica_set)
    assert changing.changes() == {}
    assert set(changing.up().summary.resource_changes or {}) == {"same"}
    assert _started(replica_set) == before


def test_a_setting_that_needs_a_restart_restarts_secondaries_first(changing: LiveStack, replica_set: MongoSet) -> None:
    leader, before = replica_set.primary(), _started(replica_set)
    changing.configure({"mongodb.cacheMib": 300})
    with MongoWriter(replica_set.client) as writer:
        changing.up()
        writer.until_written(50)
    replica_set.until_whole()
    after = _started(replica_set)
    assert all(after[name] > before[name] for name in before)
    assert max(after, key=lambda name: after[name]) == leader
    assert replica_set.primary() != leader
    assert writer.lost() == []
    assert changing.changes() == {}


def test_the_election_time_out_changes_without_a_restart(changing: LiveStack, replica_set: MongoSet) -> None:
    before = _started(replica_set)
    changing.configure({"mongodb.electionTimeoutMs": 2000})
    changing.up()
    assert replica_set.election_timeout_ms() == 2000
    assert _started(replica_set) == before
    changing.configure({"mongodb.electionTimeoutMs": None})
    changing.up()
    assert replica_set.election_timeout_ms() == 10_000


def test_members_come_and_go_one_voter_at_a_time(changing: LiveStack, replica_set: MongoSet) -> None:
    changing.configure({"mongodb.members": 5})
    with MongoWriter(replica_set.client) as writer:
        changing.up()
        more = MongoSet.of(changing.directory)
        assert sorted(more.ports) == [f"mongodb-{number}" for number in range(1, 6)]
        more.until_whole()
        changing.configure({"mongodb.members": 3})
        assert "MongodMember:mongodb-4" in _refused(changing, "preview")
        lost = ["MongodMember:mongodb-4", "MongodMember:mongodb-5"]
        changing.configure({"allowDataLoss": lost})
        changing.up()
        writer.until_written(50)
    changing.configure({"allowDataLoss": None})
    changing.up()
    assert writer.lost() == []
    assert len(_configuration(replica_set)["members"]) == 3
    assert not (changing.directory / "services" / "mongodb-4").exists()
    replica_set.until_whole()


def test_two_members_and_an_arbiter_elect_as_well(changing: LiveStack, replica_set: MongoSet) -> None:
    changing.configure({"mongodb.members": 2, "mongodb.arbiter": True, "allowDataLoss": ["MongodMember:mongodb-3"]})
    changing.up()
    small = MongoSet.of(changing.directory)
    small.until_whole()
    assert sorted(small.states().values()) == ["ARBITER", "PRIMARY", "SECONDARY"]
    assert any("arbiter" in text for text in changing.outputs()["warnings"])
    killed = small.primary()
    small.kill(killed)
    small.until_whole()
    assert small.primary() != killed
    changing.until_healthy()
    changing.configure(
        {"mongodb.members": None, "mongodb.arbiter": None, "allowDataLoss": ["MongodMember:mongodb-arbiter"]}
    )
    changing.up()
    changing.configure({"allowDataLoss": None})
    changing.up()
    MongoSet.of(changing.directory).until_whole()


def test_what_was_changed_by_hand_shows_and_is_mended(
    changing: LiveStack, replica_set: MongoSet, main: Database[dict[str, Any]]
) -> None:
    admin = main.client.admin
    main["designs"].drop_index("userId_1_status_1_createdAt_-1")
    admin.command("updateUser", "catalog_service", pwd="x" * 32)
    admin.command("grantRolesToUser", "avatar_service", roles=[{"role": "readWriteAnyDatabase", "db": "admin"}])
    main.command("collMod", "avatars", validationLevel="off")
    admin.command(
        "grantPrivilegesToRole",
        "app_readonly",
        privileges=[{"resource": {"db": MAIN, "collection": "designs"}, "actions": ["remove"]}],
    )
    configuration = _configuration(replica_set)
    configuration["settings"]["electionTimeoutMillis"] = 5000
    configuration["version"] += 1
    admin.command("replSetReconfig", configuration)
    found = changing.changes()
    assert found.get("update", 0) + found.get("create", 0) == 6, found
    changing.up(refresh=True)
    assert changing.changes() == {}
    assert "userId_1_status_1_createdAt_-1" in main["designs"].index_information()
    users = admin.command("usersInfo", "avatar_service")["users"]
    assert users[0]["roles"] == [{"role": "avatar_service", "db": "admin"}]
    assert main["avatars"].options()["validationLevel"] == "strict"
    assert replica_set.election_timeout_ms() == 10_000


@pytest.mark.parametrize(
    "settings,said",
    [
        ({"mongodb.members": 2}, "with 2 members: when one is lost, the other has no majority"),
        ({"mongodb.members": 4}, "allowed: `2` or `3` or `5`"),
        ({'mongodb.priorities["mongodb-9"]': 1}, "names 'mongodb-9', which is no member"),
        ({"mongodb.maxConnections": 100}, "the pools can open 900 connections"),
        ({"mongodb.parameters.nosuch": "1"}, "Unknown --setParameter 'nosuch'"),
        ({"mongodb.parameters.enableLocalhostAuthBypass": "true"}, "it would let anybody on the machine in"),
        ({"mongodb.database": "admin"}, "is a name the servers or this project use themselves"),
    ],
)
def test_a_wrong_setting_stops_the_preview_and_touches_nothing(
    changing: LiveStack, replica_set: MongoSet, settings: dict[str, object], said: str
) -> None:
    before = _started(replica_set)
    changing.configure(settings)
    try:
        text = " ".join(_refused(changing, "preview").split())
    finally:
        changing.configure(dict.fromkeys(settings))
    assert said in text, text
    assert "Traceback" not in text
    assert _started(replica_set) == before


def test_another_database_is_refused_while_this_one_holds_documents(changing: LiveStack, replica_set: MongoSet) -> None:
    changing.configure({"mongodb.database": "other"})
    try:
        text = _refused(changing, "preview")
    finally:
        changing.configure({"mongodb.database": None})
    assert "MongoCollection:designs" in text


def test_a_certificate_file_that_was_spoilt_by_hand_is_put_back(changing: LiveStack, replica_set: MongoSet) -> None:
    directory = StackDirectory.open(changing.directory)
    member = next(name for name in replica_set.ports if name != replica_set.primary())
    certificate = directory.service(member) / "tls" / "member.pem"
    kept = certificate.read_text()
    Supervisor(directory).stop_program(member)
    certificate.write_text("no certificate")
    changing.up(refresh=True)
    assert certificate.read_text() == kept
    replica_set.until_whole()
