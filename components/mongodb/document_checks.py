"""Holds a collection's schema to what MongoDB takes and to the conventions of `documents/*.yaml`.

What MongoDB 6.0 does with `encrypt` in a validator (seen on a server): clear text and null are refused, and so is what
was encrypted from another type; `bsonType` beside it is an error, `enum` beside it refuses every document, and bounds
and patterns beside it are ignored. The algorithm is not compared. So nothing but words stand beside it here.
"""

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.mongodb.document_schema import ALGORITHMS, bson_types
from settings.problems import Problem, did_you_mean

__all__ = ["below", "check_keys", "check_schema", "is_count", "is_text", "wrong"]

_OBJECT, _ARRAY, _STRING = ("object",), ("array",), ("string",)
_NUMBERS = ("int", "long", "double", "decimal", "number")
_TYPES = (*_OBJECT, *_ARRAY, *_STRING, *_NUMBERS, "bool", "date", "objectId", "binData", "null")
# https://www.mongodb.com/docs/manual/core/csfle/reference/encryption-schemas/: what deterministic cannot encrypt.
_ONLY_RANDOM = ("object", "array", "double", "decimal", "number", "bool")
_WORDS = ("title", "description")
_FIELD = re.compile(r"_id|[a-z][A-Za-z0-9]*")
_TITLE = re.compile(r"[A-Z][A-Za-z0-9]*")
_LONGEST_VALUE = 80


def is_text(value: object) -> bool:
    """Whether it is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_count(value: object) -> bool:
    """Whether it is a whole number from 0; YAML's `true` is none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_types(value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and len(names) == len({str(name) for name in names}) and all(name in _TYPES for name in names)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_text, value)) and len(set(value)) == len(value)


def _is_pattern(value: object) -> bool:
    if not (isinstance(value, str) and value.startswith("^")):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Keyword:
    holds: Callable[[object], bool]
    allowed: str
    of: tuple[str, ...] = ()
    """Types it belongs to; any where there are none."""


_COUNT = (is_count, "a whole number from 0")
_NUMBER = (_is_number, "a number")
_SWITCH = (lambda value: isinstance(value, bool), "true or false")
_KEYWORDS = {
    "title": _Keyword(
        lambda value: isinstance(value, str) and bool(_TITLE.fullmatch(value)), "a name such as DesignLayer"
    ),
    "description": _Keyword(is_text, "a text"),
    "bsonType": _Keyword(_is_types, f"one or a list of {', '.join(_TYPES)}"),
    "enum": _Keyword(_is_texts, "a list of texts, each once"),
    "encrypt": _Keyword(lambda value: isinstance(value, Mapping), "a mapping of bsonType and algorithm"),
    "properties": _Keyword(lambda value: isinstance(value, Mapping) and bool(value), "a mapping of fields", _OBJECT),
    "required": _Keyword(_is_texts, "a list of fields, each once", _OBJECT),
    "additionalProperties": _Keyword(*_SWITCH, _OBJECT),
    "minProperties": _Keyword(*_COUNT, _OBJECT),
    "maxProperties": _Keyword(*_COUNT, _OBJECT),
    "items": _Keyword(lambda value: isinstance(value, Mapping), "the schema of each item", _ARRAY),
    "minItems": _Keyword(*_COUNT, _ARRAY),
    "maxItems": _Keyword(*_COUNT, _ARRAY),
    "uniqueItems": _Keyword(*_SWITCH, _ARRAY),
    "minLength": _Keyword(*_COUNT, _STRING),
    "maxLength": _Keyword(*_COUNT, _STRING),
    "pattern": _Keyword(_is_pattern, "a regular expression that starts with ^", _STRING),
    "minimum": _Keyword(*_NUMBER, _NUMBERS),
    "maximum": _Keyword(*_NUMBER, _NUMBERS),
    "exclusiveMinimum": _Keyword(*_SWITCH, _NUMBERS),
    "exclusiveMaximum": _Keyword(*_SWITCH, _NUMBERS),
}
_BOUNDS = (
    ("minProperties", "maxProperties"),
    ("minItems", "maxItems"),
    ("minLength", "maxLength"),
    ("minimum", "maximum"),
)


def wrong(at: str, cause: str, got: object, allowed: str, fix: str) -> Problem:
    """Return a problem; a long value is cut."""
    text = repr(got)
    shown = text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
    return Problem(path=at, cause=cause, got=shown, allowed=allowed, fix=fix)


def below(at: str, key: object) -> str:
    """Return the path of a key; `at` ends with `: ` where it is only a file's."""
    return f"{at}{key}" if at.endswith(": ") else f"{at}.{key}"


