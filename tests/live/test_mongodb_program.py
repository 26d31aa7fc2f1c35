"""What a service sees: plain PyMongo with the URIs of `pulumi stack output`, and nothing of this project."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient, ReadPreference
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError, ServerSelectionTimeoutError, WriteError

from tests.fixtures.live_stack import LiveStack
from tests.fixtures.mongo_set import MongoSet

pytestmark = pytest.mark.live

USER = "3f0c9f0e-5d57-4c1b-9a43-6a5c2b1d7e10"
EVERY_COLLECTION = {"designs", "avatars", "catalog-items", "user-preferences", "sessions"}
OWN = {
    "avatar_service": {"avatars", "user-preferences", "sessions"},
    "catalog_service": {"catalog-items", "user-preferences", "sessions"},
    "design_service": {"designs", "user-preferences", "sessions"},
}
MAY_READ = {**OWN, "design_service": OWN["design_service"] | {"avatars", "catalog-items"}}
NOT_AUTHORIZED = 13
AUTHENTICATION_FAILED = 18
FAILED_VALIDATION = 121
DUPLICATE = 11000
TTL_WITHIN_S = 60

Document = dict[str, Any]
Open = Callable[[str], Database[Document]]


@pytest.fixture(scope="module")
def mongodb(stack: LiveStack) -> Mapping[str, Any]:
    """The stack's output of that name."""
    found: Mapping[str, Any] = stack.outputs()["mongodb"]
    return found


@pytest.fixture
def database_of(mongodb: Mapping[str, Any]) -> Iterator[Open]:
    """Opens the database as a user, with nothing but the URI."""
    with contextlib.ExitStack() as clients:

        def open_(user: str) -> Database[Document]:
            uri = mongodb["uri"] if user == "operator" else mongodb["services"][user]
            return clients.enter_context(MongoClient[Document](uri)).get_default_database()

        yield open_


@pytest.fixture
def operator(database_of: Open) -> Iterator[Database[Document]]:
    """The database as the operator; what tests leave in its collections is removed."""
    database = database_of("operator")
    yield database
    for collection in EVERY_COLLECTION:
        database[collection].delete_many({})


def _now() -> dt.datetime:
    # MongoDB keeps milliseconds.
    return dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None)


