"""The checks that many rules have in common: a switch, a number, a text out of a list, a name that must be there.

Each makes the function of a `ResourceRule`. Unset, empty and zero are values like others; an unknown one is said to be
unknown. `unless` says for which resources a rule has nothing to say: true, false, or `UNKNOWN`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from policies.rule import Finding, Limits, Resource
from policies.values import UNKNOWN, UNSET, at, is_true, show

__all__ = [
    "Check",
    "Unless",
    "at_least",
    "at_most",
    "number",
    "off_or_unset",
    "one_of",
    "present",
    "public_form",
    "switch_off",
    "switch_on",
]

Check = Callable[[Resource, Limits], Iterator[Finding]]
Unless = Callable[[Resource], Any]

_PUBLIC = re.compile(r"[A-Za-z0-9_.:/*+-]{1,120}")
_NAMES = ("arn:", "alias/")


def public_form(text: str) -> bool:
    """Whether a text is short and plain enough for a message: a name, a version, an address, a mode."""
    return (len(text) <= 32 and _PUBLIC.fullmatch(text) is not None) or text.startswith(_NAMES)  # noqa: PLR2004


def _never(_resource: Resource) -> Any:
    return False


def number(value: Any) -> int | float | None:
    """Return a value that is a number, or a text of digits; a truth value is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value.strip()):
        return int(value)
    return None


def off_or_unset(value: Any) -> bool:
    """Whether a switch is off; zero and empty texts are no switch."""
    return value is UNSET or value is False or value == "false"


def _judge(resource: Resource, path: tuple[str, ...], value: Any, excused: Any, allowed: str) -> Iterator[Finding]:
    """Yield what is wrong, or that nobody can tell: of the value, or of whether the resource is excused."""
    unknown = UNKNOWN if UNKNOWN in (value, excused) else value
    yield Finding.judge(resource, ".".join(path), unknown, found=show(value, public_form), allowed=allowed)


def _check(
    path: tuple[str, ...],
    fine: Callable[[Any, Limits], bool],
    allowed: Callable[[Limits], str],
    unless: Unless | None = None,
) -> Check:
    excuse = unless or _never

    def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
        excused = excuse(resource)
        value = at(resource.properties, *path)
        if excused is not True and not fine(value, limits):
            yield from _judge(resource, path, value, excused, allowed(limits))

    return check


def switch_on(*path: str, unset: bool = False, unless: Unless | None = None) -> Check:
    """Demand that a property is true; `unset` says whether it may be left out, as the provider's default is true."""

    def fine(value: Any, _: Limits) -> bool:
        return is_true(value) or (unset and value is UNSET)

    return _check(path, fine, lambda _: "true, or unset" if unset else "true", unless)


def switch_off(*path: str, unset: bool) -> Check:
    """Demand that a property is false; `unset` says whether it may be left out, as the provider's default is false."""

    def fine(value: Any, _: Limits) -> bool:
        off = value is False or (isinstance(value, str) and value.strip().lower() == "false")
        return off or (unset and value is UNSET)

    return _check(path, fine, lambda _: "false, or unset" if unset else "false")


def present(
    *path: str, allowed: str, unless: Unless | None = None, refuse: Callable[[str], bool] | None = None
) -> Check:
    """Demand a text that is not empty, and that `refuse` does not name."""

    def fine(value: Any, _: Limits) -> bool:
        return isinstance(value, str) and bool(value.strip()) and not (refuse and refuse(value))

    return _check(path, fine, lambda _: allowed, unless)


def at_least(
    *path: str, limit: str, unit: str, unset: bool = False, most: str = "", unless: Unless | None = None
) -> Check:
    """Demand a number that is the limit or more, and `most` (a limit too) or less; `unset` lets it be left out."""

    def fine(value: Any, limits: Limits) -> bool:
        if unset and value is UNSET:
            return True
        found = number(value)
        return found is not None and limits[limit] <= found and (not most or found <= limits[most])

    def allowed(limits: Limits) -> str:
        upper = f" and at most {limits[most]}" if most else ""
        return f"at least {limits[limit]}{upper} ({unit}){', or unset' if unset else ''}"

    return _check(path, fine, allowed, unless)


def at_most(*path: str, limit: str, unit: str, unset: bool = False) -> Check:
    """Demand a number from 1 to the limit; `unset` lets it be left out."""

    def fine(value: Any, limits: Limits) -> bool:
        if unset and value is UNSET:
            return True
        found = number(value)
        return found is not None and 1 <= found <= limits[limit]

    def allowed(limits: Limits) -> str:
        return f"1 to {limits[limit]} ({unit}){', or unset' if unset else ''}"

    return _check(path, fine, allowed)


def one_of(*path: str, limit: str, unset: bool = False) -> Check:
    """Demand one of the texts that a limit lists."""

    def fine(value: Any, limits: Limits) -> bool:
        return (unset and value is UNSET) or (isinstance(value, str) and value in limits[limit])

    def allowed(limits: Limits) -> str:
        return " or ".join([*limits[limit], *(["unset"] if unset else [])])

    return _check(path, fine, allowed)