def check_keys(
    part: Mapping[Any, Any], at: str, known: tuple[str, ...], required: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """Find keys that nobody reads, and those that are missing."""
    for key in part:
        if key not in known:
            meant = did_you_mean(str(key), known)
            fix = f"did you mean {meant}?" if meant else "remove it"
            yield wrong(below(at, key), "there is no such key", part[key], ", ".join(known), fix)
    for key in required:
        if key not in part:
            yield wrong(below(at, key), "is missing", None, ", ".join(required), f"add {key}")


def check_schema(schema: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """Find what is wrong with the schema of a collection's documents."""
    if schema.get("bsonType") != "object":
        fix = "write bsonType: object"
        yield wrong(f"{at}.bsonType", "documents are objects", schema.get("bsonType"), "object", fix)
        return
    yield from check_keys(schema, at, tuple(_KEYWORDS), ("properties", "additionalProperties"))
    yield from _check_part(schema, at, in_array=False)


def _check_part(part: Mapping[str, Any], at: str, *, in_array: bool) -> Iterator[Problem]:
    """Find what is wrong with one part of a schema and with those inside it."""
    bad = [
        wrong(f"{at}.{name}", "has a wrong value", part[name], rule.allowed, f"write {rule.allowed}")
        for name, rule in _KEYWORDS.items()
        if name in part and not rule.holds(part[name])
    ]
    yield from bad
    if not bad:
        yield from _check_type(part, at, in_array=in_array)
        yield from _check_bounds(part, at)
        yield from _check_object(part, at)
    for name, inner in part.get("properties", {}).items() if isinstance(part.get("properties"), Mapping) else ():
        yield from _check_field(name, inner, f"{at}.properties.{name}", in_array=in_array)
    if isinstance(part.get("items"), Mapping):
        yield from check_keys(part["items"], f"{at}.items", tuple(_KEYWORDS))
        yield from _check_part(part["items"], f"{at}.items", in_array=True)


def _check_field(name: object, part: object, at: str, *, in_array: bool) -> Iterator[Problem]:
    if not (isinstance(name, str) and _FIELD.fullmatch(name)) or keyword.iskeyword(name):
        allowed = "camelCase of letters and digits, no keyword of Python"
        yield wrong(at, "is no name for a field", name, allowed, "rename it")
    if not isinstance(part, Mapping):
        yield wrong(at, "is no schema", part, "a mapping of keywords", "write bsonType and description")
        return
    yield from check_keys(part, at, tuple(_KEYWORDS), ("description",))
    yield from _check_part(part, at, in_array=in_array)


def _check_type(part: Mapping[str, Any], at: str, *, in_array: bool) -> Iterator[Problem]:
    kinds = [name for name in ("bsonType", "enum", "encrypt") if name in part]
    if len(kinds) != 1:
        fix = "keep one of them" if kinds else "add bsonType"
        yield wrong(at, "has no one type", kinds, "exactly one of bsonType, enum, encrypt", fix)
        return
    if "encrypt" in part:
        yield from _check_encrypt(part, at, in_array=in_array)
        return
    types = bson_types(part)
    for name in part:
        of = _KEYWORDS[name].of if name in _KEYWORDS else ()
        if of and not set(of) & set(types):
            got = ", ".join(types) or "enum"
            yield wrong(f"{at}.{name}", f"does nothing with {got}", part[name], f"with {', '.join(of)}", "remove it")
    if "array" in types and "items" not in part:
        yield wrong(f"{at}.items", "is missing", None, "the schema of each item", "add items")


def _check_encrypt(part: Mapping[str, Any], at: str, *, in_array: bool) -> Iterator[Problem]:
    encrypt, at_encrypt = part["encrypt"], f"{at}.encrypt"
    if in_array:
        allowed = "fields outside arrays: a driver finds what it encrypts by its path"
        yield wrong(at_encrypt, "stands inside an array", encrypt, allowed, "encrypt the whole array, as random")
    if beside := [name for name in part if name not in ("encrypt", *_WORDS)]:
        allowed = f"{' and '.join(_WORDS)} only: the server cannot look into what is encrypted"
        yield wrong(at, "has keywords beside encrypt", beside, allowed, "remove them")
    keys = ("bsonType", "algorithm")
    yield from check_keys(encrypt, at_encrypt, keys, keys)
    algorithm, types = encrypt.get("algorithm"), encrypt.get("bsonType")
    if "algorithm" in encrypt and algorithm not in ALGORITHMS:
        meant = did_you_mean(str(algorithm), ALGORITHMS) or next(iter(ALGORITHMS))
        allowed = " or ".join(ALGORITHMS)
        yield wrong(f"{at_encrypt}.algorithm", "is none", algorithm, allowed, f"did you mean {meant}?")
        return
    if "bsonType" in encrypt and (not _is_types(types) or types == "null"):
        allowed = _KEYWORDS["bsonType"].allowed
        yield wrong(f"{at_encrypt}.bsonType", "has a wrong value", types, allowed, "write the clear text's type")
        return
    of_clear = bson_types(encrypt)
    if ALGORITHMS.get(str(algorithm)) == "deterministic" and (len(of_clear) != 1 or set(of_clear) & {*_ONLY_RANDOM}):
        allowed = f"one type, and none of {', '.join(_ONLY_RANDOM)}"
        yield wrong(f"{at_encrypt}.bsonType", "cannot be deterministic", types, allowed, "make it random")


def _check_bounds(part: Mapping[str, Any], at: str) -> Iterator[Problem]:
    for low, high in _BOUNDS:
        if low in part and high in part and part[low] > part[high]:
            got = f"{part[low]} and {part[high]}"
            yield wrong(f"{at}.{low}", f"is above {high}", got, f"{low} up to {high}", "swap or mend them")


def _check_object(part: Mapping[str, Any], at: str) -> Iterator[Problem]:
    known = part.get("properties", {})
    for name in part.get("required", ()):
        if name not in known:
            meant = did_you_mean(name, known)
            fix = f"did you mean {meant}?" if meant else "add it to properties"
            yield wrong(f"{at}.required", "names no field of the object", name, ", ".join(known) or "none", fix)
    if part.get("additionalProperties") is False and not known:
        yield wrong(at, "can hold nothing", part, "properties, or additionalProperties: true", "add properties")
