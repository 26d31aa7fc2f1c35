"""Collections and indexes as resources, on a real replica set: what changes in place, what is refused, what drifts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import WriteError

from localproc.service import RUNNING
from plugins.base.errors import PartialFailure, ProviderError
from plugins.walletdb import mongo_objects
from tests.fixtures.mongo_plugin import NUMBERS, Made, MongoPlugin, both, collection, index
from tests.fixtures.scratch_mongod import ScratchMongod
from walletdb.mongodb import collections, indexes, progress

pytestmark = pytest.mark.live


@pytest.fixture
def database(client: MongoClient[dict[str, Any]], unique: str) -> Iterator[str]:
    yield unique
    client.drop_database(unique)


@pytest.fixture
def things(client: MongoClient[dict[str, Any]], database: str) -> Any:
    """The collection, made by hand and without a validator."""
    return client[database].create_collection("things")


def names(things: Any) -> list[str]:
    return sorted(each["name"] for each in things.list_indexes())


# Collections.


def test_a_collection_is_made_with_its_validator_and_dropped(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], database: str
) -> None:
    made = plugin.create("MongoCollection", collection(database))
    assert (made.id, made.status) == (f"{database}.things", RUNNING)
    made.assert_settled()
    client[database].things.insert_one({"n": 1})
    with pytest.raises(WriteError, match="failed validation"):
        client[database].things.insert_one({"n": "one"})
    client[database].things.delete_many({})
    made.delete()
    assert not made.refresh()
    made.delete()


def test_an_existing_collection_is_adopted_with_its_documents(plugin: MongoPlugin, things: Any, database: str) -> None:
    things.insert_one({"n": 1})
    made = plugin.create("MongoCollection", collection(database, validationLevel="moderate"))
    made.assert_settled()
    assert things.count_documents({}) == 1
    assert things.options() == {
        "validator": {"$jsonSchema": NUMBERS},
        "validationLevel": "moderate",
        "validationAction": "error",
    }


@pytest.mark.parametrize("known", [True, False], ids=["changed", "adopted"])
def test_a_schema_that_documents_break_is_refused_and_changes_nothing(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], database: str, *, known: bool
) -> None:
    made = plugin.create("MongoCollection", collection(database, schema={}))
    things = client[database].things
    things.insert_many([{"_id": f"bad-{number}", "n": "a secret value"} for number in range(12)])
    things.insert_many([{"_id": "missing"}, {"_id": "good", "n": 1}])
    before, wanted = things.options(), collection(database)
    change = (lambda: made.update(schema=NUMBERS)) if known else lambda: plugin.create("MongoCollection", wanted)
    with pytest.raises(ProviderError) as refused:
        change()
    text = str(refused.value)
    assert f"13 documents in {database}.things break the new schema; nothing was changed" in text
    assert "bad-0 (n has a wrong type or value); bad-1 " in text
    assert "and 3 more" in text
    assert "a secret value" not in text
    assert things.options() == before

    things.delete_many({"_id": {"$regex": "^bad-"}})
    with pytest.raises(ProviderError, match=r"1 document in .* breaks the new schema[\s\S]*missing \(n is missing\)"):
        made.update(schema=NUMBERS)
    with pytest.raises(ProviderError, match=r"good \(n is not in the schema"):
        made.update(schema={"properties": {"_id": {}}, "additionalProperties": False})
    things.delete_one({"_id": "missing"})
    made.update(schema=NUMBERS)
    made.assert_settled()


def test_documents_that_arrive_during_the_change_take_it_back(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plugin.create("MongoCollection", collection(database, schema={}))
    command = collections.command

    def late(where: Any, words: Any) -> Any:
        if "collMod" in words and not where.things.find_one({}):
            where.things.insert_one({"_id": "late"})
        return command(where, words)

    monkeypatch.setattr(collections, "command", late)
    with pytest.raises(ProviderError, match=r"they arrived while it was changed, and the change was taken back"):
        made.update(schema=NUMBERS)
    assert "validator" not in client[database].things.options()


def test_a_validator_changed_by_hand_is_found_and_mended(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], database: str
) -> None:
    made = plugin.create("MongoCollection", collection(database))
    client[database].command({"collMod": "things", "validator": {}, "validationAction": "warn"})
    assert made.mend() == "changed: schema, validationAction"
    assert client[database].things.options()["validator"] == {"$jsonSchema": NUMBERS}
    client[database].drop_collection("things")
    assert not made.refresh()


def test_a_collection_with_documents_is_only_dropped_where_allowed(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plugin.create("MongoCollection", collection(database))
    things = client[database].things
    things.insert_many([{"n": 1}, {"n": 2}])
    with pytest.raises(ProviderError, match=r"about 2 documents[\s\S]*`fashion-wallet:allowDataLoss`"):
        made.delete()
    made.assert_settled()

    # Also where they arrive between the look and the drop: the collection is as it was then.
    things.delete_many({})
    command = collections.command

    def late(where: Any, words: Any) -> Any:
        if "collMod" in words and words["validator"] == {"$alwaysFalse": 1}:
            where.things.insert_one({"n": 3})
        return command(where, words)

    monkeypatch.setattr(collections, "command", late)
    with pytest.raises(ProviderError, match="about 1 document\n"):
        made.delete()
    made.assert_settled()
    made.update(allowDrop=True)
    made.delete()
    assert "things" not in client[database].list_collection_names()


@pytest.mark.parametrize(
    "options,said",
    [
        ({"viewOn": "others"}, "a view has its name"),
        ({"capped": True, "size": 4096}, "a capped collection has its name"),
        ({"timeseries": {"timeField": "at"}}, "a timeseries has its name"),
    ],
)
def test_what_is_no_plain_collection_is_refused(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], database: str, options: dict[str, Any], said: str
) -> None:
    client[database].create_collection("things", **options)
    with pytest.raises(ProviderError, match=said):
        plugin.create("MongoCollection", collection(database))


def test_two_that_make_the_same_at_once_both_succeed(
    plugin: MongoPlugin, client: MongoClient[dict[str, Any]], database: str
) -> None:
    def make(kind: str, props: dict[str, Any]) -> list[Exception]:
        return both(*(lambda: plugin.create(kind, props) for _ in range(2)))

    assert make("MongoCollection", collection(database)) == []
    assert make("MongoIndex", index(database, ("a", 1), unique=True)) == []
    assert names(client[database].things) == ["_id_", "a_1"]


def test_an_object_stays_when_its_resource_is_renamed_in_the_program(
    server: ScratchMongod, client: MongoClient[dict[str, Any]], database: str
) -> None:
    """The engine makes the new resource, which adopts, and deletes the old one afterwards."""
    first = MongoPlugin(server.uri())
    old = [first.create("MongoCollection", collection(database), urn="urn::old")]
    old.append(first.create("MongoIndex", index(database, ("a", 1)), urn="urn::old-index"))
    second = MongoPlugin(server.uri())
    second.create("MongoCollection", collection(database), urn="urn::new")
    second.create("MongoIndex", index(database, ("a", 1)), urn="urn::new-index")
    for made in old:
        made.plugin = second
        made.delete()
    assert names(client[database].things) == ["_id_", "a_1"]
    assert ("info", f"index {database}.things.a_1 stays in MongoDB: it is now that of new-index") in second.said


# Indexes.


def test_an_index_is_made_under_mongodbs_own_name_and_dropped(plugin: MongoPlugin, things: Any, database: str) -> None:
    made = plugin.create("MongoIndex", index(database, ("userId", 1), ("at", -1)))
    assert made.id == f"{database}.things.userId_1_at_-1"
    assert made.outputs["indexName"] == "userId_1_at_-1"
    made.assert_settled()
    made.delete()
    assert names(things) == ["_id_"]
    assert not made.refresh()
    made.delete()


@pytest.mark.parametrize(
    "changes",
    [
        {"unique": True},
        {"sparse": True},
        {"expireAfterSeconds": 60},
        {"partialFilter": {"n": {"$gt": 1}, "gone": False}},
        {"keys": [{"field": "t", "order": "text"}, {"field": "u", "order": "text"}], "weights": {"t": 3}},
        {"keys": [{"field": "a", "order": 1}, {"field": "t", "order": "text"}, {"field": "b", "order": 1}]},
        {"keys": [{"field": "a", "order": "hashed"}]},
        {"keys": [{"field": "place", "order": "2dsphere"}]},
    ],
    ids=str,
)
def test_every_kind_of_index_is_read_back_as_declared_and_adopted(
    plugin: MongoPlugin, things: Any, database: str, changes: dict[str, Any]
) -> None:
    made = plugin.create("MongoIndex", index(database, ("a", 1), **changes))
    made.assert_settled()
    again = plugin.create("MongoIndex", index(database, ("a", 1), **changes))
    assert again.outputs == made.outputs
    assert len(names(things)) == 2


def test_an_index_needs_its_collection(plugin: MongoPlugin, database: str) -> None:
    with pytest.raises(ProviderError, match=f"there is no collection things in {database}"):
        plugin.create("MongoIndex", index(database, ("a", 1)))


def replaced(old: Made, **changes: object) -> tuple[Made, list[str]]:
    """What the engine does with a diff that replaces; also the names of the indexes at the moment between."""
    diff = old.diff(**changes)
    assert diff.replaces
    things = old.plugin
    if diff.delete_before_replace:
        old.delete()
    between = _names(old)
    made = things.create("MongoIndex", {**old.inputs, **changes})
    if not diff.delete_before_replace:
        between = _names(old)
        old.delete()
    return made, between


def _names(made: Made) -> list[str]:
    with MongoClient[dict[str, Any]](made.plugin.uri) as client:
        return names(client[made.inputs["database"]].things)


def test_a_replacement_is_there_before_the_old_index_goes(plugin: MongoPlugin, things: Any, database: str) -> None:
    made = plugin.create("MongoIndex", index(database, ("a", 1)))
    made, between = replaced(made, partialFilter={"n": {"$gt": 1}})
    assert between == ["_id_", "a_1", "a_1~2"]
    assert (made.id, made.outputs["indexName"]) == (f"{database}.things.a_1~2", "a_1~2")
    made.assert_settled()
    made, between = replaced(made, partialFilter={"n": {"$gt": 2}})
    assert between == ["_id_", "a_1", "a_1~2"]
    made, between = replaced(made, partialFilter=None, sparse=True)
    assert between == ["_id_", "a_1", "a_1~2"]
    made, between = replaced(made, keys=[{"field": "b", "order": 1}], sparse=False)
    assert between == ["_id_", "a_1~2", "b_1"]
    made.assert_settled()


def test_uniqueness_is_taken_away_beside_the_old_index(plugin: MongoPlugin, things: Any, database: str) -> None:
    made = plugin.create("MongoIndex", index(database, ("a", 1), unique=True))
    made, between = replaced(made, unique=False)
    assert between == ["_id_", "a_1", "a_1~2"]
    made.assert_settled()


def test_a_text_index_goes_before_another_comes(plugin: MongoPlugin, things: Any, database: str) -> None:
    made = plugin.create("MongoIndex", index(database, ("t", "text"), weights={"t": 2}))
    made, between = replaced(made, weights={"t": 3})
    assert between == ["_id_"]
    made.assert_settled()
    made, between = replaced(made, keys=[{"field": "u", "order": "text"}], weights=None)
    assert between == ["_id_"]
    made.assert_settled()
    with pytest.raises(ProviderError, match=r"does not let it be beside another[\s\S]*one text index a collection"):
        plugin.create("MongoIndex", index(database, ("v", "text")))


def test_how_long_documents_live_changes_in_place(plugin: MongoPlugin, things: Any, database: str) -> None:
    made = plugin.create("MongoIndex", index(database, ("at", 1)))
    for lifetime in (60, 3600):
        assert made.diff(expireAfterSeconds=lifetime).replaces == ()
        made.update(expireAfterSeconds=lifetime)
        made.assert_settled()
        assert things.index_information()["at_1"]["expireAfterSeconds"] == lifetime
    with pytest.raises(ProviderError, match=r"does not let it be beside another[\s\S]*expireAfterSeconds"):
        plugin.create("MongoIndex", index(database, ("at", 1), expireAfterSeconds=5))
    made, between = replaced(made, expireAfterSeconds=None)
    assert between == ["_id_"]
    made.assert_settled()


DUPLICATES = [
    {"_id": 1, "a": "x", "b": 1},
    {"_id": 2, "a": "x", "b": 1},
    {"_id": 3, "a": "x", "b": 1, "gone": True},
    {"_id": 4, "b": 2},
    {"_id": 5, "a": None, "b": 2},
    {"_id": 6, "a": ["p", "q", "q"], "b": 3},
    {"_id": 7, "a": ["q"], "b": 3},
    {"_id": 8, "a": [], "b": 4},
    {"_id": 9, "a": "y", "b": 4},
]


@pytest.mark.parametrize(
    "changes,groups,named,unnamed",
    [
        ({}, 3, ["a = x, b = 1: 3 documents, _id 1, 2, 3", "a = None, b = 2", "a = q, b = 3: 2 documents"], ["_id 8"]),
        ({"sparse": True, "keys": [{"field": "a", "order": 1}]}, 2, ["a = x: 3", "a = q"], ["None"]),
        ({"partialFilter": {"gone": True}}, 0, [], []),
        ({"partialFilter": {"b": {"$lte": 1}}}, 1, ["a = x", "that its partialFilter selects"], ["a = q"]),
    ],
    ids=["all", "sparse", "partial, none", "partial"],
)
def test_duplicates_forbid_a_unique_index_and_are_named(
    plugin: MongoPlugin,
    things: Any,
    database: str,
    changes: dict[str, Any],
    groups: int,
    named: list[str],
    unnamed: list[str],
) -> None:
    things.insert_many(DUPLICATES)
    wanted = index(database, ("a", 1), ("b", 1), unique=True, **changes)
    if not groups:
        plugin.create("MongoIndex", wanted).assert_settled()
        return
    with pytest.raises(ProviderError) as refused:
        plugin.create("MongoIndex", wanted)
    text = str(refused.value)
    assert f"cannot be unique: {groups} group" in text
    assert "nothing was changed" in text
    assert [each for each in named if each not in text] == []
    assert [each for each in unnamed if each in text] == []
    assert names(things) == ["_id_"]


def test_ten_groups_are_named_at_most(plugin: MongoPlugin, things: Any, database: str) -> None:
    things.insert_many([{"a": number // 12} for number in range(12 * 12)])
    with pytest.raises(ProviderError, match=r"12 groups[\s\S]*: 12 documents, _id [^;]*, …;[\s\S]*and 2 more groups"):
        plugin.create("MongoIndex", index(database, ("a", 1), unique=True))


def test_an_index_becomes_unique_in_place_or_stays_as_it_was(
    plugin: MongoPlugin, things: Any, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plugin.create("MongoIndex", index(database, ("a", 1)))
    things.insert_many([{"a": 1}, {"a": 1}])
    assert made.diff(unique=True).replaces == ()
    with pytest.raises(ProviderError, match="1 group of documents"):
        made.update(unique=True)
    made.assert_settled()
    # Also where the look before finds none: they came in between.
    monkeypatch.setattr(indexes, "refuse_duplicates", lambda *_: None)
    with pytest.raises(ProviderError, match=r"1 group\(s\) of documents have equal values; nothing was changed"):
        made.update(unique=True)
    assert things.index_information()["a_1"] == {"v": 2, "key": [("a", 1)]}
    made.assert_settled()
    with pytest.raises(ProviderError, match="documents have equal values; nothing was changed"):
        plugin.create("MongoIndex", index(database, ("a", 1), unique=True))
    monkeypatch.undo()
    things.delete_one({"a": 1})
    made.update(unique=True)
    made.assert_settled()
    assert things.index_information()["a_1"]["unique"] is True


def test_the_first_of_two_changes_is_recorded_when_the_second_fails(
    plugin: MongoPlugin, things: Any, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plugin.create("MongoIndex", index(database, ("at", 1)))
    modify = indexes._modify

    def fails(where: Any, name: str, **changes: object) -> None:
        if "expireAfterSeconds" in changes:
            modify(where, "no such index", **changes)
        modify(where, name, **changes)

    monkeypatch.setattr(indexes, "_modify", fails)
    with pytest.raises(PartialFailure, match="cannot find index") as failed:
        made.update(unique=True, expireAfterSeconds=60)
    monkeypatch.undo()
    assert failed.value.id == made.id
    assert (failed.value.inputs["unique"], failed.value.inputs["expireAfterSeconds"]) == (True, None)
    made.inputs, made.outputs = failed.value.inputs, failed.value.outputs
    assert made.status == "changed: expireAfterSeconds"
    assert made.diff(expireAfterSeconds=60).replaces == ()
    made.update(expireAfterSeconds=60)
    made.assert_settled()


def test_drift_of_an_index_is_found_and_mended(plugin: MongoPlugin, things: Any, database: str) -> None:
    made = plugin.create("MongoIndex", index(database, ("at", 1), unique=True, expireAfterSeconds=60))
    change = things.database.command
    change({"collMod": "things", "index": {"name": "at_1", "expireAfterSeconds": 5}})
    assert made.mend() == "changed: expireAfterSeconds"
    change({"collMod": "things", "index": {"name": "at_1", "hidden": True}})
    assert made.mend() == "changed: hidden"
    things.drop_index("at_1")
    things.create_index("at", expireAfterSeconds=60)
    change({"collMod": "things", "index": {"name": "at_1", "prepareUnique": True}})
    assert made.mend() == "changed: unique"
    things.drop_index("at_1")
    assert not made.refresh()


def test_an_index_of_other_keys_under_its_name_is_replaced(plugin: MongoPlugin, things: Any, database: str) -> None:
    made = plugin.create("MongoIndex", index(database, ("at", 1)))
    things.drop_index("at_1")
    things.create_index("other", name="at_1", sparse=True)
    assert made.refresh()
    assert made.status == "changed: keys, sparse"
    assert made.diff().replaces == ("status",)
    made, between = replaced(made)
    assert between == ["_id_", "at_1", "at_1~2"]
    assert names(things) == ["_id_", "at_1~2"]
    made.assert_settled()

    # An end of life that nobody declared: MongoDB cannot take it away, nor have both at once.
    things.drop_index("at_1~2")
    things.create_index("at", name="at_1~2", expireAfterSeconds=9_999_999)
    assert made.refresh()
    made, between = replaced(made)
    assert between == ["_id_"]
    made.assert_settled()


def test_a_long_build_is_reported_and_two_of_a_collection_are_not_at_once(
    plugin: MongoPlugin,
    things: Any,
    client: MongoClient[dict[str, Any]],
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    things.insert_many([{"a": number, "b": number} for number in range(100)])
    monkeypatch.setattr(progress, "ASK_EVERY_S", 0.2)
    pause = "hangAfterStartingIndexBuild"
    client.admin.command({"configureFailPoint": pause, "mode": "alwaysOn"})
    running: list[set[str]] = []

    def report(severity: str, text: str, ephemeral: bool) -> None:  # noqa: FBT001 - as the engine's sink
        plugin.said.append((severity, text))
        found = client.admin.command({"currentOp": True, "command.createIndexes": "things"})["inprog"]
        running.append({each["command"]["indexes"][0]["name"] for each in found})
        assert ephemeral
        if len(running) >= 3:
            client.admin.command({"configureFailPoint": pause, "mode": "off"})

    monkeypatch.setattr(plugin, "context", lambda *_, **__: mongo_objects.Context(name="thing", sink=report))
    try:
        assert both(*(lambda key=key: plugin.create("MongoIndex", index(database, (key, 1))) for key in "ab")) == []
    finally:
        client.admin.command({"configureFailPoint": pause, "mode": "off"})
    assert any("scanning collection: 100/100" in text for _, text in plugin.said)
    assert [len(each) for each in running[:3]] == [1, 1, 1]
    assert names(things) == ["_id_", "a_1", "b_1"]
