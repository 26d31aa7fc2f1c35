"""Objects of the API as plain values: what to send of the inputs, and what a live object says of them."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from plugins.base import UNKNOWN, Props, contains_unknown

__all__ = ["as_found", "imported_inputs", "is_true", "manifest", "outputs", "setting", "without_unknown"]

Document = dict[str, Any]
_STRING_DATA: Final = "stringData"
# What the server fills in by itself: no part of what a program would say.
_SERVERS_OWN: Final = frozenset(
    {"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields"}
    | {"resourceVersion", "selfLink", "uid"}
)


def manifest(inputs: Props) -> Document:
    """Return what is sent to the server: without nulls, and the texts of a secret in base64 as the server keeps them.

    As plain data and not as `stringData`: that one is write-only, so what is taken out of it would stay.
    """
    document: Document = _compact(inputs)
    texts = document.pop(_STRING_DATA, None)
    if texts:
        encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in texts.items()}
        document["data"] = {**(document.get("data") or {}), **encoded}
    return document


def _compact(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _compact(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_compact(item) for item in value]
    return value


def without_unknown(value: Any) -> Any:
    """Return a value without the parts that a preview cannot know."""
    if isinstance(value, Mapping):
        return {key: without_unknown(item) for key, item in value.items() if item is not UNKNOWN}
    if isinstance(value, list):
        return [without_unknown(item) for item in value if item is not UNKNOWN]
    return value


def outputs(live: Document, inputs: Props) -> Props:
    """Return the properties of an object: as it is, without the server's notes on who set what."""
    metadata = {key: value for key, value in live.get("metadata", {}).items() if key != "managedFields"}
    texts = {_STRING_DATA: inputs[_STRING_DATA]} if inputs.get(_STRING_DATA) else {}
    return {**live, "metadata": metadata, **texts}


def imported_inputs(live: Document) -> Props:
    """Return the inputs that a program would have for an object that it takes over."""
    metadata = {key: value for key, value in live.get("metadata", {}).items() if key not in _SERVERS_OWN}
    return {**{key: value for key, value in live.items() if key != "status"}, "metadata": metadata}


def as_found(inputs: Props, live: Document, applied: Document) -> Props:
    """Return the inputs as the live object has them.

    `applied` is what the server would make of the object if the inputs were applied again. Where both agree, the
    inputs are in force, however the server spells them; where not, somebody changed the object.
    """
    found: Props = _as_found(inputs, _with_texts(live, inputs), _with_texts(applied, inputs))
    return found


def _with_texts(document: Document, inputs: Props) -> Document:
    texts = inputs.get(_STRING_DATA)
    if not isinstance(texts, Mapping):
        return document
    data = document.get("data") or {}
    found = {key: _decoded(data[key]) for key in texts if key in data}
    return {**document, _STRING_DATA: found}


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def _as_found(given: Any, live: Any, applied: Any) -> Any:
    if live == applied or contains_unknown(given):
        return given
    if not (isinstance(given, Mapping) and isinstance(live, Mapping) and isinstance(applied, Mapping)):
        return live
    return {
        key: _as_found(item, live.get(key), applied.get(key))
        for key, item in given.items()
        if key in live or key not in applied
    }


def setting(inputs: Props, name: str) -> str:
    """Return the value of an annotation `pulumi.com/<name>`, or nothing."""
    metadata = inputs.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    value = annotations.get(f"pulumi.com/{name}") if isinstance(annotations, Mapping) else None
    return value if isinstance(value, str) else ""


def is_true(text: str) -> bool:
    """Say whether an annotation's text means yes."""
    return text.lower() in ("true", "1", "t")
