"""What the loader of MongoDB's collections refuses, one case a row, and how it says so."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from components.mongodb import documents_python
from components.mongodb.documents import CollectionDefinition, IndexDefinition, encrypted_fields, load
from components.mongodb.errors import DocumentsError

DETERMINISTIC = "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic"
RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"

SOUND: dict[str, Any] = {
    "description": "Things of users.",
    "validationLevel": "strict",
    "validationAction": "error",
    "shardKey": {"userId": 1},
    "indexes": [
        {"keys": {"userId": 1, "name": 1}, "purpose": "a thing by its name", "unique": True},
        {"keys": {"contact.email": 1}, "purpose": "who has an address", "sparse": True},
        {"keys": {"name": "text"}, "purpose": "search", "weights": {"name": 2}},
        {"keys": {"expiresAt": 1}, "purpose": "removes them", "expireAfterSeconds": 0},
        {"keys": {"parts.kind": 1}, "purpose": "things with a part", "partialFilter": {"deletedAt": None}},
    ],
    "schema": {
        "bsonType": "object",
        "required": ["userId"],
        "additionalProperties": False,
        "properties": {
            "_id": {"bsonType": "objectId", "description": "identifier"},
            "userId": {"bsonType": "string", "pattern": "^u", "description": "owner"},
            "name": {"bsonType": "string", "minLength": 1, "maxLength": 9, "description": "name"},
            "tags": {"bsonType": "array", "items": {"bsonType": "string"}, "description": "words"},
            "parts": {
                "bsonType": "array",
                "description": "parts",
                "items": {
                    "bsonType": "object",
                    "required": ["kind"],
                    "properties": {"kind": {"enum": ["a", "b"], "description": "kind"}},
                },
            },
            "contact": {
                "bsonType": "object",
                "description": "contact",
                "properties": {
                    "email": {"encrypt": {"bsonType": "string", "algorithm": DETERMINISTIC}, "description": "e-mail"},
                    "phone": {"encrypt": {"bsonType": "string", "algorithm": RANDOM}, "description": "telephone"},
                },
            },
            "expiresAt": {"bsonType": "date", "description": "end"},
            "deletedAt": {"bsonType": ["date", "null"], "description": "deletion"},
        },
    },
}
PROPERTIES = "schema.properties"
CONTACT = f"{PROPERTIES}.contact.properties"
REMOVED = object()

# What is set where, and of the problem: the end of its path, and words of its text.
REFUSED: list[tuple[str, Any, str, str]] = [
    ("description", REMOVED, "things.yaml: description", "is missing"),
    ("description", " ", "things.yaml: description", "one sentence"),
    ("indexs", [], "things.yaml: indexs", "did you mean indexes?"),
    ("validationLevel", "off", "validationLevel", "moderate or strict"),
    ("validationLevel", "moderate", "validationLevel", "no other level"),
    ("validationAction", "warn", "validationAction", "allowed: error"),
    ("schema", [], "schema", "is no mapping"),
    ("indexes", {}, "indexes", "is no list"),
    ("shardKey", {}, "shardKey", "names no field"),
    ("shardKey", {"userId": -1}, "shardKey.userId", "is no order"),
    ("shardKey", {"userid": 1}, "shardKey.userid", "did you mean userId?"),
    ("shardKey", {"name": 1}, "indexes[0].unique", "put name first"),
    ("shardKey", {"userId": 1, "name": 1, "expiresAt": 1}, "shardKey", "no index carries it"),
    ("shardKey", {"tags": 1}, "shardKey.tags", "is an array"),
    ("indexes.0", "userId", "indexes[0]", "is no index"),
    ("indexes.0.purpose", REMOVED, "indexes[0].purpose", "is missing"),
    ("indexes.0.purpose", "", "indexes[0].purpose", "which query"),
    ("indexes.0.uniqe", True, "indexes[0].uniqe", "did you mean unique?"),
    ("indexes.0.unique", 1, "indexes[0].unique", "true or false"),
    ("indexes.0.keys", {}, "indexes[0].keys", "names no field"),
    ("indexes.0.keys.userId", 2, "indexes[0].keys.userId", "1 or -1 or text"),
    ("indexes.0.keys.userId", True, "indexes[0].keys.userId", "is no order"),
    ("indexes.0.keys.userId", "1", "indexes[0].keys.userId", "without quotes"),
    ("indexes.0.keys.nmae", 1, "indexes[0].keys.nmae", "did you mean name?"),
    ("indexes.0.keys", {"userId": 1, "parts.kin": 1}, "indexes[0].keys.parts.kin", "did you mean parts.kind?"),
    ("indexes.0.keys", {"userId": 1, "tags": 1, "parts.kind": 1}, "indexes[0].keys", "fields of two arrays"),
    ("indexes.0.keys", {"userId": 1, "contact.phone": 1}, "indexes[0].keys.contact.phone", "encrypted as random"),
    ("indexes.0.keys", {"_id": 1}, "indexes[0].keys", "is there in any case"),
    ("indexes.0.partialFilter", {}, "indexes[0].partialFilter", "a mapping of fields to values"),
    ("indexes.0.partialFilter", {"deletedAt": {"$exists": False}}, "deletedAt.$exists", "write deletedAt: null"),
    ("indexes.0.partialFilter", {"name": {"$ne": "a"}}, "partialFilter.name.$ne", "no partial index takes it"),
    ("indexes.0.partialFilter", {"$nor": []}, "partialFilter.$nor", "$and, $or"),
    ("indexes.0.partialFilter", {"$or": [{"nam": 1}]}, "partialFilter.$or[0].nam", "did you mean name?"),
    ("indexes.0.partialFilter", {"$or": [1]}, "partialFilter.$or[0]", "is no condition"),
    ("indexes.1.partialFilter", {"name": "a"}, "indexes[1]", "is sparse and partial"),
    ("indexes.1.keys", {"expiresAt": 1}, "schema: contact.email", "deterministic for nothing"),
    ("indexes.1.keys", {"tags": "text"}, "indexes", "more than one index for text"),
    ("indexes.1.keys", {"userId": 1, "name": 1}, "indexes", "has an index twice"),
    ("indexes.2.weights", {"tags": 2}, "indexes[2].weights.tags", "weighs no field"),
    ("indexes.2.weights", {"name": 0}, "indexes[2].weights.name", "from 1 to 99999"),
    ("indexes.2.keys", {"expiresAt": "text"}, "indexes[2].keys.expiresAt", "cannot be searched for words"),
    ("indexes.2.keys", {"contact.email": "text"}, "indexes[2].keys.contact.email", "cannot be searched for words"),
    ("indexes.2.sparse", True, "indexes[2]", "is an index for text"),
    (f"{PROPERTIES}.language", {"bsonType": "string", "description": "d"}, "indexes[2].keys", "rename the field"),
    ("indexes.3.expireAfterSeconds", -1, "indexes[3].expireAfterSeconds", "from 0 to 2147483647"),
    ("indexes.3.expireAfterSeconds", True, "indexes[3].expireAfterSeconds", "has a wrong value"),
    ("indexes.3.keys", {"expiresAt": 1, "userId": 1}, "indexes[3].expireAfterSeconds", "stands on several fields"),
    ("indexes.3.keys", {"userId": 1}, "indexes[3].expireAfterSeconds", "stands on no date"),
    ("schema.bsonType", "array", "schema.bsonType", "documents are objects"),
    ("schema.additionalProperties", REMOVED, "schema.additionalProperties", "is missing"),
    ("schema.properties", REMOVED, "schema.properties", "is missing"),
    ("schema.required", ["userID"], "schema.required", "did you mean userId?"),
    ("schema.required", ["userId", "userId"], "schema.required", "each once"),
    ("schema.title", "things", "schema.title", "a name such as"),
    (f"{PROPERTIES}.name.description", REMOVED, "properties.name.description", "is missing"),
    (f"{PROPERTIES}.name.maxlength", 3, "properties.name.maxlength", "did you mean maxLength?"),
    (f"{PROPERTIES}.name.minLength", 10, "properties.name.minLength", "is above maxLength"),
    (f"{PROPERTIES}.name.maxItems", 10, "properties.name.maxItems", "does nothing with string"),
    (f"{PROPERTIES}.name.pattern", "^(", "properties.name.pattern", "a regular expression"),
    (f"{PROPERTIES}.name.pattern", "u", "properties.name.pattern", "starts with ^"),
    (f"{PROPERTIES}.name.bsonType", "text", "properties.name.bsonType", "objectId"),
    (f"{PROPERTIES}.name.bsonType", REMOVED, "properties.name", "exactly one of"),
    (f"{PROPERTIES}.name.enum", ["a"], "properties.name", "keep one of them"),
    (f"{PROPERTIES}.name", "string", "properties.name", "is no schema"),
    (f"{PROPERTIES}.first_name", {"bsonType": "string", "description": "d"}, "properties.first_name", "camelCase"),
    (f"{PROPERTIES}.class", {"bsonType": "string", "description": "d"}, "properties.class", "no keyword of Python"),
    (f"{PROPERTIES}.tags.items", REMOVED, "properties.tags.items", "is missing"),
    (f"{PROPERTIES}.tags.items.minimum", 1, "properties.tags.items.minimum", "does nothing with string"),
    (f"{PROPERTIES}.parts.items.required", ["kinds"], "parts.items.required", "did you mean kind?"),
    (f"{CONTACT}.phone.bsonType", "string", "properties.phone", "keep one of them"),
    (f"{CONTACT}.phone.maxLength", 20, "properties.phone", "keywords beside encrypt"),
    (f"{CONTACT}.phone.encrypt.keyId", [], "phone.encrypt.keyId", "there is no such key"),
    (f"{CONTACT}.phone.encrypt.bsonType", REMOVED, "phone.encrypt.bsonType", "is missing"),
    (f"{CONTACT}.phone.encrypt.bsonType", "text", "phone.encrypt.bsonType", "has a wrong value"),
    (f"{CONTACT}.phone.encrypt.algorithm", "Random", "phone.encrypt.algorithm", "did you mean"),
    (f"{CONTACT}.email.encrypt.bsonType", "double", "email.encrypt.bsonType", "make it random"),
    (f"{CONTACT}.email.encrypt.bsonType", ["string", "int"], "email.encrypt.bsonType", "one type"),
    (
        f"{PROPERTIES}.tags.items",
        {"encrypt": {"bsonType": "string", "algorithm": DETERMINISTIC}},
        "tags.items.encrypt",
        "stands inside an array",
    ),
    (
        f"{PROPERTIES}.parts.items.properties.secret",
        {"encrypt": {"bsonType": "string", "algorithm": RANDOM}, "description": "d"},
        "secret.encrypt",
        "encrypt the whole array",
    ),
]


def changed(path: str, value: object) -> dict[str, Any]:
    """A copy of the sound definition with one thing set or removed."""
    raw = copy.deepcopy(SOUND)
    *holders, last = path.split(".")
    holder: Any = raw
    for part in holders:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    if value is REMOVED:
        del holder[last]
    else:
        holder[int(last) if isinstance(holder, list) else last] = value
    return raw


def loaded(folder: Path, raw: object, name: str = "things.yaml") -> CollectionDefinition:
    (folder / name).write_text(raw if isinstance(raw, str) else yaml.safe_dump(raw, sort_keys=False))
    (definition,) = load(folder)
    return definition


def test_what_is_sound_is_read(tmp_path: Path) -> None:
    definition = loaded(tmp_path, SOUND)
    assert (definition.name, definition.description) == ("things", "Things of users.")
    assert (definition.validation_level, definition.validation_action) == ("strict", "error")
    assert definition.shard_key == (("userId", 1),)
    assert definition.schema == SOUND["schema"]
    assert definition.indexes[0] == IndexDefinition(
        keys=(("userId", 1), ("name", 1)), purpose="a thing by its name", unique=True
    )
    assert [index.default_name for index in definition.indexes][:3] == [
        "userId_1_name_1",
        "contact.email_1",
        "name_text",
    ]
    assert definition.indexes[3].expire_after_seconds == 0
    assert definition.indexes[4].partial_filter == {"deletedAt": None}
    assert encrypted_fields(definition) == {"contact.email": "deterministic", "contact.phone": "random"}


@pytest.mark.parametrize(
    "path,value,where,words", REFUSED, ids=[f"{row[0]}-{number}" for number, row in enumerate(REFUSED)]
)
def test_a_wrong_definition_is_refused(tmp_path: Path, path: str, value: object, where: str, words: str) -> None:
    with pytest.raises(DocumentsError) as caught:
        loaded(tmp_path, changed(path, value))
    texts = [str(problem) for problem in caught.value.problems if problem.path.endswith(where)]
    assert texts, str(caught.value)
    assert any(words in text for text in texts), texts
    for problem in caught.value.problems:
        assert problem.path.startswith(str(tmp_path / "things.yaml"))
        assert problem.cause
        assert problem.allowed
        assert problem.fix


@pytest.mark.parametrize("name", ["Things.yaml", "user_things.yaml", "things.yml", "-things.yaml", "things2.yaml", "x"])
def test_a_name_that_is_not_kebab_case_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DocumentsError, match="kebab-case"):
        loaded(tmp_path, SOUND, name)


@pytest.mark.parametrize(
    "text,words",
    [
        ("description: a\ndescription: b\n", "description: more than once"),
        ("schema: {properties: {a: {}, a: {}}}\n", "a: more than once"),
        ("a: [\n", "cannot be read as YAML"),
        ("- a\n", "is no definition"),
        ("", "is no definition"),
    ],
)
def test_what_is_no_definition_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DocumentsError, match=words):
        loaded(tmp_path, text)


def test_a_folder_without_definitions_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DocumentsError, match=r"has no definition"):
            load(folder)


def test_all_problems_of_all_files_are_listed_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(changed("description", REMOVED)))
    (tmp_path / "b.yaml").write_text(yaml.safe_dump({**changed("validationLevel", "off"), "more": 1}))
    with pytest.raises(DocumentsError, match=r"^3 problems") as caught:
        load(tmp_path)
    assert {Path(problem.path.partition(": ")[0]).name for problem in caught.value.problems} == {"a.yaml", "b.yaml"}


@given(key=st.text(min_size=1), place=st.sampled_from(["", "indexes.0.", "schema.", f"{PROPERTIES}.name."]))
def test_no_key_is_overlooked(tmp_path_factory: pytest.TempPathFactory, key: str, place: str) -> None:
    holder: Any = SOUND
    for part in place.split(".")[:-1]:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    known = {"example", "shardKey", *holder} if not place else set(holder)
    raw = copy.deepcopy(SOUND)
    target: Any = raw
    for part in place.split(".")[:-1]:
        target = target[int(part)] if isinstance(target, list) else target[part]
    target.setdefault(key, object.__name__)
    if key in known:
        return
    with pytest.raises(DocumentsError):
        loaded(tmp_path_factory.mktemp("documents"), raw)


def test_two_types_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("a-things.yaml", "b-things.yaml"):
        (tmp_path / name).write_text(yaml.safe_dump(changed("schema.title", "Thing"), sort_keys=False))
    monkeypatch.setattr(documents_python, "load", lambda: load(tmp_path))
    with pytest.raises(ValueError, match="give one of them a title"):
        documents_python.module()


def test_long_words_are_wrapped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    raw = changed("description", ("word " * 40).strip())
    part = raw["schema"]["properties"]["parts"]["items"]
    part["description"] = part["properties"]["kind"]["description"] = ("word " * 40).strip()
    part["properties"]["kind"]["enum"] = [f"kind-{number}" for number in range(20)]
    (tmp_path / "things.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))
    monkeypatch.setattr(documents_python, "load", lambda: load(tmp_path))
    text = documents_python.module()
    compile(text, "documents.py", "exec")
    assert max(map(len, text.splitlines())) <= 120
