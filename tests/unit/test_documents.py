"""The definitions of MongoDB's collections are the specification's, and page and types follow from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mypy import api as mypy

from components.mongodb import documents_python, documents_reference
from components.mongodb.document_schema import Field, fields, find, is_open
from components.mongodb.documents import CollectionDefinition, IndexDefinition, encrypted_fields, load
from walletdb import documents

PROJECT = Path(__file__).parents[2]
DEFINITIONS = load()
OF_USERS = [each for each in DEFINITIONS if each.name != "refused-writes"]
UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

# Spec 4.3.1, as (collection, keys, options).
STANDARD_INDEXES = [
    ("designs", {"userId": 1}, {}),
    ("designs", {"status": 1}, {}),
    ("designs", {"createdAt": -1}, {}),
    ("designs", {"userId": 1, "status": 1, "createdAt": -1}, {}),
    (
        "designs",
        {"name": "text", "metadata.description": "text"},
        {"weights": {"name": 10, "metadata.description": 5}},
    ),
    ("designs", {"deletedAt": 1}, {"sparse": True}),
    ("sessions", {"expiresAt": 1}, {"expire_after_seconds": 0}),
    # The specification's filter is refused by MongoDB; documents/avatars.yaml says what stands for it.
    ("avatars", {"userId": 1, "name": 1}, {"unique": True, "partial_filter": {"deletedAt": None}}),
]
SPEC_DESIGN = {
    "userId": {"bsonType": "string", "pattern": "^[0-9a-f-]{36}$"},
    "name": {"bsonType": "string", "minLength": 1, "maxLength": 255},
    "status": {"enum": ["draft", "published", "archived"]},
    "layers": {"bsonType": "array"},
    "metadata": {"bsonType": "object"},
    "version": {"bsonType": "int", "minimum": 1},
    "createdAt": {"bsonType": "date"},
    "updatedAt": {"bsonType": "date"},
    "deletedAt": {"bsonType": ["date", "null"]},
}

names = st.from_regex(r"[a-z][a-zA-Z0-9]{0,5}", fullmatch=True)
leaves = st.sampled_from(["string", "int", "date"]).map(lambda kind: {"bsonType": kind, "description": "d"})
schemas = st.recursive(
    leaves,
    lambda inner: (
        st.dictionaries(names, inner, min_size=1, max_size=3).map(
            lambda properties: {"bsonType": "object", "description": "d", "properties": properties}
        )
        | inner.map(lambda items: {"bsonType": "array", "description": "d", "items": items})
    ),
    max_leaves=8,
)


@given(schema=st.dictionaries(names, schemas, min_size=1, max_size=4).map(lambda found: {"properties": found}))
def test_every_field_is_found_by_its_path(schema: dict[str, Any]) -> None:
    found = list(fields(schema))
    assert len({field.path for field in found}) == len(found)
    for field in found:
        first = find(schema, field.dotted)
        assert first is not None
        assert first.dotted == field.dotted
        assert first.path.startswith(field.path.rstrip("[]")) or field.path.startswith(first.path)
        assert follow(schema, field) is field.schema
    assert find(schema, "no.such") is None


def follow(schema: Any, field: Field) -> Any:
    """The schema at a path, by another way than the code's."""
    for part in re.findall(r"\w+|\[\]", field.path):
        schema = schema["items"] if part == "[]" else schema["properties"][part]
    return schema


def test_the_collections_are_those_of_the_specification_and_one_for_monitoring() -> None:
    assert [each.name for each in OF_USERS] == [
        "avatars",
        "catalog-items",
        "designs",
        "sessions",
        "user-preferences",
    ]
    assert {each.name for each in DEFINITIONS} == {each.name for each in OF_USERS} | {"refused-writes"}
    assert all(each.name.endswith("s") for each in DEFINITIONS)  # plural, spec 4.2.1


@pytest.mark.parametrize("collection,keys,options", STANDARD_INDEXES, ids=str)
def test_every_standard_index_is_there(collection: str, keys: dict[str, Any], options: dict[str, Any]) -> None:
    (found,) = [index for index in definition(collection).indexes if index.keys == tuple(keys.items())]
    assert found == IndexDefinition(keys=tuple(keys.items()), purpose=found.purpose, **options)


def test_designs_are_validated_as_the_specification_says() -> None:
    designs = definition("designs")
    assert (designs.validation_level, designs.validation_action) == ("moderate", "error")
    assert designs.schema["required"] == ["userId", "name", "status", "createdAt", "updatedAt"]
    for name, expected in SPEC_DESIGN.items():
        found = designs.schema["properties"][name]
        assert {key: found[key] for key in expected} == expected
    interface = {"avatarId", "catalogItemIds", "history", "_id"}
    assert set(designs.schema["properties"]) == {*SPEC_DESIGN, *interface}


def test_shard_keys_are_those_of_the_specification() -> None:
    assert definition("designs").shard_key == (("userId", 1), ("_id", 1))
    assert definition("avatars").shard_key == (("userId", 1),)


@pytest.mark.parametrize("collection", DEFINITIONS, ids=lambda each: each.name)
def test_shard_keys_are_prefixes(collection: CollectionDefinition) -> None:
    size = len(collection.shard_key)
    plain = [index for index in collection.indexes if not (index.sparse or index.partial_filter)]
    assert not size or any(index.keys[:size] == collection.shard_key for index in plain)
    for index in collection.indexes:
        assert not index.unique or index.keys[:size] == collection.shard_key


