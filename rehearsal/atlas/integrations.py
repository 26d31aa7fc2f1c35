"""Integrations with others: the one with Prometheus. Nobody scrapes here; what is set is checked and shown."""

from http import HTTPStatus
from typing import Final

from rehearsal.atlas.errors import ApiError, not_found
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, text
from rehearsal.atlas.state import Document, new_id

__all__ = ["INTEGRATION_ROUTES"]

_PROMETHEUS: Final = "PROMETHEUS"
_INTEGRATION: Final[Shape] = {
    "enabled": flag(required=True),
    "id": text(),
    "password": text(),
    "sendUserProvidedResourceTagsEnabled": flag(),
    "serviceDiscovery": text("http", "file", required=True),
    "type": text(_PROMETHEUS),
    "username": text(required=True),
}


def _create(call: Call) -> Document:
    known = call.group()["integrations"]
    if _PROMETHEUS in known:
        detail = f"An integration of type {_PROMETHEUS} already exists in the group."
        raise ApiError(HTTPStatus.CONFLICT, "INTEGRATION_ALREADY_EXISTS", detail, _PROMETHEUS)
    if not call.body.get("password"):
        detail = "The required attribute password was not specified."
        raise ApiError(HTTPStatus.BAD_REQUEST, "MISSING_ATTRIBUTE", detail, "password")
    _keep(call, new_id())
    return _listed(call)


def _keep(call: Call, id_: str) -> None:
    # Without the password: Atlas shows none, and no file may have it.
    given = {name: value for name, value in call.body.items() if name != "password"}
    call.group()["integrations"][_PROMETHEUS] = {
        "sendUserProvidedResourceTagsEnabled": False,
        **given,
        "id": id_,
        "type": _PROMETHEUS,
    }


def _listed(call: Call) -> Document:
    results = list(call.group()["integrations"].values())
    return {"links": [], "results": results, "totalCount": len(results)}


def _read(call: Call) -> Document:
    found: Document | None = call.group()["integrations"].get(_PROMETHEUS)
    if found is None:
        raise not_found("INTEGRATION_NOT_FOUND", "integration", _PROMETHEUS)
    return found


def _put(call: Call) -> Document:
    _keep(call, _read(call)["id"])
    return _listed(call)


def _delete(call: Call) -> None:
    _read(call)
    del call.group()["integrations"][_PROMETHEUS]


_ALL: Final = "/groups/{groupId}/integrations"
_ONE: Final = f"{_ALL}/{_PROMETHEUS}"
INTEGRATION_ROUTES: Final[Routes] = (
    Route(method="GET", path=_ALL, handler=_listed),
    Route(method="GET", path=_ONE, handler=_read),
    Route(method="POST", path=_ONE, handler=_create, body=_INTEGRATION),
    Route(method="PUT", path=_ONE, handler=_put, body=_INTEGRATION),
    Route(method="DELETE", path=_ONE, handler=_delete, status=HTTPStatus.NO_CONTENT),
)
