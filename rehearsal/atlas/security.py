"""How Atlas gets at a customer's AWS account, encryption at rest by a key there, and the audit log's settings."""

import json
import uuid
from http import HTTPStatus
from typing import Final

from rehearsal.atlas.aws_side import ACCOUNT_ARN
from rehearsal.atlas.clusters import live_clusters
from rehearsal.atlas.errors import ApiError, not_found
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, nested, text
from rehearsal.atlas.state import Document, new_id, timestamp

__all__ = ["SECURITY_ROUTES"]

_ROLE: Final[Shape] = {"providerName": text("AWS", required=True)}
_AUTHORIZATION: Final[Shape] = {
    "providerName": text("AWS", required=True),
    "iamAssumedRoleArn": text(required=True, pattern=r"arn:aws[a-z-]*:iam::\d{12}:role/.+", shortest=20, longest=2048),
    "roleId": text(),
}
_ENCRYPTION: Final[Shape] = {
    "awsKms": nested(
        {
            "accessKeyID": text(shortest=16, longest=128),
            "customerMasterKeyID": text(shortest=1, longest=2048),
            "enabled": flag(),
            "region": text(pattern=r"[A-Z]{2}(_[A-Z]+)+_[1-9]"),
            "requirePrivateNetworking": flag(),
            "roleId": text(pattern=r"[a-f0-9]{24}"),
            "secretAccessKey": text(),
        }
    ),
    "azureKeyVault": nested({"enabled": flag()}),
    "enabledForSearchNodes": flag(),
    "googleCloudKms": nested({"enabled": flag()}),
}
_AUDIT: Final[Shape] = {"auditAuthorizationSuccess": flag(), "auditFilter": text(), "enabled": flag()}


def _create_role(call: Call) -> Document:
    made: Document = {
        "providerName": "AWS",
        "roleId": new_id(),
        "atlasAWSAccountArn": ACCOUNT_ARN,
        "atlasAssumedRoleExternalId": str(uuid.uuid4()),
        "createdDate": timestamp(),
        "authorizedDate": None,
        "iamAssumedRoleArn": None,
        "featureUsages": [],
    }
    call.group()["cloudProviderAccess"][made["roleId"]] = made
    return made


def _role(call: Call) -> Document:
    found: Document | None = call.group()["cloudProviderAccess"].get(call.path["roleId"])
    if found is None:
        raise not_found("CLOUD_PROVIDER_ACCESS_ROLE_NOT_FOUND", "cloud provider access role", call.path["roleId"])
    return found


def _authorize(call: Call) -> Document:
    found = _role(call)
    call.aws.check_role(call.body["iamAssumedRoleArn"], found["atlasAssumedRoleExternalId"])
    found.update(iamAssumedRoleArn=call.body["iamAssumedRoleArn"], authorizedDate=timestamp())
    return found


def _deauthorize(call: Call) -> None:
    found = _role(call)
    used = call.group()["encryptionAtRest"]["awsKms"]
    if used.get("enabled") and used.get("roleId") == found["roleId"]:
        detail = f"Role {found['roleId']} is in use by encryption at rest."
        raise ApiError(HTTPStatus.CONFLICT, "CANNOT_DEAUTHORIZE_ROLE_IN_USE", detail, found["roleId"])
    del call.group()["cloudProviderAccess"][found["roleId"]]


def _read_encryption(call: Call) -> Document:
    found: Document = call.group()["encryptionAtRest"]
    return found


def _update_encryption(call: Call) -> Document:
    group = call.group()
    wanted = call.body.get("awsKms", {})
    if wanted.get("enabled"):
        _check_key(call, wanted)
        group["encryptionAtRest"]["awsKms"] = {"requirePrivateNetworking": False, **wanted, "valid": True}
    elif wanted:
        using = [name for name, one in live_clusters(group).items() if one["encryptionAtRestProvider"] == "AWS"]
        if using:
            detail = f"Cannot disable encryption at rest: clusters {', '.join(using)} use it."
            raise ApiError(HTTPStatus.CONFLICT, "CANNOT_DISABLE_ENCRYPTION_AT_REST_IN_USE", detail, *using)
        group["encryptionAtRest"]["awsKms"] = {"enabled": False}
    if "enabledForSearchNodes" in call.body:
        group["encryptionAtRest"]["enabledForSearchNodes"] = call.body["enabledForSearchNodes"]
    found: Document = group["encryptionAtRest"]
    return found


def _check_key(call: Call, wanted: Document) -> None:
    for name in ("customerMasterKeyID", "region", "roleId"):
        if not wanted.get(name):
            detail = f"The required attribute awsKms.{name} was not specified."
            raise ApiError(HTTPStatus.BAD_REQUEST, "MISSING_ATTRIBUTE", detail, f"awsKms.{name}")
    role = call.group()["cloudProviderAccess"].get(wanted["roleId"])
    if role is None or not role["iamAssumedRoleArn"]:
        detail = f"Role {wanted['roleId']} is not authorized."
        raise ApiError(HTTPStatus.BAD_REQUEST, "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED", detail, wanted["roleId"])
    call.aws.check_key(wanted["customerMasterKeyID"], wanted["region"], role["iamAssumedRoleArn"])


def _read_audit(call: Call) -> Document:
    found: Document = call.group()["auditLog"]
    return found


def _update_audit(call: Call) -> Document:
    try:
        json.loads(call.body.get("auditFilter", "{}"))
    except ValueError:
        detail = "Invalid attribute auditFilter specified: it is no JSON."
        raise ApiError(HTTPStatus.BAD_REQUEST, "INVALID_ATTRIBUTE", detail, "auditFilter") from None
    found: Document = call.group()["auditLog"]
    found.update(call.body)
    found["configurationType"] = "FILTER_JSON" if found["enabled"] else "NONE"
    return found


_ACCESS: Final = "/groups/{groupId}/cloudProviderAccess"
_GROUP: Final = "/groups/{groupId}"
SECURITY_ROUTES: Final[Routes] = (
    Route(method="POST", path=_ACCESS, handler=_create_role, body=_ROLE),
    Route(method="GET", path=f"{_ACCESS}/{{roleId}}", handler=_role),
    Route(method="PATCH", path=f"{_ACCESS}/{{roleId}}", handler=_authorize, body=_AUTHORIZATION),
    Route(
        method="DELETE",
        path=f"{_ACCESS}/{{cloudProvider}}/{{roleId}}",
        handler=_deauthorize,
        status=HTTPStatus.NO_CONTENT,
    ),
    Route(method="GET", path=f"{_GROUP}/encryptionAtRest", handler=_read_encryption),
    Route(method="PATCH", path=f"{_GROUP}/encryptionAtRest", handler=_update_encryption, body=_ENCRYPTION),
    Route(method="GET", path=f"{_GROUP}/auditLog", handler=_read_audit),
    Route(method="PATCH", path=f"{_GROUP}/auditLog", handler=_update_audit, body=_AUDIT),
)
