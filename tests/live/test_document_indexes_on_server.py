"""The indexes on a real server: each serves its purpose, what is unique stays so, and sharding stays possible."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from bson import ObjectId
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError, OperationFailure

from tests.fixtures.document_server import (
    DEFINITIONS,
    FAR,
    NOW,
    Document,
    DocumentServer,
    digits,
    document_server,
    user,
)

pytestmark = pytest.mark.live

DEADLINE_S = 60.0
SOME = 400


@pytest.fixture(scope="module")
def server() -> Iterator[DocumentServer]:
    with document_server() as found:
        yield found


@pytest.fixture
def collection(server: DocumentServer, request: pytest.FixtureRequest) -> Iterator[Collection[Document]]:
    """The collection that the test's parameter names, empty before and after."""
    found = server.database[request.param]
    found.delete_many({})
    yield found
    found.delete_many({})


each_collection = pytest.mark.parametrize("collection", DEFINITIONS, indirect=True)


VARIED: dict[str, Callable[[int], Document]] = {
    "designs": lambda n: {
        "status": ["draft", "published", "archived"][n % 3],
        "avatarId": digits(n % 7),
        "catalogItemIds": [digits(n % 50), digits(50 + n % 11)],
    },
    "avatars": lambda n: {
        "isDefault": n < 20,
        "status": ["pending", "processing", "ready", "failed"][n // 20 % 4],
    },
    "catalog-items": lambda n: {
        "brandId": user(n % 20),
        "sku": f"S-{n}",
        "type": ["fabric", "trim", "pattern"][n % 3],
        "status": ["draft", "published"][n // 3 % 2],
        "category": f"a/{n % 10}/b",
        "tags": [f"t{n % 12}"],
        "price": {"amountMinor": n * 7 % 1000, "currency": ["EUR", "USD"][n // 6 % 2]},
    },
    "user-preferences": lambda n: {
        "userId": user(n),
        "timeZone": ["Europe/Vienna", "Asia/Tokyo"][n % 2],
        "notifications": {"digest": ["none", "daily", "weekly"][n // 2 % 3]},
    },
    "sessions": lambda n: {"tokenHash": digits(n, 64), "expiresAt": FAR + timedelta(hours=n)},
}
ADDRESS = object()

# The query that an index's purpose speaks of: filter, and the order where the index gives it.
QUERIES: dict[tuple[str, str], tuple[Document, list[tuple[str, int]]]] = {
    ("designs", "userId_1"): ({"userId": user(3)}, []),
    ("designs", "status_1"): ({"status": "published"}, []),
    ("designs", "createdAt_-1"): ({"createdAt": {"$gte": NOW + timedelta(hours=300)}}, [("createdAt", -1)]),
    ("designs", "userId_1_status_1_createdAt_-1"): ({"userId": user(3), "status": "draft"}, [("createdAt", -1)]),
    ("designs", "name_text_metadata.description_text"): ({"$text": {"$search": "37"}}, []),
    ("designs", "deletedAt_1"): ({"deletedAt": {"$lt": FAR}}, []),
    ("designs", "userId_1__id_1"): ({"userId": user(3), "_id": {"$gt": ObjectId(digits(9))}}, [("_id", 1)]),
    ("designs", "userId_1_avatarId_1"): ({"userId": user(3), "avatarId": digits(3)}, []),
    ("designs", "catalogItemIds_1"): ({"catalogItemIds": digits(3)}, []),
    ("avatars", "userId_1_name_1"): ({"userId": user(3), "name": "name 43", "deletedAt": None}, []),
    ("avatars", "userId_1_isDefault_1"): ({"userId": user(3), "isDefault": True, "deletedAt": None}, []),
    ("avatars", "userId_1_updatedAt_-1"): ({"userId": user(3)}, [("updatedAt", -1)]),
    ("avatars", "status_1_updatedAt_1"): ({"status": "processing", "updatedAt": {"$lt": FAR}}, [("updatedAt", 1)]),
    ("avatars", "deletedAt_1"): ({"deletedAt": {"$lt": FAR}}, []),
    ("catalog-items", "brandId_1_sku_1"): ({"brandId": user(3), "sku": "S-3"}, []),
    ("catalog-items", "type_1_status_1_createdAt_-1"): (
        {"type": "fabric", "status": "published"},
        [("createdAt", -1)],
    ),
    ("catalog-items", "category_1_status_1_createdAt_-1"): (
        {"category": "a/3/b", "status": "published"},
        [("createdAt", -1)],
    ),
    ("catalog-items", "type_1_status_1_price.currency_1_price.amountMinor_1"): (
        {"type": "trim", "status": "draft", "price.currency": "EUR", "price.amountMinor": {"$gte": 100, "$lt": 500}},
        [("price.amountMinor", 1)],
    ),
    ("catalog-items", "tags_1_status_1"): ({"tags": "t3", "status": "published"}, []),
    ("catalog-items", "name_text_tags_text_description_text"): ({"$text": {"$search": "37"}}, []),
    ("catalog-items", "deletedAt_1"): ({"deletedAt": {"$lt": FAR}}, []),
    ("user-preferences", "userId_1"): ({"userId": user(3)}, []),
    ("user-preferences", "contact.email_1"): ({"contact.email": ADDRESS}, []),
    ("user-preferences", "notifications.digest_1_timeZone_1"): (
        {"notifications.digest": "weekly", "timeZone": "Asia/Tokyo"},
        [],
    ),
    ("user-preferences", "deletedAt_1"): ({"deletedAt": {"$lt": FAR}}, []),
    ("sessions", "tokenHash_1"): ({"tokenHash": digits(3, 64)}, []),
    ("sessions", "userId_1_expiresAt_-1"): ({"userId": user(3), "expiresAt": {"$gt": NOW}}, [("expiresAt", -1)]),
    ("sessions", "expiresAt_1"): ({"expiresAt": {"$gt": NOW, "$lt": FAR + timedelta(hours=9)}}, []),
}


@pytest.fixture(scope="module")
def filled(server: DocumentServer) -> Iterator[DocumentServer]:
    """A database of its own, every collection with documents of 20 users, all of them valid."""
    other = server.another("filled")
    for name, vary in VARIED.items():
        base = server.document(name)
        documents = [
            {
                **copy.deepcopy(base),
                "_id": ObjectId(digits(number + 1)),
                "userId": user(number % 20),
                "createdAt": NOW + timedelta(hours=number * 17 % SOME),
                "updatedAt": NOW + timedelta(hours=number * 31 % SOME),
                "deletedAt": NOW if number % 9 == 8 else None,
                **({"name": f"name {number}"} if "name" in base else {}),
                **vary(number),
            }
            for number in range(SOME)
        ]
        if name == "catalog-items":
            for document in documents:
                del document["userId"]
        if name == "user-preferences":
            for number, document in enumerate(documents):
                document["contact"] = {"email": server.sealed(f"user{number}@example.org", "deterministic")}
        other.database[name].insert_many(documents)
    yield other
    server.database.client.drop_database(other.database)


def test_every_index_has_its_query() -> None:
    assert set(QUERIES) == {(name, index.default_name) for name, each in DEFINITIONS.items() for index in each.indexes}


@pytest.mark.parametrize("collection,index", QUERIES, ids=[":".join(each) for each in QUERIES])
def test_an_index_serves_its_purpose(filled: DocumentServer, collection: str, index: str) -> None:
    condition, order = QUERIES[collection, index]
    address = filled.sealed("user3@example.org", "deterministic")
    condition = {path: address if value is ADDRESS else value for path, value in condition.items()}
    cursor = filled.database[collection].find(condition)
    plan = (cursor.sort(order) if order else cursor).explain()
    stages = list(inside(plan["queryPlanner"]["winningPlan"], "stage"))
    assert set(inside(plan["queryPlanner"]["winningPlan"], "indexName")) == {index}
    assert {"IXSCAN", "TEXT_MATCH"} & set(stages)
    assert not {"COLLSCAN", "SORT"} & set(stages)
    done = plan["executionStats"]
    assert 0 < done["nReturned"] < SOME
    assert done["totalKeysExamined"] <= done["nReturned"] + 1


def inside(plan: object, key: str) -> Iterator[str]:
    if isinstance(plan, dict):
        if key in plan:
            yield plan[key]
        for each in plan.values():
            yield from inside(each, key)
    if isinstance(plan, list):
        for each in plan:
            yield from inside(each, key)


def test_a_category_is_found_with_all_below_it(filled: DocumentServer) -> None:
    plan = filled.database["catalog-items"].find({"category": {"$regex": "^a/3/"}, "status": "published"}).explain()
    assert set(inside(plan["queryPlanner"]["winningPlan"], "indexName")) == {"category_1_status_1_createdAt_-1"}
    assert plan["executionStats"]["nReturned"] > 0


def test_words_weigh_as_declared(server: DocumentServer) -> None:
    designs = server.database["designs"]
    designs.delete_many({})
    base = {"userId": user(1), "status": "draft", "createdAt": NOW, "updatedAt": NOW}
    designs.insert_one({**base, "name": "coat", "metadata": {"description": "velvet"}})
    designs.insert_one({**base, "name": "velvet", "metadata": {"description": "coat"}})
    score = {"score": {"$meta": "textScore"}}
    first, second = designs.find({"$text": {"$search": "velvet"}}, score).sort([("score", {"$meta": "textScore"})])
    assert (first["name"], first["score"] / second["score"]) == ("velvet", 2.0)
    designs.delete_many({})


def test_a_name_is_unique_among_living_avatars_and_free_after_deletion(server: DocumentServer) -> None:
    """Both ways of being alive count, deletedAt missing and null; a deleted one cannot come back to a taken name."""
    avatars = server.database["avatars"]
    avatars.delete_many({})
    base = {"userId": user(1), "name": "Me", "status": "ready", "version": 1, "createdAt": NOW, "updatedAt": NOW}
    first = avatars.insert_one(dict(base)).inserted_id
    for alive in ({}, {"deletedAt": None}):
        with pytest.raises(DuplicateKeyError):
            avatars.insert_one({**base, **alive})
    avatars.insert_one({**base, "userId": user(2)})
    avatars.update_one({"_id": first}, {"$set": {"deletedAt": NOW}})
    second = avatars.insert_one({**base, "deletedAt": None}).inserted_id
    with pytest.raises(DuplicateKeyError):
        avatars.update_one({"_id": first}, {"$set": {"deletedAt": None}})
    avatars.update_one({"_id": second}, {"$set": {"deletedAt": NOW}})
    avatars.update_one({"_id": first}, {"$unset": {"deletedAt": ""}})
    assert avatars.count_documents({"userId": user(1), "name": "Me", "deletedAt": None}) == 1
    avatars.delete_many({})


def test_the_filter_of_the_specification_is_refused(server: DocumentServer) -> None:
    """If a server ever takes it, documents/avatars.yaml can say what the specification says."""
    filter_ = {"deletedAt": {"$exists": False}}
    with pytest.raises(OperationFailure, match="not supported in partial index"):
        server.database["elsewhere"].create_index([("name", 1)], unique=True, partialFilterExpression=filter_)


@pytest.mark.parametrize(
    "collection,same",
    [
        ("avatars", {"userId": user(1), "isDefault": True}),
        ("catalog-items", {"brandId": user(1), "sku": "S-1"}),
        ("user-preferences", {"userId": user(1)}),
        ("sessions", {"tokenHash": digits(1, 64)}),
    ],
    indirect=["collection"],
)
def test_what_is_unique_stays_so(collection: Collection[Document], server: DocumentServer, same: Document) -> None:
    def another(number: int, values: Document) -> Document:
        named = {"name": f"name {number}"} if collection.name == "avatars" else {}
        return {**server.document(collection.name), **named, "_id": ObjectId(), **values}

    collection.insert_one(another(1, same))
    with pytest.raises(DuplicateKeyError):
        collection.insert_one(another(2, same))
    first, *_ = same
    different = {**same, first: user(2) if first != "tokenHash" else digits(2, 64)}
    collection.insert_one(another(3, different))


def test_an_expired_session_is_removed_and_no_other(server: DocumentServer) -> None:
    sessions = server.database["sessions"]
    document = server.document("sessions")
    expired, valid = ObjectId(), ObjectId()
    past = {**document, "_id": expired, "tokenHash": digits(1000, 64), "expiresAt": NOW - timedelta(days=365)}
    sessions.insert_one({**document, "_id": valid, "tokenHash": digits(1001, 64)})
    sessions.insert_one(past)
    deadline = time.monotonic() + DEADLINE_S
    while sessions.find_one({"_id": expired}):
        assert time.monotonic() < deadline, f"waited {DEADLINE_S:g} s for the expired session to go"
        time.sleep(0.1)
    assert sessions.find_one({"_id": valid})
    sessions.delete_one({"_id": valid})


@each_collection
def test_indexes_are_ready_for_sharding(collection: Collection[Document]) -> None:
    """By what the server has: unique indexes start with the shard key, and an index of all documents does (7.2)."""
    shard_key = list(DEFINITIONS[collection.name].shard_key)
    made = {name: index for name, index in collection.index_information().items() if name != "_id_"}
    assert set(made) == {index.default_name for index in DEFINITIONS[collection.name].indexes}
    if not shard_key:
        return
    starts = {name: index["key"][: len(shard_key)] == shard_key for name, index in made.items()}
    assert all(starts[name] for name, index in made.items() if index.get("unique"))
    whole = [name for name, index in made.items() if not {"sparse", "partialFilterExpression"} & set(index)]
    assert any(starts[name] for name in whole)


def test_the_server_takes_the_shard_keys(server: DocumentServer) -> None:
    """By the check that MongoDB makes before it shards a collection; only a role with every action may ask for it."""
    admin = server.database.client["admin"]
    every = [{"resource": {"anyResource": True}, "actions": ["anyAction"]}]
    admin.command("createRole", "every", privileges=every, roles=[])
    admin.command("grantRolesToUser", "root", roles=["every"])

    def check(name: str, shard_key: Document) -> Document:
        return admin.command("checkShardingIndex", f"{server.database.name}.{name}", keyPattern=shard_key)

    for name, definition in DEFINITIONS.items():
        if definition.shard_key:
            assert check(name, dict(definition.shard_key))["ok"]
    # The partial index of that form cannot carry a shard key, so the answer above is not given to anything.
    with pytest.raises(OperationFailure, match="find valid index"):
        check("avatars", {"userId": 1, "name": 1})
