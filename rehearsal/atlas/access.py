"""Custom roles and database users: kept as Atlas shows them, and made in the real servers."""

from http import HTTPStatus
from typing import Final

from rehearsal.atlas.clusters import live_clusters
from rehearsal.atlas.errors import ApiError, not_found
from rehearsal.atlas.names import ACTIONS
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, items, text
from rehearsal.atlas.state import Document

__all__ = ["ACCESS_ROUTES"]

_PLACE: Final[Shape] = {"cluster": flag(), "collection": text(), "db": text()}
_ACTION: Final[Shape] = {"action": text(*ACTIONS, required=True), "resources": items(_PLACE, required=True)}
_INHERITED: Final[Shape] = {"db": text(required=True), "role": text(required=True)}
_CHANGES: Final[Shape] = {"actions": items(_ACTION), "inheritedRoles": items(_INHERITED)}
_ROLE: Final[Shape] = {**_CHANGES, "roleName": text(required=True, pattern=r"(?!xgen-)[\w-]+")}
_NONE: Final = ("NONE", "USER", "ROLE", "GROUP", "IDP_GROUP", "CUSTOMER", "MANAGED")
_USER: Final[Shape] = {
    "awsIAMType": text(*_NONE),
    "databaseName": text("admin", "$external", required=True),
    "description": text(longest=100),
    "groupId": text(required=True),
    "labels": items({"key": text(), "value": text()}),
    "ldapAuthType": text(*_NONE),
    "oidcAuthType": text(*_NONE),
    "password": text(shortest=8),
    "roles": items(
        {"collectionName": text(), "databaseName": text(required=True), "roleName": text(required=True)}, required=True
    ),
    "scopes": items({"name": text(required=True), "type": text("CLUSTER", "DATA_LAKE", "STREAM", required=True)}),
    "username": text(required=True, shortest=1, longest=1024),
    "x509Type": text(*_NONE),
}
_KINDS: Final = ("awsIAMType", "ldapAuthType", "oidcAuthType", "x509Type")
_BUILT_IN: Final = frozenset(
    {
        *("atlasAdmin", "backup", "clusterMonitor", "dbAdmin", "dbAdminAnyDatabase", "enableSharding", "read"),
        *("readAnyDatabase", "readWrite", "readWriteAnyDatabase"),
    }
)


def _create_role(call: Call) -> Document:
    group, name = call.group(), call.body["roleName"]
    if name in group["customRoles"]:
        detail = f"The custom role {name} already exists."
        raise ApiError(HTTPStatus.CONFLICT, "ATLAS_CUSTOM_ROLE_ALREADY_EXISTS", detail, name)
    wanted = {
        "roleName": name,
        "actions": call.body.get("actions", []),
        "inheritedRoles": call.body.get("inheritedRoles", []),
    }
    _put_role(call, group, wanted)
    return wanted


def _put_role(call: Call, group: Document, wanted: Document) -> None:
    for one in wanted["inheritedRoles"]:
        _check_known(group, one["role"], wanted["roleName"])
    if not wanted["actions"] and not wanted["inheritedRoles"]:
        detail = "A custom role must have at least one action or inherited role."
        raise ApiError(HTTPStatus.BAD_REQUEST, "ATLAS_CUSTOM_ROLE_EMPTY", detail)
    for action in wanted["actions"]:
        for place in action["resources"]:
            if not place.get("cluster") and not ("db" in place and "collection" in place):
                detail = f"Action {action['action']} needs cluster, or db and collection."
                raise ApiError(HTTPStatus.BAD_REQUEST, "INVALID_ATTRIBUTE", detail, "resources")
    call.mongods.set_role(wanted["roleName"], wanted["actions"], wanted["inheritedRoles"])
    group["customRoles"][wanted["roleName"]] = wanted


def _check_known(group: Document, role: str, of: str) -> None:
    if role == of or (role not in group["customRoles"] and role not in _BUILT_IN):
        detail = f"The custom role {role} was not found."
        raise ApiError(HTTPStatus.NOT_FOUND, "ATLAS_CUSTOM_ROLE_NOT_FOUND", detail, role)


