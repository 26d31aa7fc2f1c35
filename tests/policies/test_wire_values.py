"""The engine's values: numbers, null, secrets, unknown ones, and what is put back on the wire."""

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UNKNOWN_BOOLEAN_VALUE, UNKNOWN_NUMBER_VALUE, UNKNOWN_OBJECT_VALUE

from policies.decode import decode, encode
from policies.resources import Resource, Stack
from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret


def struct(value: object) -> struct_pb2.Struct:
    return json_format.ParseDict(value, struct_pb2.Struct())


def test_values_are_plain() -> None:
    values, secrets = decode(struct({"a": 1, "b": 1.5, "c": None, "d": True, "e": ["x", {"f": None}], "g": {}}))
    assert values == {"a": 1, "b": 1.5, "c": UNSET, "d": True, "e": ["x", {"f": UNSET}], "g": {}}
    assert isinstance(values["a"], int)
    assert secrets == frozenset()


@pytest.mark.parametrize(
    "mark", [UNKNOWN_ARRAY_VALUE, UNKNOWN_BOOLEAN_VALUE, UNKNOWN_NUMBER_VALUE, UNKNOWN_OBJECT_VALUE]
)
def test_every_mark_of_an_unknown_value_is_known(mark: str) -> None:
    assert decode(struct({"a": [mark]}))[0] == {"a": [UNKNOWN]}


def test_secrets_are_values_whose_paths_are_noted() -> None:
    values, secrets = decode(struct({"a": secret("x"), "b": [{"c": secret({"d": secret(1)})}], "e": "y"}))
    assert values == {"a": "x", "b": [{"c": {"d": 1}}], "e": "y"}
    assert secrets == {("a",), ("b", "0", "c"), ("b", "0", "c", "d")}
    resource = Resource(type="t", name="n", urn="u", properties=values, secrets=secrets)
    inside = [("a",), ("b",), ("b", "0", "c", "d", "more"), ("e",)]
    assert [resource.is_secret(*path) for path in inside] == [True, False, True, False]


def test_what_is_encoded_decodes_to_itself() -> None:
    value = {"a": 1, "b": 1.5, "c": True, "d": "x", "e": [False, {"f": []}]}
    assert decode(struct_pb2.Struct(fields={key: encode(one) for key, one in value.items()}))[0] == value
    with pytest.raises(TypeError, match="a value of type object; allowed: text, truth, number, and lists and dicts"):
        encode(object())


def resource(name: str, kind: str = "t", depends: tuple[str, ...] = (), **properties: object) -> Resource:
    return Resource(
        type=kind, name=name, urn=name, properties=properties, depends_on={"to": depends} if depends else {}
    )


@pytest.mark.parametrize(
    "value,depends,outputs,refers",
    [
        ("x", (), {"arn": "x"}, True),
        ("x", (), {"arn": "y"}, False),
        ("x", (), {"arn": "y", "id": "x"}, True),
        ("x", ("target",), {"arn": "y"}, False),
        ("x", (), {}, UNKNOWN),
        ("x", (), {"arn": UNKNOWN}, UNKNOWN),
        ("x", (), {"arn": "y", "id": UNKNOWN}, UNKNOWN),
        ("x", ("target",), {"arn": UNKNOWN}, True),
        ("x", ("other",), {"arn": UNKNOWN}, False),
        (UNKNOWN, (), {"arn": "x"}, UNKNOWN),
        (UNKNOWN, ("target",), {"arn": "x"}, True),
        (UNKNOWN, ("other",), {"arn": "x"}, False),
        (UNSET, ("target",), {"arn": "x"}, False),
        (0, (), {"arn": 0}, False),
    ],
)
def test_whether_a_value_refers_to_a_resource(
    value: object, depends: tuple[str, ...], outputs: dict[str, object], refers: object
) -> None:
    target = resource("target", "other", **outputs)
    source = resource("source", depends=depends, to=value)
    stack = Stack([target, source])
    assert stack.refers(source, ("to",), target, "arn", "id") is refers
    found = list(stack.referring("t", ("to",), target, "arn", "id"))
    assert found == ([] if refers is False else [(source, refers)])
