"""Input properties of a resource type, declared once: check, defaults, comparison and schema all come from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from plugins.base import CheckFailure, Props, contains_unknown

__all__ = ["Field", "Fields", "check_fields", "equal", "in_order_of", "schema_of", "with_defaults"]

Kind = Literal["text", "flag", "number", "list", "set", "objects"]
_TYPES: Final[dict[Kind, tuple[type, str]]] = {
    "text": (str, "text"),
    "flag": (bool, "true or false"),
    "number": (int, "a whole number"),
    "list": (list, "a list of texts"),
    "set": (list, "a list of texts"),
    "objects": (list, "a list of objects"),
}
_SCHEMA: Final[dict[Kind, dict[str, Any]]] = {
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "number": {"type": "integer"},
    "list": {"type": "array", "items": {"type": "string"}},
    "set": {"type": "array", "items": {"type": "string"}},
    "objects": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "string"}}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input property.

    Without a default, and not required, it is the server's to choose: left out, it is neither compared nor changed.
    """

    kind: Kind
    required: bool = False
    default: Any = None
    replaces: bool = False
    secret: bool = False
    local: bool = False
    """It says how the plugin should act; the server's catalogues know nothing of it."""
    unset: Any = None
    """What taking it out of the program means, where that is a change; else the server keeps what it has."""
    allowed: tuple[str, ...] = ()
    least: int | None = None


Fields = Mapping[str, Field]


def check_fields(token: str, fields: Fields, news: Props) -> list[CheckFailure]:
    """Return what is wrong with each single input; unknown values are left for later."""
    failures = []
    for name, value in news.items():
        field = fields.get(name)
        if field is None:
            allowed = ", ".join(sorted(fields))
            reason = (
                f"{name}: the stand-in does not support this property of {token} (it has: {allowed}). "
                "Remove it, or install the official postgresql plugin"
            )
            failures.append(CheckFailure(name, reason))
        elif value is not None and not contains_unknown(value):
            failures += _check_value(name, field, value)
    failures += [
        CheckFailure(name, f"{name}: missing, and {token} needs it")
        for name, field in fields.items()
        if field.required and news.get(name) in (None, "")
    ]
    return failures


def _check_value(name: str, field: Field, value: Any) -> list[CheckFailure]:
    type_, words = _TYPES[field.kind]
    fits = isinstance(value, type_) and not (field.kind == "number" and isinstance(value, bool))
    if not fits:
        return [CheckFailure(name, f"{name}: got {_shown(field, value)}, allowed is {words}")]
    if field.kind in ("list", "set"):
        return [
            CheckFailure(f"{name}[{index}]", f"{name}[{index}]: got {item!r}, allowed is text")
            for index, item in enumerate(value)
            if not isinstance(item, str) or not item
        ]
    if field.allowed and value not in field.allowed:
        return [CheckFailure(name, f"{name}: got {value!r}, allowed are {', '.join(field.allowed)}")]
    if field.least is not None and value < field.least:
        return [CheckFailure(name, f"{name}: got {value}, allowed is {field.least} or more")]
    if isinstance(value, str) and "\x00" in value:
        return [CheckFailure(name, f"{name}: has a zero byte, which PostgreSQL cannot store")]
    return []


def _shown(field: Field, value: Any) -> str:
    return "a secret" if field.secret else repr(value)


def with_defaults(fields: Fields, props: Props) -> Props:
    """Return the properties with every default filled in; without those that are None."""
    defaults = {name: field.default for name, field in fields.items() if field.default is not None}
    return {**defaults, **{name: value for name, value in props.items() if value is not None}}


def equal(field: Field, old: Any, new: Any) -> bool:
    """Compare two values of a field; a set has no order, and an unknown value equals nothing."""
    if contains_unknown(old) or contains_unknown(new):
        return False
    if field.kind == "set" and isinstance(old, list) and isinstance(new, list):
        return sorted(old) == sorted(new)
    return bool(old == new)


def in_order_of(wanted: Any, found: list[str]) -> list[str]:
    """Return a found set in the order of the wanted one, then the alphabet's: order alone must not seem a change."""
    order = wanted if isinstance(wanted, list) else []
    return [item for item in order if item in found] + sorted(item for item in found if item not in order)


def schema_of(fields: Fields) -> dict[str, Any]:
    """Return the part of the package schema that describes a resource with these fields."""
    properties = {
        name: {**_SCHEMA[field.kind], **({"secret": True} if field.secret else {})} for name, field in fields.items()
    }
    required = sorted(name for name, field in fields.items() if field.required)
    return {
        "properties": properties,
        "inputProperties": properties,
        "requiredInputs": required,
        "required": required,
    }
