"""Field-level encryption without a server: which values are encrypted, keys, queries, and what is never shown."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bson import BSON, Decimal128
from bson.binary import Binary
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.event_loop import run_async
from walletdb.services.encrypted_fields import Field, FieldTree, encrypted_query, is_encrypted, opened, sealed
from walletdb.services.errors import (
    EncryptionSettingsError,
    FieldQueryError,
    FieldValueError,
)
from walletdb.services.field_encryption import AwsKms, FieldEncryption, LocalKey
from walletdb.services.mongo import MongoService

KEY = bytes(range(96))
TEXT = base64.urlsafe_b64encode(KEY).decode()
MONGO = MongoService("mongodb://u:p@127.0.0.1/")
FIELDS = {
    "email": "deterministic",
    "contact.email": "deterministic",
    "contact.phone": "random",
    "contact.homes.street": "random",
    "people.name": "random",
}
TREE = FieldTree.of("things", FIELDS)


async def fake_seal(field: Field, value: Any) -> Binary:
    """Hide a value as a cipher would: bytes of subtype 6 that say nothing of the field to who looks for its value."""
    mark = b"d" if field.mode == "deterministic" else b"r"
    return Binary(mark + bytes(byte ^ 0x5A for byte in BSON.encode({"v": value})), 6)


async def fake_open(value: Binary) -> Any:
    return BSON(bytes(byte ^ 0x5A for byte in value[1:])).decode()["v"]


def seal(document: Any, tree: FieldTree = TREE) -> Any:
    return run_async(sealed(document, tree, fake_seal))


def unseal(document: Any) -> Any:
    return run_async(opened(document, fake_open))


def ask(query: Mapping[str, Any]) -> dict[str, Any]:
    return run_async(encrypted_query(query, TREE, fake_seal))


# The walk.

NAMES = st.sampled_from(["email", "contact", "phone", "homes", "street", "people", "name", "other"])
PLAIN = st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.binary()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=5)
RANDOM_TREE = FieldTree.of("things", dict.fromkeys(FIELDS, "random"))


def shape(value: Any) -> Any:
    """Names and lengths, without values; a sealed value is a leaf like any other."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else "leaf"


def below(sealed_part: Any, clear_part: Any) -> Any:
    """The clear part as far as the sealed one goes."""
    if is_encrypted(sealed_part):
        return "sealed"
    if isinstance(sealed_part, dict):
        assert list(sealed_part) == list(clear_part)
        return {name: below(sealed_part[name], clear_part[name]) for name in sealed_part}
    if isinstance(sealed_part, list):
        return [below(one, other) for one, other in zip(sealed_part, clear_part, strict=True)]
    assert sealed_part == clear_part
    return "leaf"


@given(DOCUMENTS)
def test_decrypting_what_was_encrypted_gives_the_document_and_changes_no_argument(document: dict[str, Any]) -> None:
    before = copy.deepcopy(document)
    hidden = seal(document, RANDOM_TREE)
    kept = copy.deepcopy(hidden)
    assert unseal(hidden) == document == before
    assert hidden == kept
    assert shape(unseal(hidden)) == shape(document)
    below(hidden, document)
    assert seal(hidden, RANDOM_TREE) == hidden


@given(DOCUMENTS)
def test_no_declared_field_stays_in_clear(document: dict[str, Any]) -> None:
    hidden = seal(document, RANDOM_TREE)

    def look(value: Any, path: tuple[str, ...]) -> None:
        if ".".join(path) in FIELDS:
            assert is_encrypted(value)
        elif isinstance(value, dict):
            for name, each in value.items():
                look(each, (*path, name))
        elif isinstance(value, list):
            for each in value:
                look(each, path)

    for name, each in hidden.items():
        look(each, (name,))


def test_nothing_is_shared_with_the_callers_document() -> None:
    document = {"other": {"list": [{"a": 1}]}, "email": "a@b.example"}
    hidden = seal(document)
    hidden["other"]["list"][0]["a"] = 2
    assert document == {"other": {"list": [{"a": 1}]}, "email": "a@b.example"}


