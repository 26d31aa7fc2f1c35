"""Private endpoints and the access list."""

import ipaddress
import secrets
from http import HTTPStatus
from typing import Final

from rehearsal.atlas.errors import ApiError, not_found
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, text, texts
from rehearsal.atlas.state import Document, new_id, now

__all__ = ["NETWORK_ROUTES"]

_REGION: Final = r"[A-Z]{2}(_[A-Z]+)+_[1-9]|[a-z]{2}(-[a-z]+)+-[1-9]"
_SERVICE: Final[Shape] = {
    "portMappingEnabled": flag(),
    "providerName": text("AWS", required=True),
    "region": text(required=True, pattern=_REGION),
    "supportedRemoteRegions": texts(),
}
_ENDPOINT: Final[Shape] = {"id": text(required=True, pattern=r"vpce-[0-9a-f]{17}")}
_ENTRY: Final[Shape] = {
    "awsSecurityGroup": text(),
    "cidrBlock": text(),
    "comment": text(longest=80),
    "deleteAfterDate": text(),
    "ipAddress": text(),
}


def _create_service(call: Call) -> Document:
    group, region = call.group(), call.body["region"].upper().replace("-", "_")
    if any(one["regionName"] == region for one in group["endpointServices"].values()):
        detail = f"A private endpoint service already exists in region {region}."
        raise ApiError(HTTPStatus.CONFLICT, "PRIVATE_ENDPOINT_SERVICE_ALREADY_EXISTS_FOR_REGION", detail, region)
    made = {
        "id": new_id(),
        "regionName": region,
        "endpointServiceName": (
            f"com.amazonaws.vpce.{region.lower().replace('_', '-')}.vpce-svc-{secrets.token_hex(9)[:17]}"
        ),
        "endpoints": {},
        "settledAt": now() + call.settle_s,
    }
    group["endpointServices"][made["id"]] = made
    return _shown(made)


def _service(call: Call) -> Document:
    found: Document | None = call.group()["endpointServices"].get(call.path["endpointServiceId"])
    if found is None:
        raise not_found("PRIVATE_ENDPOINT_SERVICE_NOT_FOUND", "endpoint service", call.path["endpointServiceId"])
    return found


def _read_service(call: Call) -> Document:
    return _shown(_service(call))


def _delete_service(call: Call) -> None:
    found = _service(call)
    if found["endpoints"]:
        detail = f"Endpoint service {found['id']} has interface endpoints; delete them first."
        raise ApiError(HTTPStatus.CONFLICT, "CANNOT_DELETE_PRIVATE_ENDPOINT_SERVICE_WITH_ENDPOINTS", detail)
    del call.group()["endpointServices"][found["id"]]


def _create_endpoint(call: Call) -> Document:
    found, id_ = _service(call), call.body["id"]
    if id_ in found["endpoints"]:
        detail = f"Private endpoint {id_} already exists."
        raise ApiError(HTTPStatus.CONFLICT, "PRIVATE_ENDPOINT_ALREADY_EXISTS", detail, id_)
    found["endpoints"][id_] = {"interfaceEndpointId": id_, "settledAt": now() + call.settle_s}
    return _shown_endpoint(found["endpoints"][id_])


def _endpoint(call: Call) -> Document:
    found: Document | None = _service(call)["endpoints"].get(call.path["endpointId"])
    if found is None:
        raise not_found("INTERFACE_ENDPOINT_NOT_FOUND", "interface endpoint", call.path["endpointId"])
    return found


def _read_endpoint(call: Call) -> Document:
    return _shown_endpoint(_endpoint(call))


def _delete_endpoint(call: Call) -> None:
    del _service(call)["endpoints"][_endpoint(call)["interfaceEndpointId"]]


def _shown(found: Document) -> Document:
    settled = now() >= found["settledAt"]
    return {
        "id": found["id"],
        "cloudProvider": "AWS",
        "regionName": found["regionName"],
        "endpointServiceName": found["endpointServiceName"] if settled else None,
        "errorMessage": None,
        "interfaceEndpoints": sorted(found["endpoints"]),
        "status": "AVAILABLE" if settled else "INITIATING",
    }


def _shown_endpoint(found: Document) -> Document:
    return {
        "cloudProvider": "AWS",
        "connectionStatus": "AVAILABLE" if now() >= found["settledAt"] else "PENDING",
        "deleteRequested": False,
        "errorMessage": None,
        "interfaceEndpointId": found["interfaceEndpointId"],
    }


def _create_entries(call: Call) -> Document:
    group = call.group()
    for entry in call.body:
        given = [name for name in ("awsSecurityGroup", "cidrBlock", "ipAddress") if entry.get(name)]
        if len(given) != 1:
            detail = "Exactly one of awsSecurityGroup, cidrBlock and ipAddress must be specified."
            raise ApiError(HTTPStatus.BAD_REQUEST, "INVALID_ATTRIBUTE", detail, *given)
        value = entry[given[0]]
        if given[0] == "cidrBlock":
            _check_network(value)
        group["accessList"][value] = {"comment": "", **entry, "groupId": group["id"]}
    return _listed(group)


def _check_network(value: str) -> None:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        detail = f"The address {value} must be in valid CIDR notation: {error}."
        raise ApiError(HTTPStatus.BAD_REQUEST, "CANNOT_ADD_INVALID_CIDR", detail, value) from None


def _list_entries(call: Call) -> Document:
    return _listed(call.group())


def _listed(group: Document) -> Document:
    found = list(group["accessList"].values())
    return {"results": found, "totalCount": len(found), "links": []}


def _entry(call: Call) -> Document:
    found: Document | None = call.group()["accessList"].get(call.path["entryValue"])
    if found is None:
        raise not_found("ATLAS_NETWORK_PERMISSION_ENTRY_NOT_FOUND", "access list entry", call.path["entryValue"])
    return found


def _delete_entry(call: Call) -> None:
    _entry(call)
    del call.group()["accessList"][call.path["entryValue"]]


_SERVICES: Final = "/groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}"
_LIST: Final = "/groups/{groupId}/accessList"
_GONE: Final = HTTPStatus.NO_CONTENT
NETWORK_ROUTES: Final[Routes] = (
    Route(
        method="POST", path="/groups/{groupId}/privateEndpoint/endpointService", handler=_create_service, body=_SERVICE
    ),
    Route(method="GET", path=_SERVICES, handler=_read_service),
    Route(method="DELETE", path=_SERVICES, handler=_delete_service, status=_GONE),
    Route(method="POST", path=f"{_SERVICES}/endpoint", handler=_create_endpoint, body=_ENDPOINT),
    Route(method="GET", path=f"{_SERVICES}/endpoint/{{endpointId}}", handler=_read_endpoint),
    Route(method="DELETE", path=f"{_SERVICES}/endpoint/{{endpointId}}", handler=_delete_endpoint, status=_GONE),
    Route(method="POST", path=_LIST, handler=_create_entries, bodies=_ENTRY),
    Route(method="GET", path=_LIST, handler=_list_entries),
    Route(method="GET", path=f"{_LIST}/{{entryValue}}", handler=_entry),
    Route(method="DELETE", path=f"{_LIST}/{{entryValue}}", handler=_delete_entry, status=_GONE),
)
