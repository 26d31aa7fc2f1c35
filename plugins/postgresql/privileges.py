"""Privileges: which there are on what, and statements that bring a role from what it has to what it should have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from plugins.base import CheckFailure, contains_unknown
from plugins.base.fields import in_order_of
from plugins.postgresql.catalogue import PUBLIC

__all__ = ["ALL", "PRIVILEGES", "Held", "check_privileges", "grants_on", "spelled", "statements"]

ALL: Final = "ALL"
# Source: PostgreSQL's documentation of GRANT; MAINTAIN from 17 on.
_TABLE: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
PRIVILEGES: Final[Mapping[str, tuple[str, ...]]] = {
    "database": ("CREATE", "CONNECT", "TEMPORARY"),
    "schema": ("CREATE", "USAGE"),
    "table": _TABLE,
    "sequence": ("USAGE", "SELECT", "UPDATE"),
    "function": ("EXECUTE",),
    "procedure": ("EXECUTE",),
    "routine": ("EXECUTE",),
    "type": ("USAGE",),
}


@dataclass(frozen=True, slots=True)
class Held:
    """What a role holds on one object: privileges, those it may grant on, and whether the object is its own.

    An owner holds everything without a grant; only what an owner lacks says anything.
    """

    privileges: frozenset[str]
    grantable: frozenset[str]
    own: bool = False


def check_privileges(object_type: Any, privileges: Any, role: Any, grant_option: Any) -> list[CheckFailure]:
    """Return what is wrong with privileges for a type of object; unknown values are left for later."""
    failures = []
    if grant_option is True and role == PUBLIC:
        reason = "withGrantOption: got true for role public, allowed is false: only a role can grant on"
        failures.append(CheckFailure("withGrantOption", reason))
    if contains_unknown(object_type) or contains_unknown(privileges) or object_type not in PRIVILEGES:
        return failures
    allowed = (ALL, *PRIVILEGES[object_type])
    failures += [
        CheckFailure(
            f"privileges[{index}]", f"privileges[{index}]: got {item!r}, allowed for a {object_type} are {allowed}"
        )
        for index, item in enumerate(privileges)
        if item not in allowed
    ]
    return failures


def spelled(wanted: list[str], every: frozenset[str], held: list[Held]) -> list[str]:
    """Return the privileges held on all objects, as `wanted` spells them where they are what is wanted.

    `every` is all that this server knows for the type. Where objects differ, the answer is never `wanted`: what one
    lacks is missing in it, else what one has too much is in it.
    """
    target = every if ALL in wanted else frozenset(wanted)
    lacking = any(not target <= each.privileges for each in held)
    surplus = any(not each.own and not each.privileges <= target for each in held)
    if not lacking and not surplus:
        return wanted
    judged = [each for each in held if not each.own or not target <= each.privileges]
    sets = [each.privileges for each in judged]
    found = frozenset.intersection(*sets) if lacking else frozenset.union(*sets)
    return in_order_of(wanted, sorted(found))


def grants_on(wanted: list[str], *, wanted_option: bool, every: frozenset[str], held: list[Held]) -> bool:
    """Return whether the role may grant on, told from the wanted privileges it holds."""
    target = every if ALL in wanted else frozenset(wanted)
    judged = [(each.privileges & target, each.grantable & target) for each in held if not each.own]
    if wanted_option:
        return all(has <= may for has, may in judged)
    return any(may for _, may in judged)


def statements(
    wanted: list[str],
    object_type: str,
    every: frozenset[str],
    role: str,
    phrase: Callable[[str, sql.Composable, str, sql.Composable], sql.Composed],
    *,
    grant_option: bool,
) -> list[sql.Composed]:
    """Return the statements after which `role` holds exactly `wanted` of `every` privilege this server knows.

    `phrase(verb, privileges, preposition, grantee)` puts one together, as GRANT and ALTER DEFAULT PRIVILEGES differ.
    Only what should not be there is revoked: nobody loses for a moment what they keep.
    """
    known = PRIVILEGES[object_type]
    grantee = sql.SQL("PUBLIC") if role == PUBLIC else sql.Identifier(role)
    if not wanted:
        return [phrase("REVOKE", sql.SQL("ALL PRIVILEGES"), "FROM", grantee)]
    listed = sql.SQL("ALL PRIVILEGES") if ALL in wanted else _listed(item for item in known if item in wanted)
    unwanted = [] if ALL in wanted else [item for item in known if item in every and item not in wanted]
    made = [phrase("REVOKE", _listed(unwanted), "FROM", grantee)] if unwanted else []
    if not grant_option and role != PUBLIC:
        made.append(phrase("REVOKE GRANT OPTION FOR", listed, "FROM", grantee))
    granted = phrase("GRANT", listed, "TO", grantee)
    return [*made, sql.SQL("{} WITH GRANT OPTION").format(granted) if grant_option else granted]


def _listed(privileges: Any) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(item) for item in privileges)
