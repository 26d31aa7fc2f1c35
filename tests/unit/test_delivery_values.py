"""What a comment shows of values: short, by path, and never a secret."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.properties import PropertyChange, differences, top_level
from delivery.values import HIDDEN, LATER, conceals, scrubbed, shown, tells

MARKED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def one(old: dict[str, Any], new: dict[str, Any], name: str) -> PropertyChange:
    (found,) = differences(old, new, [name], [])
    return found


@pytest.mark.parametrize(
    "value,text",
    [
        ("a", '"a"'),
        (3, "3"),
        (None, "null"),
        (True, "true"),
        (["a", UNKNOWN], f'["a", {LATER}]'),
        (UNKNOWN, LATER),
        (HIDDEN, HIDDEN),
        (MARKED, HIDDEN),
        ({"inner": [MARKED]}, HIDDEN),
        ('{"password": "hunter2"}', HIDDEN),
        ({"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "path": "x"}, "(a file)"),
        ("postgresql://user:hunter2@host/db", '"postgresql://[secret]@host/db"'),
    ],
)
def test_shown(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_long_value_is_cut() -> None:
    assert len(shown("x" * 1000)) == 160
    assert shown("x" * 1000).endswith("…")


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "masterUserPassword",
        "passwords.app",
        "secretString",
        "authToken",
        "privateKey",
        "API_KEY",
        "a.apiKeys[0]",
    ],
)
def test_names_that_tell(name: str) -> None:
    assert tells(name, "hunter2")
    assert not tells(name, value=True), "a switch is no secret"


@pytest.mark.parametrize(
    "name", ["secretArn", "secretId", "kmsKeyId", "accessKeyId", "bucketKeyEnabled", "keyName", "tags.Owner"]
)
def test_names_that_do_not(name: str) -> None:
    assert not tells(name, "x")


def test_a_side_is_hidden_where_only_the_other_is_marked() -> None:
    for old, new in ((MARKED, "clear"), ("clear", HIDDEN), ("clear", {"a": MARKED})):
        assert one({"text": old}, {"text": new}, "text") == PropertyChange(path="text", old=HIDDEN, new=HIDDEN)


def test_secrets_that_look_alike_are_still_named() -> None:
    assert one({"text": HIDDEN}, {"text": HIDDEN}, "text") == PropertyChange(path="text", old=HIDDEN, new=HIDDEN)


@pytest.mark.parametrize(
    "old,new,expected",
    [
        ({"tags": {"a": 1}}, {"tags": {"a": 2, "b": 3}}, [("tags.a", "1", "2"), ("tags.b", "", "3")]),
        ({"tags": {"a.b": 1}}, {"tags": {}}, [('tags["a.b"]', "1", "")]),
        ({"tags": [{"x": 1}]}, {"tags": [{"x": 2}, {"x": 3}]}, [("tags[0].x", "1", "2"), ("tags[1]", "", '{"x": 3}')]),
        ({"tags": ["a"]}, {"tags": ["a", "b"]}, [("tags", '["a"]', '["a", "b"]')]),
        ({"tags": '{"A": [{"b": 1}]}'}, {"tags": '{"A": [{"b": 2}]}'}, [("tags.A[0].b", "1", "2")]),
        ({}, {"tags": 1}, [("tags", "", "1")]),
        ({"tags": 1}, {"tags": 1}, [("tags", "", "")]),
    ],
)
def test_differences_are_the_innermost(
    old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    found = differences(old, new, ["tags.whatever"], [])
    assert [(change.path, change.old, change.new) for change in found] == expected


def test_only_what_the_provider_names_is_compared() -> None:
    assert [change.path for change in differences({"a": 1, "b": 1}, {"a": 2, "b": 2}, ["b"], [])] == ["b"]


def test_what_a_replacement_follows_from_is_said() -> None:
    found = differences({"a": 1, "b": 1}, {"a": 2, "b": 2}, ["a", "b"], ["b"])
    assert [(change.path, change.replaces) for change in found] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    "path,name", [("tags.a", "tags"), ("rules[0].x", "rules"), ('["a.b"].c', "a.b"), ("plain", "plain"), ("", "")]
)
def test_top_level(path: str, name: str) -> None:
    assert top_level(path) == name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NEEDLE = "hunter2-needle"


@given(JSON, JSON, st.integers(0, 3))
def test_a_marked_value_is_never_shown_wherever_it_lies(around: Any, other: Any, depth: int) -> None:
    value: Any = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": NEEDLE}
    for level in range(depth):
        value = {"inner": value, "beside": around} if level % 2 else [around, value]
    for old, new in ((value, other), (other, value), (value, around)):
        for change in differences({"p": old}, {"p": new}, ["p"], []):
            assert NEEDLE not in change.old + change.new
    assert conceals(value)
    assert NEEDLE not in shown(value)


@given(JSON, JSON)
def test_any_two_values_can_be_compared(old: Any, new: Any) -> None:
    found = differences({"p": old}, {"p": new}, ["p"], [])
    assert found
    assert all(change.path.startswith("p") for change in found)
    json.dumps([(change.old, change.new) for change in found])


def test_messages_lose_credentials_and_keys() -> None:
    text = "at mongodb+srv://u:p@h and -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- end"
    assert scrubbed(text) == "at mongodb+srv://[secret]@h and [secret] end"
    assert scrubbed("-----BEGIN PRIVATE KEY-----\ncut off") == HIDDEN
