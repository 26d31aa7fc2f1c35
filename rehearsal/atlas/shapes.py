"""What a body may hold: each attribute's type, choices and bounds, as the API's OpenAPI document has them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from rehearsal.atlas.errors import ApiError

__all__ = ["Attribute", "Shape", "check", "flag", "integer", "items", "nested", "number", "text", "texts"]

Kind = Literal["text", "flag", "integer", "number", "texts", "object", "objects"]
_TYPES: Final[dict[Kind, type | tuple[type, ...]]] = {
    "text": str,
    "flag": bool,
    "integer": int,
    "number": (int, float),
    "texts": list,
    "object": dict,
    "objects": list,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of a body."""

    kind: Kind
    required: bool = False
    choices: frozenset[str] = frozenset()
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    longest: int | None = None
    shape: Mapping[str, "Attribute"] | None = None


Shape = Mapping[str, Attribute]


def text(
    *choices: str, required: bool = False, pattern: str = "", longest: int | None = None, shortest: int | None = None
) -> Attribute:
    """Return an attribute that is text."""
    return Attribute(
        kind="text", required=required, choices=frozenset(choices), pattern=pattern, longest=longest, least=shortest
    )


def flag(*, required: bool = False) -> Attribute:
    """Return an attribute that is true or false."""
    return Attribute(kind="flag", required=required)


def integer(least: float | None = None, most: float | None = None, *, required: bool = False) -> Attribute:
    """Return an attribute that is a whole number."""
    return Attribute(kind="integer", least=least, most=most, required=required)


def number(least: float | None = None, most: float | None = None) -> Attribute:
    """Return an attribute that is a number."""
    return Attribute(kind="number", least=least, most=most)


def texts(*choices: str) -> Attribute:
    """Return an attribute that is a list of texts."""
    return Attribute(kind="texts", choices=frozenset(choices))


def nested(shape: Shape, *, required: bool = False) -> Attribute:
    """Return an attribute that is an object."""
    return Attribute(kind="object", shape=shape, required=required)


def items(shape: Shape, *, required: bool = False) -> Attribute:
    """Return an attribute that is a list of objects."""
    return Attribute(kind="objects", shape=shape, required=required)


def check(shape: Shape, body: object, path: str = "", *, partial: bool = False) -> None:
    """Refuse a body that is not of a shape; `partial`: what is required may be left out at the top (PATCH).

    Raises:
        ApiError: with the path of the first attribute that is wrong.
    """
    if not isinstance(body, dict):
        raise _refused("INVALID_JSON", "Received JSON is malformed: an object is expected.", path or "body")
    for name, value in body.items():
        where = f"{path}.{name}" if path else name
        attribute = shape.get(name)
        if attribute is None:
            raise _refused("INVALID_ATTRIBUTE", f"Invalid attribute {where} specified.", where)
        if value is not None:
            _check_value(attribute, value, where)
    for name, attribute in shape.items():
        if attribute.required and not partial and body.get(name) is None:
            where = f"{path}.{name}" if path else name
            raise _refused("MISSING_ATTRIBUTE", f"The required attribute {where} was not specified.", where)


def _check_value(attribute: Attribute, value: object, where: str) -> None:
    fits = isinstance(value, _TYPES[attribute.kind])
    if not fits or (isinstance(value, bool) and attribute.kind != "flag"):
        raise _of_another_type(where)
    if isinstance(value, dict) and attribute.shape is not None:
        check(attribute.shape, value, where)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if attribute.shape is not None:
                check(attribute.shape, item, f"{where}[{index}]")
            elif isinstance(item, str):
                _check_text(attribute, item, f"{where}[{index}]")
            else:
                raise _of_another_type(f"{where}[{index}]")
    elif isinstance(value, str):
        _check_text(attribute, value, where)
    elif isinstance(value, int | float):
        _check_number(attribute, value, where)


def _check_text(attribute: Attribute, value: str, where: str) -> None:
    if attribute.choices and value not in attribute.choices:
        detail = f"An invalid enumeration value {value} was specified for {where}."
        raise _refused("INVALID_ENUM_VALUE", detail, where, value)
    wrong = (
        (attribute.pattern and not re.fullmatch(attribute.pattern, value))
        or (attribute.longest is not None and len(value) > attribute.longest)
        or (attribute.least is not None and len(value) < attribute.least)
    )
    if wrong:
        raise _refused("INVALID_ATTRIBUTE", f"Invalid attribute {where} specified.", where)


def _check_number(attribute: Attribute, value: float, where: str) -> None:
    low = attribute.least is not None and value < attribute.least
    if low or (attribute.most is not None and value > attribute.most):
        detail = f"Invalid attribute {where} specified: {value} is not from {attribute.least} to {attribute.most}."
        raise _refused("INVALID_ATTRIBUTE", detail, where)


def _of_another_type(where: str) -> ApiError:
    return _refused(
        "INVALID_JSON_ATTRIBUTE", f"Received JSON for the {where} attribute does not match expected format.", where
    )


def _refused(code: str, detail: str, *parameters: object) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, code, detail, *parameters)