def _role(call: Call) -> Document:
    found: Document | None = call.group()["customRoles"].get(call.path["roleName"])
    if found is None:
        raise not_found("ATLAS_CUSTOM_ROLE_NOT_FOUND", "custom role", call.path["roleName"])
    return found


def _update_role(call: Call) -> Document:
    wanted = {**_role(call), **call.body}
    _put_role(call, call.group(), wanted)
    return wanted


def _delete_role(call: Call) -> None:
    group, name = call.group(), _role(call)["roleName"]
    using = [key for key, user in group["databaseUsers"].items() if name in [one["roleName"] for one in user["roles"]]]
    using += [
        key for key, role in group["customRoles"].items() if name in [one["role"] for one in role["inheritedRoles"]]
    ]
    if using:
        detail = f"Cannot delete the custom role {name}: it is in use by {', '.join(using)}."
        raise ApiError(HTTPStatus.CONFLICT, "ATLAS_CUSTOM_ROLE_IN_USE", detail, name)
    call.mongods.drop_role(name)
    del group["customRoles"][name]


def _create_user(call: Call) -> Document:
    group = call.group()
    key = f"{call.body['databaseName']}/{call.body['username']}"
    if key in group["databaseUsers"]:
        detail = f"The specified user {call.body['username']} already exists."
        raise ApiError(HTTPStatus.CONFLICT, "USER_ALREADY_EXISTS", detail, call.body["username"])
    if not call.body.get("password") and all(call.body.get(kind, "NONE") == "NONE" for kind in _KINDS):
        detail = "The required attribute password was not specified."
        raise ApiError(HTTPStatus.BAD_REQUEST, "MISSING_ATTRIBUTE", detail, "password")
    return _put_user(call, group, key, {**dict.fromkeys(_KINDS, "NONE"), "labels": [], "scopes": [], **call.body})


def _put_user(call: Call, group: Document, key: str, wanted: Document) -> Document:
    password = wanted.pop("password", None)
    for one in wanted["roles"]:
        _check_known(group, one["roleName"], "")
    for scope in wanted["scopes"]:
        if scope["type"] == "CLUSTER" and scope["name"] not in live_clusters(group):
            raise not_found("CLUSTER_NOT_FOUND", "cluster", scope["name"])
    call.mongods.set_user(wanted["username"], password, wanted["roles"])
    group["databaseUsers"][key] = wanted  # without the password: Atlas shows none, and no file may have it
    return wanted


def _key(call: Call) -> str:
    return f"{call.path['databaseName']}/{call.path['username']}"


def _user(call: Call) -> Document:
    found: Document | None = call.group()["databaseUsers"].get(_key(call))
    if found is None:
        raise not_found("USERNAME_NOT_FOUND", "user", call.path["username"])
    return found


def _update_user(call: Call) -> Document:
    return _put_user(call, call.group(), _key(call), {**_user(call), **call.body})


def _delete_user(call: Call) -> None:
    _user(call)
    call.mongods.drop_user(call.path["username"])
    del call.group()["databaseUsers"][_key(call)]


_ROLES: Final = "/groups/{groupId}/customDBRoles/roles"
_USERS: Final = "/groups/{groupId}/databaseUsers"
_GONE: Final = HTTPStatus.NO_CONTENT
ACCESS_ROUTES: Final[Routes] = (
    Route(method="POST", path=_ROLES, handler=_create_role, body=_ROLE, status=HTTPStatus.ACCEPTED),
    Route(method="GET", path=f"{_ROLES}/{{roleName}}", handler=_role),
    Route(method="PATCH", path=f"{_ROLES}/{{roleName}}", handler=_update_role, body=_CHANGES),
    Route(method="DELETE", path=f"{_ROLES}/{{roleName}}", handler=_delete_role, status=_GONE),
    Route(method="POST", path=_USERS, handler=_create_user, body=_USER, status=HTTPStatus.CREATED),
    Route(method="GET", path=f"{_USERS}/{{databaseName}}/{{username}}", handler=_user),
    Route(
        method="PATCH", path=f"{_USERS}/{{databaseName}}/{{username}}", handler=_update_user, body=_USER, partial=True
    ),
    Route(method="DELETE", path=f"{_USERS}/{{databaseName}}/{{username}}", handler=_delete_user, status=_GONE),
)
