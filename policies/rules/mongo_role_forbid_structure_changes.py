"""A role works with documents of single collections; collections, indexes, users and servers are not its business."""

import re
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.mongodb import FORBIDDEN_ROLES, elevated_roles
from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, at, show
from policies.wire import MONGO_ROLE

__all__ = ["RULE"]

_DOCUMENTS = ("find", "insert", "update", "remove", "changeStream", "collStats", "indexStats", "listIndexes")
_WIDE = ("dbStats", "listCollections")
_SYSTEM_DATABASES = frozenset({"admin", "config", "local"})
_ACTION = re.compile(r"[A-Za-z]{1,64}")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge each privilege by its actions and by where they are allowed, then the roles that are included."""
    privileges = at(resource.properties, "privileges")
    if isinstance(privileges, list):
        for index, privilege in enumerate(privileges):
            yield from _privilege(resource, f"privileges[{index}]", privilege, limits)
    elif privileges is not UNSET:
        yield _malformed(resource, "privileges", privileges, "a list of database, collection and actions")
    yield from elevated_roles(resource, limits["forbiddenRoles"])


def _privilege(resource: Resource, where: str, privilege: Any, limits: Limits) -> Iterator[Finding]:
    if not isinstance(privilege, dict):
        yield _malformed(resource, where, privilege, "database, collection and actions")
        return
    allowed, wide = limits["allowedActions"], limits["wideActions"]
    actions = at(privilege, "actions")
    if not isinstance(actions, list):
        yield _malformed(resource, f"{where}.actions", actions, f"a list of {', '.join(allowed)}")
        return
    place = _place(privilege)
    for action in actions:
        if action not in allowed:
            yield Finding.judge(
                resource, f"{where}.actions", action, found=show(action, _is_action), allowed=", ".join(allowed)
            )
        elif place and action not in wide:
            yield Finding(
                resource=resource,
                where=where,
                found=f"{action} on {place}",
                allowed=f"only {', '.join(wide) or 'nothing'} there, and the other actions on single collections",
                cannot_tell=place is UNKNOWN,
            )


def _place(privilege: dict[str, Any]) -> Any:
    """Return what is more than one collection or no place for documents, in words; `UNKNOWN` where it may be."""
    database, collection = at(privilege, "database"), at(privilege, "collection")
    if isinstance(database, str) and database in _SYSTEM_DATABASES:
        return f"the system's database {database}"
    if isinstance(collection, str) and collection.startswith("system."):
        return "a collection of the system"
    if database is not UNKNOWN and not (isinstance(database, str) and database):
        return "every database"
    if collection is not UNKNOWN and not (isinstance(collection, str) and collection):
        return "every collection"
    return UNKNOWN if UNKNOWN in (database, collection) else ""


def _malformed(resource: Resource, where: str, value: Any, allowed: str) -> Finding:
    return Finding.judge(resource, where, value, found=show(value, _is_action), allowed=allowed)


def _is_action(text: str) -> bool:
    return _ACTION.fullmatch(text) is not None


_ACTIONS = {"type": "array", "items": {"type": "string", "minLength": 1}}

RULE = ResourceRule(
    id="mongo-role-forbid-structure-changes",
    title="A role of MongoDB reads and writes documents of single collections, and includes no elevated role.",
    severity=Severity.CRITICAL,
    reason="whoever may drop a collection, skip its validator or reach the system's collections needs one leaked "
    "password to take or lose all data, and changes of structure escape the stack",
    fix="name each collection with only the actions that are needed (components/mongodb/access.py), and let an update "
    "of the stack make collections and indexes",
    spec=("4.2.1", "6.1.1"),
    frameworks=("CIS MongoDB Benchmark: each role has only the privileges that it needs",),
    link="https://www.mongodb.com/docs/manual/reference/privilege-actions/",
    limits=(
        Limit(
            name="allowedActions",
            schema=_ACTIONS,
            default=[*_DOCUMENTS, *_WIDE],
            meaning="Actions that a role may have.",
        ),
        FORBIDDEN_ROLES,
        Limit(
            name="wideActions",
            schema=_ACTIONS,
            default=list(_WIDE),
            meaning="Those of `allowedActions` that a role may also have on every database, on every collection, in "
            "`admin`, `config` and `local`, and on collections whose name begins with `system.`.",
        ),
    ),
    absent="A database or collection that is unset or empty means every one; unset `actions` are a violation. Unset or "
    "empty `privileges` and `roles` are allowed: they give nothing.",
    types=(MONGO_ROLE,),
    example=Example(
        refused='{"collection": "designs", "actions": ["dropCollection"]}',
        taken='{"collection": "designs", "actions": ["find", "insert", "update"]}',
    ),
    check=check,
)