def test_paths_lead_through_sub_documents_and_arrays_and_missing_ones_are_skipped() -> None:
    homes = [{"street": "A 1", "city": "X"}, {"city": "Y"}, None]
    hidden = seal({"contact": {"homes": homes}, "people": [{"name": "N"}], "kept": 1})
    assert is_encrypted(hidden["contact"]["homes"][0]["street"])
    assert hidden["contact"]["homes"][0]["city"] == "X"
    assert hidden["contact"]["homes"][1:] == [{"city": "Y"}, None]
    assert is_encrypted(hidden["people"][0]["name"])
    assert seal({"contact": None, "people": "nobody"}) == {"contact": None, "people": "nobody"}


@pytest.mark.parametrize(
    "update",
    [
        {"$set": {"contact.email": "x"}},
        {"$setOnInsert": {"contact": {"email": "x"}}},
        {"$push": {"people": {"name": "x"}}},
        {"$push": {"people": {"$each": [{"name": "x"}]}}},
        {"$set": {"people.0.name": "x"}},
        {"$set": {"people.$[one].name": "x"}},
        {"contact.email": "x"},
    ],
)
def test_updates_are_encrypted_as_documents_are(update: dict[str, Any]) -> None:
    hidden = seal(update)
    assert "'x'" not in repr(hidden)
    assert "subtype" in repr(hidden) or "Binary" in repr(hidden)
    assert unseal(hidden) == update


@pytest.mark.parametrize("value", [None, 1.5, True, Decimal128("1"), {"a": 1}, ["a"]])
def test_a_value_without_equality_is_refused_for_a_deterministic_field_without_showing_it(value: object) -> None:
    with pytest.raises(FieldValueError, match=r"field contact\.email \(deterministic\)") as refused:
        seal({"contact": {"email": value}})
    assert repr(value) not in str(refused.value) or value is None


def test_none_is_refused_since_the_validator_refuses_null() -> None:
    with pytest.raises(FieldValueError, match=r"contact\.phone \(random\)") as refused:
        seal({"contact": {"phone": None}})
    assert "leave the field out" in refused.value.allowed


def test_a_part_of_an_encrypted_field_cannot_be_set() -> None:
    with pytest.raises(FieldValueError, match="email"):
        seal({"$set": {"email.host": "x"}})


@pytest.mark.parametrize(
    "fields",
    [
        {"a": "secret"},
        {"a..b": "random"},
        {"": "random"},
        {"a": "random", "a.b": "random"},
        {"a.b": "random", "a": "random"},
    ],
)
def test_fields_that_make_no_sense_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(EncryptionSettingsError, match="encrypted fields of things"):
        FieldEncryption(MONGO, LocalKey(KEY), fields={"things": fields})


# Queries.


@pytest.mark.parametrize(
    "query",
    [
        {"email": "x"},
        {"contact.email": "x", "other": "y"},
        {"contact.email": {"$in": ["x", None]}},
        {"contact.email": {"$ne": "x"}},
        {"$or": [{"email": "x"}, {"$and": [{"contact.email": {"$eq": "x"}}]}]},
        {"contact": {"$elemMatch": {"email": "x"}}},
        {"contact.0.email": "x"},
    ],
)
def test_values_of_deterministic_fields_are_encrypted_in_queries(query: dict[str, Any]) -> None:
    before = copy.deepcopy(query)
    hidden = ask(query)
    assert query == before
    assert "'x'" not in repr(hidden)
    assert unseal(hidden) == query


@pytest.mark.parametrize(
    "query",
    [
        {"other": {"$gt": 5}},
        {"contact.phone": {"$exists": True}},
        {"contact.phone": None},
        {"contact": {"$exists": False}},
        {"contact": None},
        {"$comment": "why", "people.age": 7},
    ],
)
def test_what_shows_no_personal_value_is_asked_as_it_is(query: dict[str, Any]) -> None:
    assert ask(query) == query


