"""Property values survive the way to the wire and back, with secrets and unknowns."""

import copy
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from plugins.base.errors import PropertyError
from plugins.base.properties import (
    LARGEST_EXACT_INTEGER,
    OUTPUT_VALUE,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_STRINGS,
    contains_unknown,
    decode,
    decode_json,
    encode,
)

_NAMES = st.text(min_size=1, max_size=8).filter(lambda name: name != SIGNATURE)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.just(UNKNOWN)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)
_PROPS = st.dictionaries(_NAMES, _VALUES, max_size=6)


@given(_PROPS)
def test_values_come_back_as_they_went(props: dict[str, Any]) -> None:
    decoded = decode(encode(props))
    assert decoded.props == props
    assert decoded.secrets == frozenset()


@given(_PROPS, st.data())
def test_secrets_come_back_plain_and_are_named(props: dict[str, Any], data: st.DataObject) -> None:
    secrets = frozenset(data.draw(st.sets(st.sampled_from(sorted(props))))) if props else frozenset()
    wire = encode(props, secrets)
    decoded = decode(struct_pb2.Struct.FromString(wire.SerializeToString()))
    assert decoded.props == props
    assert decoded.secrets == {name for name in secrets if props[name] is not None}


@given(st.integers(-LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER))
def test_a_whole_number_is_an_int_again(number: int) -> None:
    value = decode(encode({"n": number})).props["n"]
    assert type(value) is int
    assert value == number


@pytest.mark.parametrize("sentinel", sorted(UNKNOWN_STRINGS))
def test_each_sentinel_of_the_engine_is_unknown(sentinel: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": sentinel, "b": [sentinel], "c": {"d": sentinel}})
    assert decode(struct).props == {"a": UNKNOWN, "b": [UNKNOWN], "c": {"d": UNKNOWN}}


def test_a_nested_secret_makes_the_whole_property_secret() -> None:
    struct = struct_pb2.Struct()
    struct.update({"plain": 1, "deep": {"list": [{SIGNATURE: SECRET, "value": "hidden"}]}})
    decoded = decode(struct)
    assert decoded.props == {"plain": 1, "deep": {"list": ["hidden"]}}
    assert decoded.secrets == {"deep"}


def test_an_output_value_without_a_value_is_unknown_and_may_be_secret() -> None:
    struct = struct_pb2.Struct()
    struct.update(
        {
            "known": {SIGNATURE: OUTPUT_VALUE, "value": 5, "dependencies": ["urn"]},
            "unknown": {SIGNATURE: OUTPUT_VALUE, "secret": True},
        },
    )
    decoded = decode(struct)
    assert decoded.props == {"known": 5, "unknown": UNKNOWN}
    assert decoded.secrets == {"unknown"}


@pytest.mark.parametrize(
    "value, part",
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (LARGEST_EXACT_INTEGER + 2, "2^53"),
        (object(), "object"),
        ({"x": [1, {"y": b"bytes"}]}, "p.x[1].y"),
    ],
)
def test_what_the_wire_cannot_hold_is_refused_by_name(value: object, part: str) -> None:
    with pytest.raises(PropertyError, match="property p") as error:
        encode({"p": value})
    assert part in str(error.value)


def test_json_settings_are_decoded_and_others_pass() -> None:
    assert decode_json('{"cert": "a", "n": [1, 2.5, true]}', "clientcert") == {"cert": "a", "n": [1, 2.5, True]}
    assert decode_json("5432", "port") == 5432
    assert decode_json(5432, "port") == 5432
    assert decode_json(UNKNOWN, "port") is UNKNOWN
    with pytest.raises(PropertyError, match="provider setting port: not valid JSON"):
        decode_json("54e", "port")


def test_unknown_is_one_object_and_no_condition() -> None:
    assert copy.deepcopy({"a": [UNKNOWN]})["a"][0] is UNKNOWN
    assert contains_unknown({"a": [1, {"b": UNKNOWN}]})
    assert not contains_unknown({"a": [1, {"b": None}]})
    with pytest.raises(TypeError, match="no truth value"):
        bool(UNKNOWN)