@pytest.mark.parametrize("collection", OF_USERS, ids=lambda each: each.name)
def test_conventions(collection: CollectionDefinition) -> None:
    properties = collection.schema["properties"]
    for name, kinds in {"_id": "objectId", "createdAt": "date", "updatedAt": "date", "version": "int"}.items():
        assert properties[name]["bsonType"] == kinds
    assert properties["deletedAt"]["bsonType"] == ["date", "null"]
    assert {"createdAt", "updatedAt"} <= set(collection.schema["required"])
    assert not is_open(collection.schema)
    for field in fields(collection.schema):
        if field.name in {"userId", "brandId"} and collection.name != "designs":
            assert field.schema["pattern"] == UUID
        if "array" in field.schema.get("bsonType", ()):
            assert "maxItems" in field.schema, f"{field.path} may grow without end"
        pattern = field.schema.get("pattern", "")
        if pattern.endswith("$"):  # $ matches before a line break too
            assert "maxLength" in field.schema, field.path


def test_personal_fields_are_encrypted() -> None:
    personal = re.compile(r"email$|phone$|ipAddress|userAgent|(Cm|Kg)$", re.IGNORECASE)
    for collection in DEFINITIONS:
        for field in fields(collection.schema):
            of_value = field.schema.get("bsonType") not in ("bool", "object")
            assert not (personal.search(field.name) and of_value) or field.algorithm, field.path
    everything = [field.name.lower() for each in DEFINITIONS for field in fields(each.schema)]
    assert not {"token", "password", "passwordhash", "cardnumber"} & set(everything)


@pytest.mark.parametrize("collection", DEFINITIONS, ids=lambda each: each.name)
def test_examples_show_every_field(collection: CollectionDefinition) -> None:
    shown = set(paths(documents_reference.example(collection)))
    missing = {field.dotted for field in fields(collection.schema)} - shown - {"deletedAt"}
    assert not missing


def paths(value: object, prefix: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield f"{prefix}{name}"
            yield from paths(each, f"{prefix}{name}.")
    if isinstance(value, list):
        for each in value:
            yield from paths(each, prefix)


def test_the_page_is_what_the_definitions_say() -> None:
    page = PROJECT / "docs" / "reference" / "documents.md"
    command = "python -m components.mongodb.documents_reference > docs/reference/documents.md"
    assert page.read_text() == documents_reference.page(), f"run: {command}"


def test_the_module_is_what_the_definitions_say() -> None:
    module = PROJECT / "walletdb" / "documents.py"
    command = "python -m components.mongodb.documents_python > walletdb/documents.py"
    assert module.read_text() == documents_python.module(), f"run: {command}"


def test_the_page_says_what_refers_to_what() -> None:
    assert set(documents_reference.references(DEFINITIONS)) == {
        ("avatars", "userId", "users in PostgreSQL"),
        ("catalog-items", "brandId", "users in PostgreSQL"),
        ("designs", "userId", "users in PostgreSQL"),
        ("designs", "history[].changedBy", "users in PostgreSQL"),
        ("designs", "avatarId", "avatars"),
        ("designs", "catalogItemIds", "catalog-items"),
        ("sessions", "userId", "users in PostgreSQL"),
        ("user-preferences", "userId", "users in PostgreSQL"),
        ("user-preferences", "style.favoriteBrandIds", "users in PostgreSQL"),
    }


@pytest.mark.parametrize("collection", DEFINITIONS, ids=lambda each: each.name)
def test_the_types_have_the_fields_of_their_collection(collection: CollectionDefinition) -> None:
    kind = getattr(documents, documents.COLLECTIONS[collection.name])
    assert set(kind.__annotations__) == set(collection.schema["properties"])
    assert documents.ENCRYPTED_FIELDS[collection.name] == encrypted_fields(collection)
    assert set(documents.COLLECTIONS) == set(documents.ENCRYPTED_FIELDS) == {each.name for each in DEFINITIONS}


TYPED = """
from datetime import datetime, timezone
from pymongo import MongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.collection import Collection
from walletdb.documents import Design

def use(designs: Collection[Design], others: AsyncCollection[Design], client: MongoClient[Design]) -> None:
    now = datetime.now(timezone.utc)
    designs.insert_one({"userId": "u", "name": "n", "status": "draft", "createdAt": now, "updatedAt": now})
    found = designs.find_one({"userId": "u"})
    if found is not None:
        name: str = found["name"]
        deleted: datetime | None = found.get("deletedAt")
    designs.insert_one({"userId": "u", "name": "n", "status": "drafft", "createdAt": now, "updatedAt": now})  # wrong
    if found is not None:
        found["nmae"]  # wrong
"""


def test_the_types_fit_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    program = tmp_path / "typed.py"
    program.write_text(TYPED)
    out, failed, _ = mypy.run(["--no-error-summary", str(program)])
    assert not failed
    wrong = {number for number, line in enumerate(TYPED.splitlines(), 1) if line.endswith("# wrong")}
    errors = {int(number) for number in re.findall(r"^\S*typed\.py:(\d+): error:", out, re.MULTILINE)}
    assert errors == wrong, out


def definition(name: str) -> CollectionDefinition:
    return next(each for each in DEFINITIONS if each.name == name)