@pytest.mark.parametrize(
    "query, named",
    [
        ({"contact.phone": "x"}, "at random"),
        ({"contact.phone": {"$in": ["x"]}}, "at random"),
        ({"people.3.name": "x"}, "at random"),
        ({"email": {"$gt": "x"}}, "$gt"),
        ({"email": {"$regex": "x"}}, "$regex"),
        ({"email": {"$not": {"$eq": "x"}}}, "$not"),
        ({"email.host": "x"}, "a part of the encrypted field email"),
        ({"contact": {"email": "x"}}, "a whole sub-document"),
        ({"contact": {"$eq": {"email": "x"}}}, "a whole sub-document"),
        ({"$expr": {"$eq": ["$email", "x"]}}, "$expr"),
        ({"$where": "this.email == 'x'"}, "$where"),
        ({"$or": [{"contact": {"$elemMatch": {"phone": "x"}}}]}, "at random"),
    ],
)
def test_questions_that_ciphertexts_cannot_answer_are_refused_before_they_are_sent(
    query: dict[str, Any], named: str
) -> None:
    with pytest.raises(FieldQueryError, match="cannot be asked") as refused:
        ask(query)
    assert named in refused.value.got


# Keys.


def test_a_local_key_is_text_or_a_private_file_and_never_shows(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_text(f"{TEXT}\n")
    file.chmod(0o600)
    assert LocalKey.from_text(TEXT) == LocalKey.from_file(file) == LocalKey(KEY)
    assert len(TEXT) == 128
    shown = f"{LocalKey(KEY)!r} {FieldEncryption(MONGO, LocalKey(KEY), fields={})!r}"
    assert TEXT not in shown
    assert "\\x" not in shown


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "master.key"
    file.write_text(TEXT)
    file.chmod(mode)
    with pytest.raises(EncryptionSettingsError, match="others can read") as refused:
        LocalKey.from_file(file)
    assert TEXT not in str(refused.value)
    assert f"{mode:04o}" in refused.value.got


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncryptionSettingsError, match=r"missing\.key cannot be read"):
        LocalKey.from_file(tmp_path / "missing.key")


@pytest.mark.parametrize("text", ["", TEXT[:-1], f"{TEXT}A", f"{TEXT[:-1]}+", f"{TEXT[:-1]}="])
def test_a_key_that_is_none_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(EncryptionSettingsError, match="not shown") as refused:
        LocalKey.from_text(text)
    assert TEXT[:40] not in str(refused.value)
    with pytest.raises(EncryptionSettingsError, match="not shown"):
        LocalKey(KEY[:-1])


def test_a_kms_key_asks_for_credentials_on_demand() -> None:
    arn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    key = AwsKms(key_arn=arn, region="eu-central-1")
    assert key.for_driver() == {"aws": {}}
    assert key.made_with() == {"key": arn, "region": "eu-central-1"}
    for bad in ({"key_arn": arn, "region": "us-east-1"}, {"key_arn": "alias/x", "region": "eu-central-1"}):
        with pytest.raises(EncryptionSettingsError, match="KMS key"):
            AwsKms(**bad)


# The class.


def test_fields_come_from_the_generated_module_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    generated = types.ModuleType("walletdb.documents")
    monkeypatch.setitem(sys.modules, "walletdb.documents", generated)
    with pytest.raises(EncryptionSettingsError, match=r"walletdb\.documents does not say"):
        FieldEncryption(MONGO, LocalKey(KEY))
    generated.__dict__["ENCRYPTED_FIELDS"] = {"avatars": {"measurements.heightCm": "random"}}
    assert "avatars" in repr(FieldEncryption(MONGO, LocalKey(KEY)))


def test_a_collection_that_is_not_declared_is_refused_rather_than_left_in_clear() -> None:
    fields = FieldEncryption(MONGO, LocalKey(KEY), fields={"avatars": {"name": "random"}})
    with pytest.raises(EncryptionSettingsError, match="'avatar'") as refused:
        run_async(fields.encrypt("avatar", {"name": "x"}))
    assert refused.value.allowed == "avatars"


def test_one_that_is_not_open_says_so() -> None:
    fields = FieldEncryption(MONGO, LocalKey(KEY), fields={"avatars": {"name": "random"}})
    for attempt in (fields.encrypt("avatars", {"name": "x"}), fields.decrypt({"n": Binary(b"\x02" * 99, 6)})):
        with pytest.raises(EncryptionSettingsError, match="not open"):
            run_async(attempt)
    when = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert run_async(fields.decrypt({"when": when})) == {"when": when}
