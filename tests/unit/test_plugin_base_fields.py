"""Fields of resource types: what is refused at which path, defaults at any depth, and what counts as equal."""

import json
from typing import Any

import pytest

from plugins.base import UNKNOWN, Props
from plugins.base.fields import Field, Fields, check_fields, equal, in_order_of, schema_of, with_defaults

RULE: Fields = {
    "port": Field(kind="number", required=True, least=1, most=65535),
    "protocol": Field(kind="text", default="tcp", allowed=("tcp", "udp")),
    "cidrs": Field(kind="set", unset=[]),
    "filter": Field(kind="object", fields={"prefix": Field(kind="text")}),
}
FIELDS: Fields = {
    "name": Field(kind="text", required=True),
    "password": Field(kind="text", secret=True),
    "policy": Field(kind="json"),
    "on": Field(kind="flag"),
    "share": Field(kind="real", least=0, most=1),
    "hours": Field(kind="numbers"),
    "zones": Field(kind="list", allowed=("a", "b")),
    "tags": Field(kind="map", unset={}),
    "rules": Field(kind="objects", fields=RULE),
    "steps": Field(kind="objects", fields=RULE, ordered=True),
    "one": Field(kind="object", fields=RULE),
    "any": Field(kind="objects"),
}


def _refused(**props: Any) -> list[tuple[str, str]]:
    found = check_fields("demo:index:Thing", FIELDS, {"name": "x", **props}, "demo")
    return [(failure.property, failure.reason) for failure in found]


@pytest.mark.parametrize(
    "props, path, text",
    [
        ({"name": ""}, "name", "name: missing, and demo:index:Thing needs it"),
        ({"colour": 1}, "colour", "colour: the stand-in does not support this property of demo:index:Thing"),
        ({"colour": 1}, "colour", "or install the official demo plugin"),
        ({"rules": [{"port": 1, "colour": 1}]}, "rules[0].colour", "(it has: cidrs, filter, port, protocol)"),
        ({"one": {"port": 1, "filter": {"suffix": "a"}}}, "one.filter.suffix", "(it has: prefix)"),
        ({"rules": [{}]}, "rules[0].port", "rules[0].port: missing"),
        ({"rules": [{"port": 0}]}, "rules[0].port", "rules[0].port: got 0, allowed is 1 or more"),
        ({"rules": [{"port": 70000}]}, "rules[0].port", "got 70000, allowed is 65535 or less"),
        ({"rules": [{"port": 1, "protocol": "icmp"}]}, "rules[0].protocol", "got 'icmp', allowed are tcp, udp"),
        ({"rules": [{"port": 1, "cidrs": [1]}]}, "rules[0].cidrs[0]", "got 1, allowed is text"),
        ({"rules": {"port": 1}}, "rules", "allowed is a list of objects"),
        ({"rules": [1]}, "rules[0]", "got 1, allowed is an object"),
        ({"one": []}, "one", "got [], allowed is an object"),
        ({"policy": "{"}, "policy", "allowed is text that is JSON"),
        ({"policy": {}}, "policy", "allowed is text that is JSON"),
        ({"on": "true"}, "on", "allowed is true or false"),
        ({"share": True}, "share", "allowed is a number"),
        ({"share": 1.5}, "share", "got 1.5, allowed is 1 or less"),
        ({"hours": [1, "2"]}, "hours[1]", "got '2', allowed is a whole number"),
        ({"zones": ["a", "c"]}, "zones[1]", "got 'c', allowed are a, b"),
        ({"zones": [""]}, "zones[0]", "got '', allowed is text"),
        ({"tags": {"a": 1}}, "tags.a", "got 1, allowed is text"),
        ({"password": 5}, "password", "got a secret, allowed is text"),
        ({"name": "a\0b"}, "name", "has a zero byte"),
    ],
)
def test_what_is_wrong_is_refused_at_its_path(props: Props, path: str, text: str) -> None:
    ((found, reason),) = _refused(**props)
    assert found == path
    assert text in reason


def test_what_is_unknown_is_left_for_later_and_what_is_beside_it_is_not() -> None:
    assert _refused(name=UNKNOWN, rules=UNKNOWN, tags={"a": UNKNOWN}, zones=[UNKNOWN], policy=UNKNOWN) == []
    assert _refused(rules=[UNKNOWN, {"port": UNKNOWN}]) == []
    ((path, _),) = _refused(rules=[{"port": UNKNOWN, "colour": 1}])
    assert path == "rules[0].colour"


def test_whole_numbers_are_numbers_and_objects_without_fields_hold_anything() -> None:
    assert _refused(share=1, tags={"a": ""}, any=[{"x": {"y": [1]}}]) == []


def test_defaults_are_filled_in_at_any_depth() -> None:
    found = with_defaults(FIELDS, {"name": "x", "on": None, "one": {"port": 1}, "rules": [{"port": 2}, UNKNOWN]})
    assert found == {
        "name": "x",
        "one": {"port": 1, "protocol": "tcp"},
        "rules": [{"port": 2, "protocol": "tcp"}, UNKNOWN],
    }


@pytest.mark.parametrize(
    "name, old, new, same",
    [
        ("policy", json.dumps({"a": 1, "b": 2}), '{"b": 2,  "a": 1}', True),
        ("policy", '{"a": 1}', '{"a": 2}', False),
        ("policy", "no json", "no json", True),
        ("zones", ["a", "b"], ["b", "a"], False),
        ("rules", [{"port": 1}, {"port": 2}], [{"port": 2}, {"port": 1, "protocol": "tcp"}], True),
        ("rules", [{"port": 1}, {"port": 1}], [{"port": 1}, {"port": 2}], False),
        ("rules", [{"port": 1}], [{"port": 1}, {"port": 1}], False),
        ("rules", [{"port": 1, "cidrs": ["a", "b"]}], [{"port": 1, "cidrs": ["b", "a"]}], True),
        ("rules", [{"port": 1, "cidrs": ["a"]}], [{"port": 1}], False),
        ("steps", [{"port": 1}, {"port": 2}], [{"port": 2}, {"port": 1}], False),
        ("one", {"port": 1, "filter": {"prefix": "a"}}, {"port": 1}, True),
        ("one", {"port": 1}, {"port": 1, "filter": {"prefix": "a"}}, False),
        ("any", [{"a": 1}, {"b": 1}], [{"b": 1}, {"a": 1}], False),
        ("name", UNKNOWN, "a", False),
        ("tags", {"a": "b"}, {"a": UNKNOWN}, False),
        ("rules", None, [], False),
    ],
)
def test_what_means_the_same_is_equal(name: str, old: Any, new: Any, same: object) -> None:
    assert equal(FIELDS[name], old, new) is same


def test_a_found_set_is_in_the_order_of_the_wanted_one() -> None:
    assert in_order_of(["b", "a"], ["a", "c", "b"]) == ["b", "a", "c"]
    assert in_order_of(UNKNOWN, ["b", "a"]) == ["a", "b"]


def test_the_schema_has_the_kinds_and_what_is_required() -> None:
    schema = schema_of(FIELDS)
    assert schema["requiredInputs"] == ["name"]
    assert schema["properties"]["password"] == {"type": "string", "secret": True}
    assert schema["properties"]["hours"] == {"type": "array", "items": {"type": "integer"}}
    assert set(schema["inputProperties"]) == set(FIELDS)
