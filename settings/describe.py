"""What a setting accepts, in words, read off its model: one source for error messages and for the reference page."""

import types
from collections.abc import Iterator
from typing import Annotated, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from settings.checks import Allowed

__all__ = ["allowed", "fields", "model_of", "wire_name"]


def wire_name(name: str, field: FieldInfo) -> str:
    """Return the key of a field as YAML has it."""
    return field.alias or name


def fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the YAML key and the field of each setting of a model, as declared."""
    for name, field in model.model_fields.items():
        yield wire_name(name, field), field


def model_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of a section, or `None` for a setting that is a value."""
    annotation, _, _ = _unwrap(field.annotation, [])
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def allowed(field: FieldInfo) -> str:
    """Say what a setting accepts: its words where it has some, else its type and bounds."""
    inner, metadata, optional = _unwrap(field.annotation, list(field.metadata))
    text = _words(inner, metadata)
    return f"{text}, or nothing" if optional else text


def _unwrap(annotation: object, metadata: list[object]) -> tuple[object, list[object], bool]:
    """Take `X | None` and `Annotated[X, …]` apart."""
    optional = False
    if get_origin(annotation) in {Union, types.UnionType}:
        optional = True
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata = [*metadata, *more]
    return annotation, metadata, optional


def _words(annotation: object, metadata: list[object]) -> str:
    for item in metadata:
        if isinstance(item, Allowed):
            return item.text
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) in {tuple, dict}:
        return _many(annotation)
    if annotation is int:
        return _whole_number(metadata)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a section with the keys " + ", ".join(key for key, _ in fields(annotation))
    return "`true` or `false`" if annotation is bool else "a text"


def _many(annotation: object) -> str:
    """Say what a list or a dictionary holds."""
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    words = [_words(inner, metadata) for inner, metadata, _ in (_unwrap(part, []) for part in parts)]
    if get_origin(annotation) is dict:
        return f"keys ({words[0]}), each with a value ({words[1]})"
    return f"a list, each {words[0]}"


def _whole_number(metadata: list[object]) -> str:
    low = next((item.ge for item in metadata if isinstance(item, Ge)), None)
    high = next((item.le for item in metadata if isinstance(item, Le)), None)
    if high is None:
        return f"a whole number of {low} or more"
    return f"a whole number from {low} to {high}"
