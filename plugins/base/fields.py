"""Properties of a resource type, declared once: check, defaults, comparison and schema all come from here.

For plugins that stand in for an official one: what is not declared is refused by name, at any depth.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure

__all__ = ["Field", "Fields", "Kind", "check_fields", "equal", "in_order_of", "schema_of", "with_defaults"]

Kind = Literal["text", "json", "flag", "number", "real", "list", "set", "numbers", "map", "object", "objects"]
_TYPES: Final[dict[Kind, tuple[type | tuple[type, ...], str]]] = {
    "text": (str, "text"),
    "json": (str, "text that is JSON"),
    "flag": (bool, "true or false"),
    "number": (int, "a whole number"),
    "real": ((int, float), "a number"),
    "list": (list, "a list of texts"),
    "set": (list, "a list of texts"),
    "numbers": (list, "a list of whole numbers"),
    "map": (dict, "an object of texts"),
    "object": (dict, "an object"),
    "objects": (list, "a list of objects"),
}
_SCHEMA: Final[dict[Kind, dict[str, Any]]] = {
    "text": {"type": "string"},
    "json": {"type": "string"},
    "flag": {"type": "boolean"},
    "number": {"type": "integer"},
    "real": {"type": "number"},
    "list": {"type": "array", "items": {"type": "string"}},
    "set": {"type": "array", "items": {"type": "string"}},
    "numbers": {"type": "array", "items": {"type": "integer"}},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
    "object": {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}},
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
    """It says how the plugin should act; the server knows nothing of it."""
    unset: Any = None
    """What taking it out of the program means, where that is a change; else the server keeps what it has."""
    allowed: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    fields: Mapping[str, "Field"] | None = None
    """Of `object` and `objects`: what is in each. None: anything."""
    ordered: bool = False
    """Of `objects`: their order means something."""


Fields = Mapping[str, Field]


def check_fields(token: str, fields: Fields, news: Props, plugin: str) -> list[CheckFailure]:
    """Return what is wrong with each single input; unknown values are left for later.

    `plugin` is the name of the official plugin, for the text about what this one does not have.
    """
    return _Checker(token, plugin).check(fields, news, "")


@dataclass(frozen=True, slots=True)
class _Checker:
    """Checks inputs of one resource type; paths are those of the properties."""

    token: str
    plugin: str

    def check(self, fields: Fields, news: Props, prefix: str) -> list[CheckFailure]:
        failures = []
        for name, value in news.items():
            path, field = prefix + name, fields.get(name)
            if field is None:
                allowed = ", ".join(sorted(fields)) or "nothing"
                reason = (
                    f"{path}: the stand-in does not support this property of {self.token} (it has: {allowed}). "
                    f"Remove it, or install the official {self.plugin} plugin"
                )
                failures.append(CheckFailure(path, reason))
            elif value is not None:
                failures += self._value(path, field, value)
        failures += [
            CheckFailure(prefix + name, f"{prefix}{name}: missing, and {self.token} needs it")
            for name, field in fields.items()
            if field.required and _missing(news.get(name))
        ]
        return failures

    def _value(self, path: str, field: Field, value: Any) -> list[CheckFailure]:
        if contains_unknown(value) and not isinstance(value, dict | list):
            return []
        type_, words = _TYPES[field.kind]
        if not isinstance(value, type_) or (field.kind in ("number", "real") and isinstance(value, bool)):
            return [CheckFailure(path, f"{path}: got {_shown(field, value)}, allowed is {words}")]
        if field.kind in ("object", "objects"):
            return self._nested(path, field, value)
        if contains_unknown(value):
            return []
        if isinstance(value, dict | list):
            return _check_items(path, field, value)
        return _check_scalar(path, field, value)

    def _nested(self, path: str, field: Field, value: Any) -> list[CheckFailure]:
        items = [(path, value)] if isinstance(value, dict) else [(f"{path}[{i}]", item) for i, item in enumerate(value)]
        failures = []
        for where, item in items:
            if not isinstance(item, dict):
                if not contains_unknown(item):
                    failures.append(CheckFailure(where, f"{where}: got {_shown(field, item)}, allowed is an object"))
            elif field.fields is not None:
                failures += self.check(field.fields, item, f"{where}.")
        return failures


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value)


def _check_items(path: str, field: Field, value: Any) -> list[CheckFailure]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    whole = field.kind == "numbers"
    failures = []
    for key, item in items:
        where = f"{path}.{key}" if isinstance(value, dict) else f"{path}[{key}]"
        fits = isinstance(item, int) and not isinstance(item, bool) if whole else isinstance(item, str)
        if not fits or (item == "" and field.kind != "map"):
            allowed = "a whole number" if whole else "text"
            failures.append(CheckFailure(where, f"{where}: got {_shown(field, item)}, allowed is {allowed}"))
        elif field.allowed and not isinstance(value, dict) and item not in field.allowed:
            failures.append(CheckFailure(where, f"{where}: got {item!r}, allowed are {', '.join(field.allowed)}"))
    return failures


def _check_scalar(path: str, field: Field, value: Any) -> list[CheckFailure]:
    if field.allowed and value not in field.allowed:
        return [CheckFailure(path, f"{path}: got {value!r}, allowed are {', '.join(field.allowed)}")]
    if field.least is not None and value < field.least:
        return [CheckFailure(path, f"{path}: got {value}, allowed is {field.least:g} or more")]
    if field.most is not None and value > field.most:
        return [CheckFailure(path, f"{path}: got {value}, allowed is {field.most:g} or less")]
    if isinstance(value, str) and "\x00" in value:
        return [CheckFailure(path, f"{path}: has a zero byte, which no server stores")]
    if field.kind == "json" and _document(value) is None:
        return [CheckFailure(path, f"{path}: got {_shown(field, value)}, allowed is {_TYPES['json'][1]}")]
    return []


def _shown(field: Field, value: Any) -> str:
    return "a secret" if field.secret else repr(value)


def with_defaults(fields: Fields, props: Props) -> Props:
    """Return the properties with every default filled in, at any depth; without those that are None."""
    defaults = {name: field.default for name, field in fields.items() if field.default is not None}
    given = {name: _nested_defaults(fields.get(name), value) for name, value in props.items() if value is not None}
    return {**defaults, **given}


def _nested_defaults(field: Field | None, value: Any) -> Any:
    if field is None or field.fields is None:
        return value
    if isinstance(value, dict):
        return with_defaults(field.fields, value)
    if isinstance(value, list):
        return [with_defaults(field.fields, item) if isinstance(item, dict) else item for item in value]
    return value


def equal(field: Field, old: Any, new: Any) -> bool:
    """Compare two values of a field; a set has no order, JSON no spelling, and an unknown value equals nothing.

    In objects with declared fields, what `new` leaves to the server is not compared.
    """
    if contains_unknown(old) or contains_unknown(new):
        return False
    if field.kind == "set" and isinstance(old, list) and isinstance(new, list):
        return sorted(old) == sorted(new)
    if field.kind == "json" and isinstance(old, str) and isinstance(new, str):
        return old == new or (_document(old) is not None and _document(old) == _document(new))
    if field.kind == "object" and isinstance(old, dict) and isinstance(new, dict):
        return _equal_objects(field, old, new)
    if field.kind == "objects" and isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and _equal_lists(field, old, new)
    return bool(old == new)


def _equal_objects(field: Field, old: Any, new: Any) -> bool:
    if field.fields is None or not (isinstance(old, dict) and isinstance(new, dict)):
        return bool(old == new)
    before, after = with_defaults(field.fields, old), with_defaults(field.fields, new)
    return all(
        equal(inner, before.get(name, inner.unset), after.get(name, inner.unset))
        for name, inner in field.fields.items()
        if name in after or inner.unset is not None
    )


def _equal_lists(field: Field, old: Sequence[Any], new: Sequence[Any]) -> bool:
    if field.fields is None:
        return list(old) == list(new)
    if field.ordered:
        return all(_equal_objects(field, before, after) for before, after in zip(old, new, strict=True))
    left = list(old)
    for wanted in new:
        match = next((index for index, item in enumerate(left) if _equal_objects(field, item, wanted)), None)
        if match is None:
            return False
        del left[match]
    return True


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


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
