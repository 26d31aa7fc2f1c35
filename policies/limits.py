"""The kinds of limits, each with what makes a value weaker than the specification's."""

from collections.abc import Sequence
from typing import Any

from policies.rule import Limit

__all__ = ["choice", "least", "most", "names"]


def least(name: str, default: int, meaning: str, *, minimum: int = 0, maximum: int = 36_500) -> Limit:
    """Return a limit that a number must reach: a smaller one is weaker."""
    schema = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return Limit(name=name, schema=schema, default=default, meaning=meaning)


def most(name: str, default: int, meaning: str, *, minimum: int = 0, maximum: int = 36_500) -> Limit:
    """Return a limit that a number may reach: a greater one is weaker."""
    schema = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return Limit(name=name, schema=schema, default=default, meaning=meaning, weaker=_greater)


def choice(name: str, default: Sequence[str], meaning: str) -> Limit:
    """Return a list of what is allowed: one with more in it is weaker."""
    schema = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
    return Limit(name=name, schema=schema, default=list(default), meaning=meaning, weaker=_more)


def names(name: str, default: Sequence[str], meaning: str) -> Limit:
    """Return a list of what is demanded or refused: one with less in it is weaker."""
    schema = {"type": "array", "items": {"type": "string", "minLength": 1}}
    return Limit(name=name, schema=schema, default=list(default), meaning=meaning, weaker=_fewer)


def _greater(value: Any, default: Any) -> bool:
    return bool(value > default)


def _more(value: Any, default: Any) -> bool:
    return not set(value) <= set(default)


def _fewer(value: Any, default: Any) -> bool:
    return not set(value) >= set(default)
