"""The part of JSON Schema that limits use, so that a file is checked before the engine sees its values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["KEYWORDS", "problem"]

KEYWORDS: Final = frozenset(
    {
        *("type", "minimum", "maximum", "minItems", "minLength", "items", "additionalProperties"),
        *("enum", "pattern", "format"),
    }
)
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "object": (dict,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
}


def problem(schema: Mapping[str, Any], value: Any) -> str:
    """Say what a value should be instead, empty if it is right."""
    return next(_problems(schema, value), "")


def _problems(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"a value of type {kind}"
        return
    yield from _own_problems(schema, value)
    if isinstance(value, list):
        for one in value:
            yield from _problems(schema["items"], one)
    if isinstance(value, dict):
        for one in value.values():
            yield from _problems(schema["additionalProperties"], one)


def _own_problems(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield " or ".join(str(one) for one in schema["enum"])
    if "minimum" in schema and value < schema["minimum"]:
        yield f"at least {schema['minimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"at most {schema['maximum']}"
    if isinstance(value, str | list) and len(value) < schema.get("minItems", schema.get("minLength", 0)):
        yield "more than nothing"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"a text of the form {schema['pattern']}"
