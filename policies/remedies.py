"""Writes the values of a remediation into a resource's properties on the wire, secrets and unknown values kept."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from policies.decode import encode, is_secret

__all__ = ["apply"]


def apply(properties: struct_pb2.Struct, wanted: Mapping[tuple[str, ...], Any]) -> struct_pb2.Struct | None:
    """Return a copy with the wanted values, or nothing where there is nothing to change.

    A value whose way leads through what is not known yet is left alone: writing there would lose the rest of it.
    """
    mended = struct_pb2.Struct()
    mended.CopyFrom(properties)
    changed = [_put(mended, path, value) for path, value in wanted.items()]
    return mended if any(changed) else None


def _put(struct: struct_pb2.Struct, path: tuple[str, ...], value: Any) -> bool:
    *steps, last = path
    for step in steps:
        inner = struct.fields[step]
        if is_secret(inner):
            inner = inner.struct_value.fields["value"]
        kind = inner.WhichOneof("kind")
        if kind not in {None, "null_value", "struct_value"}:
            return False  # a text, as what is not known yet is on the wire
        if kind != "struct_value":
            inner.struct_value.CopyFrom(struct_pb2.Struct())
        struct = inner.struct_value
    struct.fields[last].CopyFrom(encode(value))
    return True
