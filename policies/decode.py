"""Reads the properties of a resource off the wire: each once, however many rules look at them.

Unknown values become `UNKNOWN`, null becomes `UNSET`, a whole number becomes an int. A secret becomes its value, and
its path is noted: rules judge secrets like any other value, may demand that a value is one, and messages never show it.
"""

from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
)

from policies.values import UNKNOWN, UNSET

__all__ = ["SECRET", "SIGNATURE", "decode", "encode", "is_secret"]

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks a struct as something else than a struct."""
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_UNKNOWN: Final = frozenset(
    {
        UNKNOWN_ARCHIVE_VALUE,
        UNKNOWN_ARRAY_VALUE,
        UNKNOWN_ASSET_VALUE,
        UNKNOWN_BOOLEAN_VALUE,
        UNKNOWN_NUMBER_VALUE,
        UNKNOWN_OBJECT_VALUE,
        UNKNOWN_STRING_VALUE,
    }
)


def decode(properties: struct_pb2.Struct) -> tuple[dict[str, Any], frozenset[tuple[str, ...]]]:
    """Return the properties as plain values, and the paths of those that are secret."""
    secrets: set[tuple[str, ...]] = set()
    return {key: _value(value, (key,), secrets) for key, value in properties.fields.items()}, frozenset(secrets)


def _value(value: struct_pb2.Value, path: tuple[str, ...], secrets: set[tuple[str, ...]]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if is_secret(value):
            secrets.add(path)
            return _value(fields["value"], path, secrets)
        return {key: _value(one, (*path, key), secrets) for key, one in fields.items()}
    if kind == "list_value":
        return [_value(one, (*path, str(index)), secrets) for index, one in enumerate(value.list_value.values)]
    return _scalar(value, kind)


def _scalar(value: struct_pb2.Value, kind: str | None) -> Any:
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN else text
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else UNSET


def is_secret(value: struct_pb2.Value) -> bool:
    """Whether a value on the wire is marked as a secret."""
    fields = value.struct_value.fields
    return SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET


def encode(value: Any) -> struct_pb2.Value:
    """Put a plain value (of text, truth, number, lists and dicts of these) on the wire."""
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, list):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[encode(one) for one in value]))
    if isinstance(value, dict):
        fields = {key: encode(one) for key, one in value.items()}
        return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))
    kind = type(value).__name__
    raise TypeError(f"a value of type {kind}; allowed: text, truth, number, and lists and dicts of these")
