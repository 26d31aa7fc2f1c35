"""Helper: the tables of cases of the checks that many rules have in common."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret

Rows = list[tuple[str, str, object]]
Says = list[tuple[str, str, object, str]]


def _type_and_name(short: str) -> str:
    return short.replace(":", " ", 1)


def table(
    where: str, path: str, *, bad: list[object], good: list[object], says: tuple[object, str], unset: bool = False
) -> tuple[Rows, Rows, Rows, Says]:
    """Return FIRES, PASSES, CANNOT_TELL and SAYS of a property; `unset` says whether it may be left out."""
    worse, better = ([], [UNSET]) if unset else ([UNSET], [])
    value, text = says
    return (
        [(where, path, one) for one in (*bad, *worse)],
        [(where, path, one) for one in (*good, *better)],
        [(where, path, UNKNOWN)],
        [(where, path, value, f"{_type_and_name(where)}: {path} is {text}")],
    )


def on(where: str, path: str, *, unset: bool = False) -> tuple[Rows, Rows, Rows, Says]:
    """Return the cases of a switch that must be on."""
    text = "false; allowed: true, or unset." if unset else "false; allowed: true."
    bad: list[object] = [False, "false", "", 0, [], "yes please"]
    return table(where, path, bad=bad, good=[True, "true", secret(True)], says=(False, text), unset=unset)  # noqa: FBT003


def off(where: str, path: str, *, unset: bool = True) -> tuple[Rows, Rows, Rows, Says]:
    """Return the cases of a switch that must be off."""
    text = "true; allowed: false, or unset." if unset else "true; allowed: false."
    bad: list[object] = [True, "true", "", 0, 1, []]
    return table(where, path, bad=bad, good=[False, "false", secret(False)], says=(True, text), unset=unset)  # noqa: FBT003


def number(
    where: str, path: str, *, bad: list[object], good: list[object], says: str, unset: bool = False
) -> tuple[Rows, Rows, Rows, Says]:
    """Return the cases of a number; the first bad one is what the message shows."""
    bad = [*bad, "", True, "many", []]
    return table(where, path, bad=bad, good=good, says=(bad[0], f"{str(bad[0]).lower()}; allowed: {says}"), unset=unset)


def name(where: str, path: str, *, good: list[object], bad: tuple[object, ...] = ()) -> tuple[Rows, Rows, Rows, Says]:
    """Return the cases of a text that must be there."""
    return table(where, path, bad=["", "  ", 0, False, [], {}, *bad], good=good, says=("", "empty; allowed: "))
