"""Custom roles and database users."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from plugins.base import Context, Props
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.api import Api, segment
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.ids import decode_id, encode_id, split_import
from plugins.mongodbatlas.mapping import from_api, to_api

__all__ = ["CustomDbRole", "DatabaseUser"]

_PLACE: Final = {"databaseName": "db", "collectionName": "collection"}
_INHERITED: Final = {"databaseName": "db", "roleName": "role"}
_GRANTED: Final = {"databaseName": "databaseName", "roleName": "roleName", "collectionName": "collectionName"}
_SCOPE: Final = {"name": "name", "type": "type"}
_PAIR: Final = {"key": "key", "value": "value"}
_KINDS: Final = {
    "awsIamType": "awsIAMType",
    "ldapAuthType": "ldapAuthType",
    "oidcAuthType": "oidcAuthType",
    "x509Type": "x509Type",
}


class CustomDbRole(Entity):
    """`mongodbatlas:index/customDbRole:CustomDbRole`."""

    token = "mongodbatlas:index/customDbRole:CustomDbRole"
    noun = "custom role"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "roleName": Field(kind="text", required=True, replaces=True),
        "actions": Field(
            kind="objects",
            unset=[],
            fields={
                "action": Field(kind="text", required=True),
                "resources": Field(
                    kind="objects",
                    required=True,
                    fields={
                        "cluster": Field(kind="flag"),
                        "collectionName": Field(kind="text"),
                        "databaseName": Field(kind="text"),
                    },
                ),
            },
        ),
        "inheritedRoles": Field(
            kind="objects",
            unset=[],
            fields={name: Field(kind="text", required=True) for name in _INHERITED},
        ),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Create it."""
        api.post(_roles(inputs["projectId"]), {"roleName": inputs["roleName"], **_role_body(inputs)})
        return encode_id(project_id=inputs["projectId"], role_name=inputs["roleName"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        parts = decode_id(id_)
        found = api.find(f"{_roles(parts['project_id'])}/{segment(parts['role_name'])}")
        if found is None:
            return None
        return {
            "projectId": parts["project_id"],
            "roleName": found["roleName"],
            "actions": [
                {"action": one["action"], "resources": [_place(place) for place in one["resources"]]}
                for one in found.get("actions", [])
            ],
            "inheritedRoles": [from_api(_INHERITED, one) for one in found.get("inheritedRoles", [])],
        }

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set what it may do anew."""
        api.patch(f"{_roles(news['projectId'])}/{segment(news['roleName'])}", _role_body(news))

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete it."""
        parts = decode_id(id_)
        api.delete(f"{_roles(parts['project_id'])}/{segment(parts['role_name'])}")

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take project and role."""
        return encode_id(**split_import(id_, ["project_id", "role_name"])), {}


class DatabaseUser(Entity):
    """`mongodbatlas:index/databaseUser:DatabaseUser`, with a password, which Atlas never shows."""

    token = "mongodbatlas:index/databaseUser:DatabaseUser"
    noun = "database user"
    secrets = frozenset({"password"})
    kept = ("password",)
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "username": Field(kind="text", required=True, replaces=True),
        "authDatabaseName": Field(kind="text", required=True, allowed=("admin",)),
        "password": Field(kind="text", required=True, secret=True),
        "description": Field(kind="text", unset=""),
        "roles": Field(
            kind="objects",
            required=True,
            fields={
                "collectionName": Field(kind="text"),
                "databaseName": Field(kind="text", required=True),
                "roleName": Field(kind="text", required=True),
            },
        ),
        "labels": Field(kind="objects", unset=[], fields={name: Field(kind="text") for name in _PAIR}),
        "scopes": Field(kind="objects", unset=[], fields={name: Field(kind="text") for name in _SCOPE}),
        **{name: Field(kind="text", default="NONE", allowed=("NONE",)) for name in _KINDS},
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Create it."""
        api.post(f"/groups/{inputs['projectId']}/databaseUsers", _user_body(inputs, {}))
        return encode_id(
            project_id=inputs["projectId"],
            username=inputs["username"],
            auth_database_name=inputs["authDatabaseName"],
        )

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        parts = decode_id(id_)
        found = api.find(_user_path(parts["project_id"], parts["auth_database_name"], parts["username"]))
        if found is None:
            return None
        return {
            "projectId": parts["project_id"],
            "username": found["username"],
            "authDatabaseName": found["databaseName"],
            "roles": [from_api(_GRANTED, one) for one in found["roles"]],
            "labels": [from_api(_PAIR, one) for one in found.get("labels", [])],
            "scopes": [from_api(_SCOPE, one) for one in found.get("scopes", [])],
            **from_api({**_KINDS, "description": "description"}, found),
        }

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change it; the password only where the program has another."""
        path = _user_path(news["projectId"], news["authDatabaseName"], news["username"])
        api.patch(path, _user_body(news, state))

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete it."""
        parts = decode_id(id_)
        api.delete(_user_path(parts["project_id"], parts["auth_database_name"], parts["username"]))

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the official plugin's form with slashes."""
        parts = split_import(id_, ["project_id", "username", "auth_database_name"], separator="/")
        return encode_id(**parts), {}


def _role_body(inputs: Mapping[str, Any]) -> Props:
    return {
        "actions": [
            {"action": one["action"], "resources": [_resource(place) for place in one["resources"]]}
            for one in inputs.get("actions", [])
        ],
        "inheritedRoles": [to_api(_INHERITED, one) for one in inputs.get("inheritedRoles", [])],
    }


def _resource(place: Mapping[str, Any]) -> Props:
    """Return a place as the official plugin sends it: every attribute, with what is empty."""
    return {
        "cluster": bool(place.get("cluster")),
        "db": place.get("databaseName", ""),
        "collection": place.get("collectionName", ""),
    }


def _place(found: Mapping[str, Any]) -> Props:
    return {"cluster": True} if found.get("cluster") else from_api(_PLACE, found)


def _user_body(inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Props:
    body: Props = {
        "groupId": inputs["projectId"],
        "username": inputs["username"],
        "databaseName": inputs["authDatabaseName"],
        "roles": [to_api(_GRANTED, one) for one in inputs["roles"]],
        "labels": [to_api(_PAIR, one) for one in inputs.get("labels", [])],
        "scopes": [to_api(_SCOPE, one) for one in inputs.get("scopes", [])],
        **to_api({**_KINDS, "description": "description"}, inputs),
    }
    if inputs["password"] != state.get("password"):
        body["password"] = inputs["password"]
    return body


def _roles(project: str) -> str:
    return f"/groups/{project}/customDBRoles/roles"


def _user_path(project: str, database: str, user: str) -> str:
    return f"/groups/{project}/databaseUsers/{segment(database)}/{segment(user)}"
