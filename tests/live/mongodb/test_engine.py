"""What lies inside MongoDB under the real engine: from nothing to nothing, drift, replacements, renamed resources."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.fixtures.mongo_plugin import MASTER_KEY
from tests.fixtures.scratch_mongod import ScratchMongod, scratch_mongod
from tests.fixtures.throwaway_project import ThrowawayProject

pytestmark = [pytest.mark.live, pytest.mark.engine]

PROGRAM = Path(__file__).with_name("program.py").read_text(encoding="utf-8")
PASSWORD = "first-secret-word-0123456789"
UNCHANGED = ("preview", "--refresh", "--expect-no-changes")
UP = ("up", "--yes", "--skip-preview")


@pytest.fixture
def server() -> Iterator[ScratchMongod]:
    with scratch_mongod(1) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> ThrowawayProject:
    project = ThrowawayProject(tmp_path, "walletdb")
    project.create(PROGRAM)
    return project


def names(client: MongoClient[dict[str, Any]]) -> list[str]:
    return sorted(each["name"] for each in client.wallet.things.list_indexes())


def test_a_stack_from_nothing_to_nothing(server: ScratchMongod, project: ThrowawayProject) -> None:
    given: dict[str, object] = {
        "project": str(Path(__file__).parents[3]),
        "uri": server.uri(),
        "password": PASSWORD,
        "master": MASTER_KEY,
    }
    assert "6 to create" in project.succeeds("preview", **given)
    project.succeeds(*UP, **given)
    project.succeeds("preview", "--expect-no-changes")
    project.succeeds(*UNCHANGED)
    exported = str(project.state())
    for secret in (PASSWORD, MASTER_KEY, server.uri()):
        assert secret not in exported
    with server.client() as client:
        _drift_is_mended(client, project)
        _changes_and_replacements(client, project, given)
        project.succeeds("destroy", "--yes", "--skip-preview")
        assert client.wallet.list_collection_names() == []
        assert client.admin.command({"usersInfo": "service"})["users"] == []
        assert client.encryption["__keyVault"].count_documents({}) == 0


def _drift_is_mended(client: MongoClient[dict[str, Any]], project: ThrowawayProject) -> None:
    client.wallet.things.drop_index("userId_1")
    client.wallet.command({"collMod": "things", "validator": {}})
    client.admin.command({"updateRole": "reader", "privileges": []})
    client.admin.command({"updateUser": "service", "pwd": "by hand", "mechanisms": ["SCRAM-SHA-256"]})
    report = project.succeeds("preview", "--refresh")
    assert "+ 1 to create" in report, report
    assert "~ 3 to update" in report, report
    report = project.succeeds(*UP, "--refresh")
    for done in ("index created", "things updated", "role updated", "user updated"):
        assert f" {done}" in report, report
    assert "secret-word" not in report
    project.succeeds(*UNCHANGED)
    assert names(client) == ["_id_", "userId_1"]


def _changes_and_replacements(
    client: MongoClient[dict[str, Any]], project: ThrowawayProject, given: dict[str, object]
) -> None:
    report = project.succeeds(*UP, **given, lifetime=60, longest=32)
    assert "~ 2 updated" in report, report
    # A document that breaks the next schema stops the update before anything is changed.
    client.wallet.things.insert_one({"_id": "long", "userId": "x" * 20})
    report = project.fails(*UP, **given, lifetime=60, longest=10)
    assert "1 document in wallet.things breaks the new schema; nothing was changed" in report
    assert "_id long (userId has a wrong type or value)" in report
    assert "x" * 20 not in report
    client.wallet.things.delete_many({})

    report = project.succeeds(*UP, **given, longest=10, keys=["userId", "at"])
    assert "+-1 replaced" in report, report
    assert report.index("created replacement") < report.index("deleted original"), report
    assert names(client) == ["_id_", "userId_1_at_1"]
    project.succeeds(*UNCHANGED)

    # Renamed in the program: the new resource takes the index over, and the old one's deletion leaves it there.
    report = project.succeeds(*UP, **given, longest=10, keys=["userId", "at"], index_resource="renamed")
    assert "it is now that of renamed" in report, report
    assert names(client) == ["_id_", "userId_1_at_1"]
    project.succeeds(*UNCHANGED)
