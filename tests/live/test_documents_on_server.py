"""The collections on a real server: what validators accept and refuse."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from pymongo.collection import Collection
from pymongo.errors import OperationFailure, WriteError

from components.mongodb.document_schema import Field, bson_types, fields, is_open
from tests.fixtures.document_server import (
    DEFINITIONS,
    NOW,
    Document,
    DocumentServer,
    document_server,
    user,
)

pytestmark = pytest.mark.live

INVALID = 121  # DocumentValidationFailure


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


def refused(collection: Collection[Document], document: Document) -> bool:
    """Whether the validator refuses a document; anything else that refuses it is an error."""
    try:
        collection.insert_one(document)
    except WriteError as error:
        if error.code != INVALID:
            raise
        return True
    collection.delete_one({"_id": document["_id"]})
    return False


def changed(document: Document, path: str, value: object) -> Document:
    """A copy with one value set; a number in the path is a place in an array, `None` at its end removes."""
    found = copy.deepcopy(document)
    *holders, last = path.split(".")
    holder: Any = found
    for part in holders:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    if value is REMOVED:
        del holder[last]
    elif isinstance(holder, list):
        holder[int(last)] = value
    else:
        holder[last] = value
    return found


REMOVED = object()

BREAKAGES: dict[str, list[tuple[str, object]]] = {
    "designs": [
        ("userId", REMOVED),
        ("userId", "somebody"),
        ("userId", user(1).upper().replace("0", "A")),
        ("userId", user(1) + "\n"),
        ("name", ""),
        ("name", "n" * 256),
        ("status", "deleted"),
        ("layers", {}),
        ("layers", [{}] * 501),
        ("layers.0.type", "button"),
        ("layers.0.data", "red"),
        ("layers.0.order", "1"),
        ("layers.0.colour", "red"),
        ("metadata", []),
        ("metadata.tags", "summer"),
        ("avatarId", ObjectId()),
        ("avatarId", "Me"),
        ("catalogItemIds", ["LIN-0420"]),
        ("version", 0),
        ("version", 1.0),
        ("version", Int64(1)),
        ("history", [{"version": 1, "changedAt": NOW, "changedBy": user(1), "changes": {}}] * 101),
        ("history.0.changedBy", REMOVED),
        ("createdAt", "2026-03-01"),
        ("updatedAt", None),
        ("deletedAt", False),
        ("deletedat", NOW),
    ],
    "avatars": [
        ("userId", "0" * 36),
        ("userId", "00000000-0000-1000-8000-000000000000"),
        ("name", REMOVED),
        ("status", "done"),
        ("isDefault", 1),
        ("model.sizeBytes", 0),
        ("model.sizeBytes", 1.5),
        ("model.url", "http://example"),
        ("model.sha256", "0" * 63),
        ("model.format", "exe"),
        ("appearance.skinTone", "brown"),
        ("measurements.heightCm", 171.5),
        ("measurements.heightCm", None),
        ("measurements.heightCm", Decimal128("171.5")),
        ("measurements.heightCm", Binary(b"171.5", 6)),
        ("measurements.source", "guess"),
        ("measurements.shoeSize", 38),
        ("metadata", [1]),
        ("version", REMOVED),
    ],
    "catalog-items": [
        ("brandId", REMOVED),
        ("sku", "lin-0420"),
        ("sku", "LIN-"),
        ("sku", "LIN-0420\n"),
        ("type", "fabrics"),
        ("category", "/fabrics"),
        ("category", "Fabrics"),
        ("price.amountMinor", 24.9),
        ("price.amountMinor", -1),
        ("price.currency", "eur"),
        ("price.currency", REMOVED),
        ("colors.0.hex", "#D9C7A3"),
        ("sizes", ["M", "M"]),
        ("materials.0.percent", 101),
        ("media.0.url", "javascript:alert(1)"),
        ("tags", [""]),
        ("attributes", "washable"),
        ("attributes", {f"a{number}": number for number in range(201)}),
    ],
    "user-preferences": [
        ("userId", REMOVED),
        ("locale", "german"),
        ("locale", "de_AT"),
        ("timeZone", "Europe/Vienna\n"),
        ("theme", "blue"),
        ("currency", "€"),
        ("contact.email", "ada@example.org"),
        ("contact.email", None),
        ("contact.phone", "+436641234567"),
        ("contact.fax", "+436641234567"),
        ("notifications.email", "yes"),
        ("notifications.digest", "hourly"),
        ("privacy.profileVisibility", "friends"),
        ("style.favoriteColors", ["red"]),
        ("style.favoriteBrandIds", ["ACME"]),
        ("settings", []),
    ],
    "sessions": [
        ("tokenHash", REMOVED),
        ("tokenHash", "c2Vzc2lvbg"),
        ("tokenHash", "0" * 64 + "\n"),
        ("token", "secret"),
        ("expiresAt", REMOVED),
        ("expiresAt", None),
        ("expiresAt", 1772438400),
        ("lastSeenAt", "now"),
        ("device.kind", "toaster"),
        ("device.kind", REMOVED),
        ("ipAddress", "203.0.113.7"),
        ("userAgent", "Mozilla/5.0"),
    ],
    "refused-writes": [("count", 0), ("count", REMOVED), ("count", 1.5), ("lastAt", REMOVED), ("document", {"a": 1})],
}
ROWS = [(name, path, value) for name, rows in BREAKAGES.items() for path, value in rows]


@each_collection
def test_the_example_is_accepted(collection: Collection[Document], server: DocumentServer) -> None:
    assert not refused(collection, server.document(collection.name))


@each_collection
def test_the_least_is_accepted(collection: Collection[Document], server: DocumentServer) -> None:
    required = DEFINITIONS[collection.name].schema["required"]
    document = {name: each for name, each in server.document(collection.name).items() if name in {*required, "_id"}}
    assert not refused(collection, document)
    if "deletedAt" in DEFINITIONS[collection.name].schema["properties"]:
        assert not refused(collection, {**document, "deletedAt": None})
        assert not refused(collection, {**document, "deletedAt": NOW})


def test_what_the_specification_allows_is_accepted(server: DocumentServer) -> None:
    design = {"userId": user(1), "name": "n", "status": "draft", "createdAt": NOW, "updatedAt": NOW}
    more: list[Document] = [
        {"layers": [], "metadata": {}, "catalogItemIds": [], "history": []},
        {"layers": [{"id": "a", "type": "pattern", "data": {}, "order": 0.5}]},
        {"metadata": {"tags": [], "description": "", "thumbnailUrl": "", "more": {"a": 1}}},
        {"version": 1, "deletedAt": NOW},
    ]
    for fields_ in more:
        assert not refused(server.database["designs"], {"_id": ObjectId(), **design, **fields_})


@pytest.mark.parametrize(
    "collection,path,value",
    ROWS,
    ids=[f"{name}-{path}-{number}" for number, (name, path, _) in enumerate(ROWS)],
    indirect=["collection"],
)
def test_one_wrong_field_is_refused(
    collection: Collection[Document], server: DocumentServer, path: str, value: object
) -> None:
    assert refused(collection, changed(server.document(collection.name), path, value))


@each_collection
def test_every_field_is_held_to_its_schema(collection: Collection[Document], server: DocumentServer) -> None:
    """Each field of the example in turn: of a wrong type, missing, with a line break, beside an unknown one."""
    document = server.document(collection.name)
    tried, passed = 0, []
    for field in fields(DEFINITIONS[collection.name].schema):
        for what, path, value in wrong_ways(field, server):
            tried += 1
            if not refused(collection, changed(document, path, value)):
                passed.append((what, path))
    assert passed == []
    assert tried > 2 * len(list(fields(DEFINITIONS[collection.name].schema))) - 10


def wrong_ways(field: Field, server: DocumentServer) -> Iterator[tuple[str, str, object]]:
    path = field.path.replace("[]", ".0")
    # Of no field; but the server itself refuses a regular expression as _id, before its validator does.
    yield "type", path, 1.5 if path == "_id" else re.compile("x")
    if field.algorithm:
        yield "clear", path, "x"
        yield "another type encrypted", path, server.sealed({"a": 1})
        yield "not encrypted", path, Binary(b"x", 0)
    if field.required:
        yield "missing", path, REMOVED
    if "pattern" in field.schema and field.schema["pattern"].endswith(("$", "$(?!\\n)")):
        yield "line break", path, at_path(server.document(collection_of(field)), path) + "\n"
    if "properties" in field.schema and not is_open(field.schema):
        yield "unknown", f"{path}.unknownField", 1
    if "null" not in bson_types(field.schema):
        yield "null", path, None


def collection_of(field: Field) -> str:
    return next(
        name for name, each in DEFINITIONS.items() if any(one.schema is field.schema for one in fields(each.schema))
    )


def at_path(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def test_what_was_encrypted_can_be_read_and_found(server: DocumentServer) -> None:
    people = server.database["user-preferences"]
    people.delete_many({})
    people.insert_one(server.document("user-preferences"))
    found = people.find_one({"contact.email": server.sealed("ada@example.org", "deterministic")})
    assert found is not None
    assert server.encryption.decrypt(found["contact"]["email"]) == "ada@example.org"
    assert people.find_one({"contact.email": server.sealed("eve@example.org", "deterministic")}) is None
    assert people.find_one({"contact.phone": server.sealed("+436641234567")}) is None
    people.delete_many({})


@each_collection
def test_validators_are_on_the_server_as_declared(collection: Collection[Document]) -> None:
    definition, found = DEFINITIONS[collection.name], collection.options()
    assert json.loads(json.dumps(found["validator"]["$jsonSchema"])) == definition.schema
    assert found["validationLevel"] == definition.validation_level
    assert found["validationAction"] == definition.validation_action


def test_moderate_leaves_alone_what_was_invalid_before(server: DocumentServer) -> None:
    designs = server.database["designs"]
    designs.delete_many({})
    server.database.command("insert", "designs", documents=[{"_id": 1, "name": "old"}], bypassDocumentValidation=True)
    designs.update_one({"_id": 1}, {"$set": {"name": "renamed"}})
    assert designs.find_one({"_id": 1}) == {"_id": 1, "name": "renamed"}
    designs.delete_many({})


def test_encryption_is_taken_at_level_strict_only(server: DocumentServer) -> None:
    """If a server ever takes it, the loader's rule can go."""
    schema = DEFINITIONS["sessions"].schema
    with pytest.raises(OperationFailure, match="not allowed in this context"):
        server.database.create_collection("more", validator={"$jsonSchema": schema}, validationLevel="moderate")
