"""Turns what is wrong with a configuration into text: the path as written, the value, what is allowed, the fix."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from settings.describe import allowed, fields, model_of

__all__ = ["Problem", "did_you_mean", "from_pydantic"]

_LONGEST_VALUE = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong; `got` is already fit to print (no secret)."""

    path: str
    cause: str
    got: str
    allowed: str
    fix: str

    def __str__(self) -> str:
        """Return five aligned lines at most."""
        return (
            f"{self.path}: {self.cause}\n    got:     {self.got}\n    allowed: {self.allowed}\n    fix:     {self.fix}"
        )


def did_you_mean(wrong: str, right: Iterable[str]) -> str | None:
    """Return the one of `right` that was most likely meant, or `None`.

    Case, `_` and `-` do not count: `max_connections` is close to `maxConnections`.
    """
    plain = {name.lower(): name for name in right}
    close = difflib.get_close_matches(wrong.lower().replace("_", "").replace("-", ""), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def from_pydantic(error: ErrorDetails, model: type[BaseModel], prefix: str, secret_keys: frozenset[str]) -> Problem:
    """Turn one of pydantic's errors into a problem.

    Args:
        error: one of `ValidationError.errors()`.
        model: the model that was to be made.
        prefix: of the path, with its separator.
        secret_keys: top-level keys whose values may not be shown.
    """
    location = [str(part) for part in error["loc"]]
    if error["type"] != "extra_forbidden" and location[-1:] == ["[key]"]:
        location.pop()  # pydantic's word for "the key, not its value"; in an unknown key it is the user's own
    path = prefix + ".".join(location)
    secret = bool(location) and location[0] in secret_keys
    got = "(a secret)" if secret else _shown(error["input"])
    owner, field = _find(model, location)
    if error["type"] == "extra_forbidden":
        return _unknown_key(path, got, location[-1], owner)
    context: Mapping[str, Any] = error.get("ctx", {})
    words = allowed(field) if field else "see docs/reference/settings.md"
    if error["type"] == "wrong":
        cause = "is refused" if secret else context["cause"]  # a cause may quote the value
        return Problem(path=path, cause=cause, got=got, allowed=words, fix=context["fix"])
    return Problem(path=path, cause=_cause(error), got=got, allowed=words, fix=_fix(error, context, words))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def _find(model: type[BaseModel], location: list[str]) -> tuple[type[BaseModel], FieldInfo | None]:
    """Return the model that owns the last key of a location, and the key's field where there is one."""
    field: FieldInfo | None = None
    for key in location:
        field = dict(fields(model)).get(key)
        section = model_of(field) if field else None
        if field is None or section is None or key is location[-1]:
            break
        model = section
    return model, field


def _unknown_key(path: str, got: str, key: str, owner: type[BaseModel]) -> Problem:
    keys = [name for name, _ in fields(owner)]
    meant = did_you_mean(key, keys)
    fix = f"did you mean {meant}?" if meant else "remove it"
    return Problem(path=path, cause="there is no such setting", got=got, allowed=", ".join(keys), fix=fix)


def _cause(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind.startswith(("greater_than", "less_than")):
        return "is out of bounds"
    if kind == "literal_error":
        return "is none of the choices"
    if kind.endswith(("_type", "_parsing")) or kind == "int_from_float":
        return "has the wrong type"
    return error["msg"][:1].lower() + error["msg"][1:]


def _fix(error: ErrorDetails, context: Mapping[str, Any], words: str) -> str:
    value = error["input"]
    if "ge" in context:
        return f"set it to {context['ge']} or more"
    if "le" in context:
        return f"set it to {context['le']} or less"
    if error["type"] == "literal_error" and isinstance(value, str):
        choices = [part.strip("`") for part in words.split(" or ")]
        meant = did_you_mean(value, choices)
        return f"did you mean {meant}?" if meant else f"write {' or '.join(choices)}"
    if isinstance(value, str) and error["type"] in {"int_type", "bool_type"}:
        return f"write {words.replace('`', '')}, without quotes"
    return f"write {words.replace('`', '')}, or remove the key for the default"
