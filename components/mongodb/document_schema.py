"""Reads MongoDB's `$jsonSchema` as this project writes it: the fields of a document, their types, what is encrypted.

Knows the keywords that `documents/*.yaml` may use; `document_checks.py` holds them to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ALGORITHMS", "Field", "bson_types", "fields", "find", "is_array", "is_open", "of_items"]

ALGORITHMS = {
    "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic": "deterministic",
    "AEAD_AES_256_CBC_HMAC_SHA_512-Random": "random",
}
"""MongoDB's names of the algorithms of client-side encryption, and this project's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of a document.

    Attributes:
        path: With dots; `[]` stands after the name of an array whose items it is or is in.
        schema: Its part of the schema.
        required: Whether the object that holds it must have it.
    """

    path: str
    schema: Mapping[str, Any]
    required: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def dotted(self) -> str:
        """The path as queries and indexes write it."""
        return self.path.replace("[]", "")

    @property
    def in_array(self) -> bool:
        """Whether a document can hold more than one."""
        return "[]" in self.path

    @property
    def algorithm(self) -> str | None:
        """`deterministic` or `random` where it is encrypted by the client, else `None`."""
        encrypt = self.schema.get("encrypt")
        return ALGORITHMS[encrypt["algorithm"]] if encrypt else None


def fields(schema: Mapping[str, Any], prefix: str = "") -> Iterator[Field]:
    """Every field of an object's schema, each before those inside it, items of arrays included."""
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        yield from _with_inner(Field(path=prefix + name, schema=part, required=name in required))


def _with_inner(field: Field) -> Iterator[Field]:
    yield field
    yield from fields(field.schema, f"{field.path}.")
    if "items" in field.schema:
        yield from _with_inner(Field(path=f"{field.path}[]", schema=field.schema["items"]))


def find(schema: Mapping[str, Any], dotted: str) -> Field | None:
    """The field that an index or a filter names; of an array, the array itself. `None` where there is none."""
    return next((field for field in fields(schema) if field.dotted == dotted), None)


def bson_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The BSON types a field may have; those of its clear text where it is encrypted, none where it is an enum."""
    types = schema.get("encrypt", schema).get("bsonType", ())
    return (types,) if isinstance(types, str) else tuple(types)


def is_array(schema: Mapping[str, Any]) -> bool:
    """Whether the field is an array."""
    return "array" in bson_types(schema)


def is_open(schema: Mapping[str, Any]) -> bool:
    """Whether an object takes fields that its schema does not name."""
    return bool(schema.get("additionalProperties", True))


def of_items(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of an array's items, of items of items where they are arrays; of anything else, itself."""
    while "items" in schema:
        schema = schema["items"]
    return schema
