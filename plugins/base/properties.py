"""Property values between the engine's wire format (protobuf Struct) and plain Python.

The wire marks special values with signatures: a secret, an output value, and unknown values (a fixed string for each
type). Source: pulumi/sdk/v3/go/common/resource/properties.go and sdk/python/lib/pulumi/runtime/rpc.py, 3.259.0.
Assets, archives and resource references are not interpreted: they pass through as the dictionaries they are.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

from plugins.base.errors import PropertyError

__all__ = ["UNKNOWN", "Decoded", "Props", "Unknown", "contains_unknown", "decode", "decode_json", "encode", "strings"]


Props = dict[str, Any]
"""Properties of a resource: names as on the wire (camelCase) to None, bool, int, float, str, list, dict or UNKNOWN."""

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT_VALUE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The engine has one sentinel a type; a plugin has no use for the difference.
UNKNOWN_STRINGS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    },
)
# Numbers travel as IEEE doubles: beyond this an integer would silently become another one.
LARGEST_EXACT_INTEGER: Final = 2**53


class Unknown:
    """The type of `UNKNOWN`: a value that the preview cannot know yet. It equals nothing but itself."""

    def __repr__(self) -> str:
        """Name it as the code does."""
        return "UNKNOWN"

    def __bool__(self) -> bool:
        """Refuse to be a condition: `if inputs["flag"]` on an unknown is a fault, not a false."""
        message = "an unknown value has no truth value: ask `is UNKNOWN` first"
        raise TypeError(message)

    def __copy__(self) -> "Unknown":
        """Stay the one instance when copied."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Unknown":
        """Stay the one instance when copied."""
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Decoded:
    """Properties from the wire, and the names of those that were, or held, a secret."""

    props: Props
    secrets: frozenset[str]


def decode(struct: struct_pb2.Struct) -> Decoded:
    """Turn a wire Struct into plain values; a whole float becomes an int, a secret its value."""
    props: Props = {}
    secrets: set[str] = set()
    for name, value in struct.fields.items():
        plain, secret = _decode_value(value)
        props[name] = plain
        if secret:
            secrets.add(name)
    return Decoded(props, frozenset(secrets))


def encode(props: Mapping[str, Any], secrets: Iterable[str] = ()) -> struct_pb2.Struct:
    """Turn plain values into a wire Struct; every top-level property named in `secrets` is wrapped as a secret.

    Raises PropertyError, naming the property, for a value that the wire cannot hold.
    """
    wrapped = frozenset(secrets)
    struct = struct_pb2.Struct()
    for name, value in props.items():
        encoded = _encode_value(value, name)
        if name in wrapped and value is not None:
            encoded = _object({SIGNATURE: struct_pb2.Value(string_value=SECRET), "value": encoded})
        struct.fields[name].CopyFrom(encoded)
    return struct


def decode_json(value: Any, name: str) -> Any:
    """Decode a provider setting that the SDK sends as JSON text (numbers, booleans, objects); others pass unchanged.

    Raises PropertyError where the text is not JSON. Secrets nested in it are unwrapped.
    """
    if not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value)
    except json.JSONDecodeError as error:
        message = f"provider setting {name}: not valid JSON ({error.msg} at character {error.pos})"
        raise PropertyError(message) from None
    return _decode_value(_encode_value(parsed, name))[0]


def contains_unknown(value: Any) -> bool:
    """Say whether the value is UNKNOWN or holds one at any depth."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(contains_unknown(item) for item in value)
    return False


def strings(value: Any) -> Iterator[str]:
    """Yield every text inside a value (values, not keys)."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def _decode_value(value: struct_pb2.Value) -> tuple[Any, bool]:
    match value.WhichOneof("kind"):
        case "bool_value":
            return value.bool_value, False
        case "number_value":
            number = value.number_value
            return (int(number) if number.is_integer() else number), False
        case "string_value":
            text = value.string_value
            return (UNKNOWN if text in UNKNOWN_STRINGS else text), False
        case "list_value":
            items = [_decode_value(item) for item in value.list_value.values]
            return [item for item, _ in items], any(secret for _, secret in items)
        case "struct_value":
            return _decode_object(value.struct_value)
        case _:
            return None, False


def _decode_object(struct: struct_pb2.Struct) -> tuple[Any, bool]:
    signature = struct.fields[SIGNATURE].string_value if SIGNATURE in struct.fields else ""
    if signature == SECRET:
        return _decode_value(struct.fields["value"])[0], True
    if signature == OUTPUT_VALUE:
        plain, nested = _decode_value(struct.fields["value"]) if "value" in struct.fields else (UNKNOWN, False)
        secret = "secret" in struct.fields and struct.fields["secret"].bool_value
        return plain, secret or nested
    decoded = decode(struct)
    return decoded.props, bool(decoded.secrets)


def _encode_value(value: Any, path: str) -> struct_pb2.Value:
    if isinstance(value, Mapping):
        return _object({str(key): _encode_value(item, f"{path}.{key}") for key, item in value.items()})
    if isinstance(value, list | tuple):
        items = [_encode_value(item, f"{path}[{index}]") for index, item in enumerate(value)]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    return _encode_scalar(value, path)


def _encode_scalar(value: Any, path: str) -> struct_pb2.Value:
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_STRING)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    return struct_pb2.Value(number_value=_number(value, path))


def _number(value: Any, path: str) -> float:
    if not isinstance(value, int | float):
        allowed = "text, numbers, booleans, lists and objects"
        message = f"property {path}: a {type(value).__name__} cannot be a property (allowed: {allowed})"
        raise PropertyError(message)
    if isinstance(value, int) and abs(value) > LARGEST_EXACT_INTEGER:
        message = f"property {path}: {value} is beyond ±2^53 and would lose digits; pass it as text"
        raise PropertyError(message)
    if not math.isfinite(value):
        message = f"property {path}: {value} is not a number that JSON can hold"
        raise PropertyError(message)
    return float(value)


def _object(fields: Mapping[str, struct_pb2.Value]) -> struct_pb2.Value:
    value = struct_pb2.Value()
    value.struct_value.SetInParent()
    for name, item in fields.items():
        value.struct_value.fields[name].CopyFrom(item)
    return value
