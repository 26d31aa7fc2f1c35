"""Reads `documents/*.yaml`, the one source of MongoDB's collections.

From a definition come a collection's validator and indexes, its page (`documents_reference.py`) and its Python types
(`documents_python.py`). What cannot work on a server, or not once the collection is sharded, is refused here.
"""

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from components.mongodb.document_checks import check_keys, check_schema, is_text, wrong
from components.mongodb.document_index_checks import check_index_shapes, check_indexes, check_order, index_name
from components.mongodb.document_schema import fields
from components.mongodb.errors import DocumentsError
from settings.problems import Problem

__all__ = ["FOLDER", "CollectionDefinition", "IndexDefinition", "encrypted_fields", "load"]

FOLDER = Path(__file__).resolve().parents[2] / "documents"
"""Where the definitions are."""

_REQUIRED = ("description", "validationLevel", "validationAction", "indexes", "schema")
_KEYS = (*_REQUIRED, "shardKey", "example")
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexDefinition:
    """An index, and which query it is for.

    Attributes:
        keys: Fields with their order, 1, -1 or `text`.
        purpose: The query that it serves.
        unique: Whether no two documents in it may have the same keys.
        sparse: Whether documents without the field stay out of it.
        expire_after_seconds: How long after the date in its field a document is removed; `None` for never.
        partial_filter: What a document in it matches; empty for all documents.
        weights: Of the fields of an index for text.
    """

    keys: tuple[tuple[str, int | str], ...]
    purpose: str
    unique: bool = False
    sparse: bool = False
    expire_after_seconds: int | None = None
    partial_filter: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)

    @property
    def default_name(self) -> str:
        """The name that MongoDB's drivers give it: `userId_1_createdAt_-1`."""
        return index_name(self.keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionDefinition:
    """A collection of the database.

    Attributes:
        name: As the server knows it.
        description: One sentence.
        validation_level: `moderate` leaves documents alone that were invalid before; `strict` does not.
        validation_action: `error`: what is invalid is refused.
        schema: MongoDB's `$jsonSchema`.
        indexes: All but the one on `_id`.
        shard_key: Fields with their order; empty where the collection is not to be sharded.
        example: A document as a service sees it, encrypted fields in clear and `_id` as text.
    """

    name: str
    description: str
    validation_level: str
    validation_action: str
    schema: Mapping[str, Any]
    indexes: tuple[IndexDefinition, ...] = ()
    shard_key: tuple[tuple[str, int | str], ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)


def load(folder: Path | None = None) -> tuple[CollectionDefinition, ...]:
    """Return the definitions of a folder by name; `documents/` of the project where none is given.

    Raises:
        DocumentsError: one or more of them cannot be used; it lists every problem.
    """
    folder = folder or FOLDER
    problems: list[Problem] = []
    definitions = []
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    if not paths:
        problems.append(wrong(str(folder), "has no definition", None, "<collection>.yaml", "name the right folder"))
    for path in paths:
        raw, found = _read(path)
        problems += found
        if not found:
            definitions.append(_definition(path.stem, raw))
    if problems:
        raise DocumentsError(tuple(problems))
    return tuple(definitions)


def encrypted_fields(definition: CollectionDefinition) -> dict[str, str]:
    """Return the fields that the client encrypts, by their dotted path: `deterministic` or `random`."""
    return {each.dotted: each.algorithm for each in fields(definition.schema) if each.algorithm}


def _read(path: Path) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return what a file says, and what is wrong with it; each step looks only at what the one before let pass."""
    at = str(path)
    if path.suffix != ".yaml" or not _NAME.fullmatch(path.stem):
        allowed = "<collection>.yaml, the collection in kebab-case: user-preferences.yaml"
        return {}, [wrong(at, "is no name for a definition", path.name, allowed, "rename or move it")]
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        got = " ".join(str(error).split())
        return {}, [wrong(at, "cannot be read as YAML", got, "YAML, each key once", "mend that line")]
    if not isinstance(raw, Mapping):
        return {}, [wrong(at, "is no definition", raw, f"a mapping of {', '.join(_KEYS)}", "write these keys")]
    found = list(_check_shape(raw, f"{at}: "))
    found = found or list(check_schema(raw["schema"], f"{at}: schema"))
    return raw, found or [*_check_level(raw, f"{at}: "), *check_indexes(raw, f"{at}: ")]


def _check_shape(raw: Mapping[str, Any], at: str) -> Iterator[Problem]:
    yield from check_keys(raw, at, _KEYS, _REQUIRED)
    choices = {"validationLevel": ("moderate", "strict"), "validationAction": ("error",)}
    for key, allowed in choices.items():
        if key in raw and raw[key] not in allowed:
            words = " or ".join(allowed)
            yield wrong(f"{at}{key}", "is none of the choices", raw[key], words, f"write {words}")
    if "description" in raw and not is_text(raw["description"]):
        yield wrong(f"{at}description", "says nothing", raw["description"], "one sentence", "write what it holds")
    for key in ("schema", "example"):
        if key in raw and not isinstance(raw[key], Mapping):
            yield wrong(f"{at}{key}", "is no mapping", raw[key], "a mapping", "indent what belongs to it")
    if "indexes" in raw:
        yield from check_index_shapes(raw["indexes"], f"{at}indexes")
    if "shardKey" in raw:
        yield from check_order(raw["shardKey"], f"{at}shardKey", (1,))


def _check_level(raw: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """MongoDB: "Encryption-related validator keywords are not allowed in this context", which is any but strict."""
    encrypted = [each.path for each in fields(raw["schema"]) if each.algorithm]
    if encrypted and raw["validationLevel"] != "strict":
        allowed = f"strict, as {encrypted[0]} is encrypted: MongoDB takes encrypt at no other level"
        yield wrong(f"{at}validationLevel", "is too lax", raw["validationLevel"], allowed, "write strict")


def _definition(name: str, raw: Mapping[str, Any]) -> CollectionDefinition:
    return CollectionDefinition(
        name=name,
        description=raw["description"],
        validation_level=raw["validationLevel"],
        validation_action=raw["validationAction"],
        schema=raw["schema"],
        indexes=tuple(_index(index) for index in raw["indexes"]),
        shard_key=tuple(raw.get("shardKey", {}).items()),
        example=raw.get("example", {}),
    )


def _index(raw: Mapping[str, Any]) -> IndexDefinition:
    return IndexDefinition(
        keys=tuple(raw["keys"].items()),
        purpose=raw["purpose"],
        unique=raw.get("unique", False),
        sparse=raw.get("sparse", False),
        expire_after_seconds=raw.get("expireAfterSeconds"),
        partial_filter=raw.get("partialFilter", {}),
        weights=raw.get("weights", {}),
    )


class _Loader(yaml.SafeLoader):
    """Reads plain YAML, and refuses a key that stands twice in a mapping, of which PyYAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        own = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        if twice := sorted({key for key in own if own.count(key) > 1}):
            raise yaml.constructor.ConstructorError(None, None, f"{', '.join(twice)}: more than once", node.start_mark)
        return super().construct_mapping(node, deep)
