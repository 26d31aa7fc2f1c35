"""Roles and users, brought to what is declared; a user's password is compared by trying it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from pymongo.errors import OperationFailure

from walletdb.errors import MongoError
from walletdb.mongodb.connection import Client, Connection, Document, code_of, command

__all__ = [
    "MECHANISM",
    "GrantedRole",
    "Privilege",
    "RoleSpec",
    "UserSpec",
    "drop_role",
    "drop_user",
    "ensure_role",
    "ensure_user",
    "role_differences",
    "user_differences",
]

MECHANISM: Final = "SCRAM-SHA-256"
_USER_MISSING: Final = 11
_AUTHENTICATION_FAILED: Final = 18
_ROLE_MISSING: Final = 31
_ROLE_EXISTS: Final = 51002
_USER_EXISTS: Final = 51003
Spec = TypeVar("Spec", "RoleSpec", "UserSpec")


@dataclasses.dataclass(frozen=True, kw_only=True)
class GrantedRole:
    """A role that a role or a user has."""

    role: str
    database: str

    @property
    def words(self) -> Document:
        """As MongoDB writes it."""
        return {"role": self.role, "db": self.database}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Privilege:
    """What may be done with a collection; an empty name means every one."""

    database: str
    collection: str
    actions: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RoleSpec:
    """A role as it is declared; `database` is where it is defined."""

    database: str
    name: str
    privileges: tuple[Privilege, ...]
    roles: tuple[GrantedRole, ...]

    @property
    def words(self) -> Document:
        """What `createRole` and `updateRole` are given."""
        privileges = [
            {"resource": {"db": each.database, "collection": each.collection}, "actions": sorted(each.actions)}
            for each in self.privileges
        ]
        return {"privileges": privileges, "roles": [each.words for each in self.roles]}


@dataclasses.dataclass(frozen=True, kw_only=True)
class UserSpec:
    """A user as it is declared; `database` is the one it authenticates against."""

    database: str
    name: str
    password: str = dataclasses.field(repr=False)
    roles: tuple[GrantedRole, ...]

    @property
    def words(self) -> Document:
        """What `createUser` and `updateUser` are given."""
        return {"pwd": self.password, "roles": [each.words for each in self.roles], "mechanisms": [MECHANISM]}


def ensure_role(client: Client, spec: RoleSpec) -> None:
    """Create the role, or bring one that is there to what is declared."""
    _ensure(client, spec, ("createRole", "updateRole"), _ROLE_EXISTS)


def ensure_user(client: Client, spec: UserSpec) -> None:
    """Create the user, or bring one that is there to what is declared. Connections that are open stay open."""
    _ensure(client, spec, ("createUser", "updateUser"), _USER_EXISTS)


def drop_role(client: Client, spec: RoleSpec) -> None:
    """Drop the role; one that is gone is no error."""
    _drop(client, spec, "dropRole", _ROLE_MISSING)


def drop_user(client: Client, spec: UserSpec) -> None:
    """Drop the user; one that is gone is no error."""
    _drop(client, spec, "dropUser", _USER_MISSING)


def role_differences(client: Client, spec: RoleSpec) -> tuple[str, ...] | None:
    """Names of the inputs (`privileges`, `roles`) that are not as declared, in any order; None: it is gone."""
    asked = {"rolesInfo": {"role": spec.name, "db": spec.database}, "showPrivileges": True}
    found = client[spec.database].command(asked)["roles"]
    if not found:
        return None
    pairs = {
        "privileges": (_privileges(found[0]["privileges"]), _privileges(spec.words["privileges"])),
        "roles": (_roles(found[0]["roles"]), _roles(spec.words["roles"])),
    }
    return tuple(name for name, (is_, wanted) in pairs.items() if is_ != wanted)


def user_differences(client: Client, connection: Connection, spec: UserSpec) -> tuple[str, ...] | None:
    """Names of what is not as declared: `roles`, `mechanisms`, `password`; None: it is gone.

    The password is tried by authenticating as the user, over a connection of its own.
    """
    found = client[spec.database].command({"usersInfo": {"user": spec.name, "db": spec.database}})["users"]
    if not found:
        return None
    changed = ["roles"] if _roles(found[0]["roles"]) != _roles(spec.words["roles"]) else []
    if found[0].get("mechanisms") != [MECHANISM]:
        changed.append("mechanisms")
    if not _accepts(connection, spec):
        changed.append("password")
    return tuple(changed)


def _ensure(client: Client, spec: Spec, names: tuple[str, str], exists: int) -> None:
    create, update = names
    database = client[spec.database]
    try:
        try:
            command(database, {create: spec.name, **spec.words})
        except OperationFailure as error:
            if code_of(error) != exists:
                raise
            command(database, {update: spec.name, **spec.words})
    except OperationFailure as error:
        if code_of(error) != _ROLE_MISSING:
            raise
        raise MongoError(
            f"cannot bring {spec.name} to what is declared: a role that it is to have does not exist",
            got=str((error.details or {}).get("errmsg", "")),
            fix="declare that role, and let this one depend on it; or correct its name or database",
        ) from None


def _drop(client: Client, spec: Spec, name: str, missing: int) -> None:
    try:
        command(client[spec.database], {name: spec.name})
    except OperationFailure as error:
        if code_of(error) != missing:
            raise


def _accepts(connection: Connection, spec: UserSpec) -> bool:
    """Whether the server lets the user in with the password."""
    options = {
        "username": spec.name,
        "password": spec.password,
        "authSource": spec.database,
        "authMechanism": MECHANISM,
        "maxPoolSize": 1,
    }
    with connection.new_client(**options) as client:
        try:
            client[spec.database].command("ping")
        except OperationFailure as error:
            if code_of(error) != _AUTHENTICATION_FAILED:
                raise
            return False
    return True


def _roles(roles: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(each["role"], each["db"]) for each in roles}


def _privileges(privileges: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Actions by resource: the same whatever their order, and however they are spread over entries."""
    found: dict[str, set[str]] = {}
    for each in privileges:
        resource = repr(sorted(each["resource"].items()))
        found.setdefault(resource, set()).update(each["actions"])
    return {resource: actions for resource, actions in found.items() if actions}
