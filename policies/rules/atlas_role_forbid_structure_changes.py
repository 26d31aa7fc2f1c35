"""A role of Atlas reads and writes documents of named collections, and nothing else."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import ATLAS_ROLE
from policies.limits import choice
from policies.mongodb import FORBIDDEN_ROLES
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, at, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge each action, where it may be done, and the roles that are included."""
    name = resource.at("roleName")
    if isinstance(name, str) and name in limits["administrators"]:
        return
    actions = resource.at("actions")
    if actions is UNKNOWN:
        yield Finding.judge(resource, "actions", UNKNOWN, found="", allowed=_allowed(limits))
    for index, entry in enumerate(actions if isinstance(actions, list) else []):
        yield from _action(resource, index, entry, limits)
    for index, entry in enumerate(resource.at("inheritedRoles") if _is_list(resource) else []):
        role = UNKNOWN if entry is UNKNOWN else at(entry, "roleName")
        if not isinstance(role, str) or not role.strip() or role in limits["forbiddenRoles"]:
            where = f"inheritedRoles[{index}].roleName"
            allowed = "a role of the program's own"
            yield Finding.judge(resource, where, role, found=show(role, public_form), allowed=allowed)


def _is_list(resource: Resource) -> bool:
    return isinstance(resource.at("inheritedRoles"), list)


def _action(resource: Resource, index: int, entry: Any, limits: Limits) -> Iterator[Finding]:
    action = UNKNOWN if entry is UNKNOWN else at(entry, "action")
    if action not in limits["allowedActions"]:
        found = show(action, public_form)
        yield Finding.judge(resource, f"actions[{index}].action", action, found=found, allowed=_allowed(limits))
        return
    places = at(entry, "resources")
    for place in places if isinstance(places, list) and places else [places]:
        values = [at(place, name) for name in ("databaseName", "collectionName")]
        wide = (
            not isinstance(values[0], str)
            or not values[0].strip()
            or (values[1] in (UNSET, "") and action not in _WIDE)
        )
        if wide or UNKNOWN in values:
            unknown = UNKNOWN if UNKNOWN in (places, place, *values) else action
            where = f"actions[{index}].resources"
            yield Finding.judge(resource, where, unknown, found="on everything", allowed="a database and a collection")


_WIDE = ("LIST_COLLECTIONS", "DB_STATS", "LIST_INDEXES", "COLL_STATS")


def _allowed(limits: Limits) -> str:
    return ", ".join(limits["allowedActions"])


RULE = ResourceRule(
    id="atlas-role-forbid-structure-changes",
    title="A role of Atlas reads and writes documents of named collections, and nothing else.",
    severity=Severity.HIGH,
    reason="structure is made by one role, from files that were looked at; what a service may drop, a "
    "mistake in it drops",
    fix="leave the action out; collections and indexes are in documents/*.yaml",
    spec=("6.1.1", "4.2.2"),
    link="https://www.mongodb.com/docs/atlas/security-add-mongodb-roles/",
    topic="documents",
    limits=(
        FORBIDDEN_ROLES,
        choice(
            "administrators", ["provisioner"], "Roles that may change structure: who makes collections and indexes."
        ),
        choice(
            "allowedActions",
            [
                "FIND",
                "INSERT",
                "UPDATE",
                "REMOVE",
                "CHANGE_STREAM",
                "COLL_STATS",
                "DB_STATS",
                "LIST_COLLECTIONS",
                "LIST_INDEXES",
            ],
            "The actions that a role may have.",
        ),
    ),
    absent="No actions are right; an empty action and one without a place are violations.",
    example=Example(
        refused='action="DROP_COLLECTION"',
        taken='action="FIND", resources=[{"databaseName": "fashion-wallet-main", "collectionName": "designs"}]',
    ),
    types=(ATLAS_ROLE,),
    check=check,
)
