"""What differs between two states of a resource, property by property."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from delivery.values import HIDDEN, conceals, is_secret, parsed, shown, tells

__all__ = ["PropertyChange", "differences", "top_level"]

MISSING: Final = object()
_TOP: Final = re.compile(r'^\["([^"]*)"\]|^([^.\[]*)')


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyChange:
    """One property that differs.

    Attributes:
        path: Where it lies: `tags.Owner`, `policy.Statement[0].Action`.
        old: What it was; empty where it was not there.
        new: What it will be; empty where it goes.
        replaces: Whether this one is why the resource is replaced.
    """

    path: str
    old: str
    new: str
    replaces: bool = False


def top_level(path: str) -> str:
    """The property that a path begins with."""
    found = _TOP.match(path)
    return (found[1] or found[2] or "") if found else ""


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], names: Iterable[str], replacing: Iterable[str]
) -> tuple[PropertyChange, ...]:
    """Compare the named properties.

    Args:
        old: The properties as they are.
        new: The properties as they will be.
        names: Those that the provider calls different, as paths or names. One that shows no difference here is
            listed all the same, with both sides empty or hidden: the provider knows why.
        replacing: Those that a replacement follows from.
    """
    because = {top_level(name) for name in replacing}
    found: list[PropertyChange] = []
    for name in dict.fromkeys(map(top_level, names)):
        before, after = old.get(name, MISSING), new.get(name, MISSING)
        leaves = list(_leaves(name, before, after))
        if not leaves:
            side = HIDDEN if conceals(before) else ""
            found.append(PropertyChange(path=name, old=side, new=side, replaces=name in because))
        for path, was, becomes in leaves:
            hidden = any(conceals(side) or tells(path, side) for side in (was, becomes) if side is not MISSING)
            sides = ["" if side is MISSING else HIDDEN if hidden else shown(side) for side in (was, becomes)]
            found.append(PropertyChange(path=path, old=sides[0], new=sides[1], replaces=name in because))
    return tuple(found)


def _leaves(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """The innermost places where two values differ."""
    if old == new:
        return
    if is_secret(old) or is_secret(new):
        yield path, old, new
        return
    match parsed(old), parsed(new):
        case dict() as before, dict() as after:
            for key in sorted({*before, *after}):
                inner = f"{path}.{key}" if re.fullmatch(r"[\w-]+", key) else f'{path}["{key}"]'
                yield from _leaves(inner, before.get(key, MISSING), after.get(key, MISSING))
        case list() as before, list() as after if any(isinstance(one, dict | list) for one in (*before, *after)):
            for index in range(max(len(before), len(after))):
                yield from _leaves(f"{path}[{index}]", _at(before, index), _at(after, index))
        case _:
            yield path, old, new


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else MISSING