def design(**changes: Any) -> Document:
    whole = {
        "userId": USER,
        "name": "Summer dress",
        "status": "draft",
        "version": 1,
        "createdAt": _now(),
        "updatedAt": _now(),
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def _refused(call: Callable[[], object]) -> int:
    with pytest.raises(OperationFailure) as caught:
        call()
    return caught.value.code or 0


def test_the_database_holds_the_declared_collections(mongodb: Mapping[str, Any], operator: Database[Document]) -> None:
    assert operator.name == mongodb["database"] == "fashion-wallet-main"
    assert set(operator.list_collection_names()) == EVERY_COLLECTION | {"refused-writes"}


def test_a_document_is_made_read_changed_and_removed(operator: Database[Document], database_of: Open) -> None:
    designs = database_of("design_service")["designs"]
    made = designs.insert_one(design()).inserted_id
    read = designs.find_one({"_id": made})
    assert read is not None
    assert {name: read[name] for name in ("name", "status", "version")} == {
        "name": "Summer dress",
        "status": "draft",
        "version": 1,
    }
    assert designs.update_one({"_id": made}, {"$set": {"status": "published"}}).modified_count == 1
    found = designs.find_one({"userId": USER, "status": "published"})
    assert found is not None
    assert found["_id"] == made
    assert designs.delete_one({"_id": made}).deleted_count == 1


@pytest.mark.parametrize("user", sorted(OWN))
def test_a_service_reads_and_writes_what_is_its_own_and_nothing_else(database_of: Open, user: str) -> None:
    database = database_of(user)
    for collection in sorted(EVERY_COLLECTION):
        nothing = {"_id": ObjectId()}
        if collection in MAY_READ[user]:
            assert database[collection].find_one(nothing) is None
        else:
            assert _refused(lambda c=collection, n=nothing: database[c].find_one(n)) == NOT_AUTHORIZED  # type: ignore[misc]
        if collection in OWN[user]:
            assert database[collection].delete_one(nothing).deleted_count == 0
        else:
            assert _refused(lambda c=collection, n=nothing: database[c].delete_one(n)) == NOT_AUTHORIZED  # type: ignore[misc]


def test_a_service_adds_to_the_counts_of_refused_writes_and_no_more(database_of: Open) -> None:
    counts = database_of("design_service")["refused-writes"]
    assert counts.update_one({"_id": "none"}, {"$inc": {"count": 1}}).modified_count == 0
    assert _refused(lambda: counts.find_one({})) == NOT_AUTHORIZED
    assert _refused(lambda: counts.delete_one({})) == NOT_AUTHORIZED


@pytest.mark.parametrize(
    "forbidden",
    [
        lambda database: database["designs"].drop(),
        lambda database: database.create_collection("more"),
        lambda database: database["designs"].create_index("name"),
        lambda database: database["designs"].drop_index("userId_1"),
        lambda database: database.command("collMod", "designs", validationLevel="off"),
        lambda database: database["designs"].aggregate([{"$out": "stolen"}]).to_list(),
        lambda database: database.client.admin.command("usersInfo", 1),
        lambda database: database.client.admin.command("createUser", "me", pwd="x" * 32, roles=["root"]),
        lambda database: database.client.admin.command("replSetStepDown", 1),
        lambda database: database.client["encryption"]["__keyVault"].delete_many({}),
        lambda database: database.client["other"]["things"].insert_one({}),
    ],
    ids=[
        "drop",
        "create",
        "index",
        "drop index",
        "collMod",
        "$out",
        "users",
        "a user",
        "step down",
        "keys",
        "database",
    ],
)
@pytest.mark.parametrize("user", ["design_service", "operator"])
def test_nobody_changes_structure_users_or_keys(
    database_of: Open, user: str, forbidden: Callable[[Database[Document]], object]
) -> None:
    assert _refused(lambda: forbidden(database_of(user))) == NOT_AUTHORIZED


def test_a_wrong_password_is_refused(mongodb: Mapping[str, Any]) -> None:
    uri = str(mongodb["services"]["avatar_service"])
    login = uri.partition("://")[2].partition("@")[0]
    with MongoClient[Document](uri.replace(login, "avatar_service:wrong")) as client:
        assert _refused(client.get_default_database()["avatars"].find_one) == AUTHENTICATION_FAILED


def test_nobody_reads_anything_without_logging_in(mongodb: Mapping[str, Any], stack: LiveStack) -> None:
    with MongoClient[Document](
        "127.0.0.1", stack.port_base + 70, tls=True, tlsCAFile=str(stack.directory / "ca.crt"), directConnection=True
    ) as client:
        assert _refused(client[mongodb["database"]]["designs"].find_one) == NOT_AUTHORIZED


def test_no_connection_is_made_without_tls(stack: LiveStack) -> None:
    with (
        MongoClient[Document](
            "127.0.0.1", stack.port_base + 70, directConnection=True, serverSelectionTimeoutMS=1500
        ) as client,
        pytest.raises((ServerSelectionTimeoutError, AutoReconnect)),
    ):
        client.admin.command("ping")


@pytest.mark.parametrize(
    "broken",
    [
        {"userId": "me"},
        {"userId": ...},
        {"name": ""},
        {"name": "x" * 256},
        {"status": "lost"},
        {"version": 0},
        {"createdAt": "today"},
        {"layers": "none"},
        {"deletedAt": "never"},
    ],
)
def test_the_validator_refuses_a_broken_design_and_says_why(
    operator: Database[Document], database_of: Open, broken: Document
) -> None:
    designs = database_of("design_service")["designs"]
    with pytest.raises(WriteError) as caught:
        designs.insert_one(design(**broken))
    assert caught.value.code == FAILED_VALIDATION
    assert next(iter(broken)) in str(caught.value.details)


def test_personal_fields_in_clear_text_are_refused(operator: Database[Document], database_of: Open) -> None:
    preferences = database_of("avatar_service")["user-preferences"]
    document = {"userId": USER, "contact": {"email": "ada@example.org"}, "createdAt": _now(), "updatedAt": _now()}
    assert _refused(lambda: preferences.insert_one(document)) == FAILED_VALIDATION


def test_text_is_searched_by_the_weights_of_its_fields(operator: Database[Document], database_of: Open) -> None:
    designs = database_of("design_service")["designs"]
    in_name = designs.insert_one(design(name="linen jacket")).inserted_id
    metadata = {"tags": [], "description": "a jacket of linen", "thumbnailUrl": "https://cdn.example.org/1.webp"}
    in_description = designs.insert_one(design(name="coat", metadata=metadata)).inserted_id
    designs.insert_one(design(name="skirt"))
    score = {"score": {"$meta": "textScore"}}
    found = list(designs.find({"$text": {"$search": "linen"}}, score).sort([("score", {"$meta": "textScore"})]))
    assert [one["_id"] for one in found] == [in_name, in_description]
    # One word among two weighs 10 in the name; one among two that count weighs 5 in the description.
    assert found[0]["score"] == pytest.approx(2 * found[1]["score"], rel=0.2)


def test_sessions_go_when_they_have_expired(stack: LiveStack, operator: Database[Document], database_of: Open) -> None:
    replica_set = MongoSet.of(stack.directory)
    sessions = database_of("avatar_service")["sessions"]
    with replica_set.client() as administrator:
        before = administrator.admin.command("getParameter", ttlMonitorSleepSecs=1)["ttlMonitorSleepSecs"]
        administrator.admin.command("setParameter", ttlMonitorSleepSecs=1)
        try:
            valid = operator["sessions"].options()["validator"]["$jsonSchema"]
            sessions.insert_one(_session(valid, expired=True, number=1))
            kept = sessions.insert_one(_session(valid, expired=False, number=2)).inserted_id
            deadline = time.monotonic() + TTL_WITHIN_S
            while sessions.count_documents({}) > 1:
                assert time.monotonic() < deadline, "the expired session is still there"
                time.sleep(0.2)
        finally:
            administrator.admin.command("setParameter", ttlMonitorSleepSecs=before)
    assert [one["_id"] for one in sessions.find()] == [kept]


def _session(schema: Mapping[str, Any], *, expired: bool, number: int) -> Document:
    """A session with the fields that the validator requires."""
    moment = _now()
    known: Document = {
        "tokenHash": f"{number:064x}",
        "userId": USER,
        "status": "active",
        "version": 1,
        "createdAt": moment - dt.timedelta(hours=2),
        "updatedAt": moment - dt.timedelta(hours=2),
        "lastSeenAt": moment - dt.timedelta(hours=2),
        "expiresAt": moment + dt.timedelta(hours=-1 if expired else 1),
    }
    return {name: known[name] for name in schema["required"]} | {"expiresAt": known["expiresAt"]}


def test_a_transaction_spans_collections_and_shows_nothing_before_its_end(
    operator: Database[Document], database_of: Open
) -> None:
    database = database_of("design_service")
    client = database.client
    with client.start_session() as session:
        session.start_transaction(read_preference=ReadPreference.PRIMARY)
        database["designs"].insert_one(design(), session=session)
        assert operator["designs"].count_documents({}) == 0
        session.abort_transaction()
    assert operator["designs"].count_documents({}) == 0
    with client.start_session() as session:

        def both(inner: ClientSession) -> None:
            database["designs"].insert_many([design(name="one"), design(name="two")], session=inner)

        session.with_transaction(both, read_preference=ReadPreference.PRIMARY)
    assert operator["designs"].count_documents({}) == 2


def test_a_transaction_goes_through_a_failover(
    stack: LiveStack, operator: Database[Document], database_of: Open
) -> None:
    """The driver calls the callback again where the primary dies under it; what it did happens once."""
    replica_set = MongoSet.of(stack.directory)
    replica_set.until_whole()
    database = database_of("design_service")
    designs = database["designs"]
    killed: list[str] = []

    def work(session: ClientSession) -> None:
        designs.insert_one(design(name="first"), session=session)
        if not killed:
            killed.append(replica_set.primary())
            replica_set.kill(killed[0])
        designs.insert_one(design(name="second"), session=session)

    with database.client.start_session() as session:
        session.with_transaction(work, read_preference=ReadPreference.PRIMARY)
    replica_set.until_whole()
    assert sorted(one["name"] for one in _found(operator)) == ["first", "second"]
    assert replica_set.primary() != killed[0]


def _found(operator: Database[Document]) -> list[Document]:
    deadline = time.monotonic() + TTL_WITHIN_S
    while True:
        try:
            return list(operator["designs"].find())
        except PyMongoError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def test_two_living_avatars_of_a_user_have_different_names(operator: Database[Document], database_of: Open) -> None:
    avatars = database_of("avatar_service")["avatars"]
    avatar = {
        "userId": USER,
        "name": "Me",
        "status": "pending",
        "version": 1,
        "createdAt": _now(),
        "updatedAt": _now(),
    }
    first = avatars.insert_one({**avatar}).inserted_id
    assert _refused(lambda: avatars.insert_one({**avatar})) == DUPLICATE
    avatars.update_one({"_id": first}, {"$set": {"deletedAt": _now()}})
    assert avatars.insert_one({**avatar}).acknowledged
