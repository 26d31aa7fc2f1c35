"""Projects (groups) and their settings."""

from http import HTTPStatus
from typing import Any, Final

from rehearsal.atlas.clusters import live_clusters
from rehearsal.atlas.errors import ApiError
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, items, text
from rehearsal.atlas.state import Document, new_id, timestamp

__all__ = ["GROUP_ROUTES", "TAG"]

ID: Final = r"[a-f0-9]{24}"
TAG: Final[Shape] = {
    "key": text(required=True, pattern=r"[A-Za-z0-9 ;@_.+-]+", longest=255),
    "value": text(required=True, pattern=r"[A-Za-z0-9 ;@_.+-]*", longest=255),
}
_NAME: Final = r"[\w\-_.(),:&@+' ]{1,64}"
_GROUP: Final[Shape] = {
    "name": text(required=True, pattern=_NAME),
    "orgId": text(required=True, pattern=ID),
    "regionUsageRestrictions": text("COMMERCIAL_FEDRAMP_REGIONS_ONLY", "GOV_REGIONS_ONLY"),
    "tags": items(TAG),
    "withDefaultAlertsSettings": flag(),
}
_UPDATE: Final[Shape] = {"name": text(pattern=_NAME), "tags": items(TAG)}
_DEFAULTS: Final = {
    "isClusterAiAssistantEnabled": True,
    "isCollectDatabaseSpecificsStatisticsEnabled": True,
    "isDataExplorerEnabled": True,
    "isDataExplorerGenAIFeaturesEnabled": True,
    "isDataExplorerGenAISampleDocumentPassingEnabled": False,
    "isExtendedStorageSizesEnabled": False,
    "isNativeRerankingEnabled": False,
    "isPerformanceAdvisorEnabled": True,
    "isRealtimePerformancePanelEnabled": True,
    "isSchemaAdvisorEnabled": True,
}
_SETTINGS: Final[Shape] = {name: flag() for name in _DEFAULTS}
_SECTIONS: Final[dict[str, Any]] = {
    "clusters": {},
    "cloudProviderAccess": {},
    "endpointServices": {},
    "accessList": {},
    "alertConfigs": {},
    "integrations": {},
    "databaseUsers": {},
    "customRoles": {},
    "containers": {},
    "encryptionAtRest": {"awsKms": {"enabled": False}, "enabledForSearchNodes": False},
    "auditLog": {
        "auditAuthorizationSuccess": False,
        "auditFilter": "{}",
        "configurationType": "NONE",
        "enabled": False,
    },
    "maintenanceWindow": None,
    "compliancePolicy": None,
}


def _create(call: Call) -> Document:
    if any(group["name"] == call.body["name"] for group in call.state.groups.values()):
        detail = f"A group with name {call.body['name']} already exists."
        raise ApiError(HTTPStatus.CONFLICT, "GROUP_ALREADY_EXISTS", detail, call.body["name"])
    made = {
        "id": new_id(),
        "name": call.body["name"],
        "orgId": call.body["orgId"],
        "created": timestamp(),
        "tags": call.body.get("tags", []),
        "settings": dict(_DEFAULTS),
        **{name: value.copy() if isinstance(value, dict) else value for name, value in _SECTIONS.items()},
    }
    call.state.groups[made["id"]] = made
    return _shown(made)


def _read(call: Call) -> Document:
    return _shown(call.group())


def _update(call: Call) -> Document:
    group = call.group()
    group.update(call.body)
    return _shown(group)


def _delete(call: Call) -> None:
    group = call.group()
    if live_clusters(group):
        detail = "Cannot close group while it has active Atlas clusters; terminate all clusters first."
        raise ApiError(HTTPStatus.CONFLICT, "CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS", detail)
    if group["compliancePolicy"] is not None:
        detail = "Cannot close group: its Backup Compliance Policy protects backups. Contact MongoDB's support."
        raise ApiError(HTTPStatus.CONFLICT, "CANNOT_CLOSE_GROUP_ACTIVE_BACKUP_COMPLIANCE_POLICY", detail)
    for user in group["databaseUsers"]:
        call.mongods.drop_user(user.partition("/")[2])
    for role in group["customRoles"]:
        call.mongods.drop_role(role)
    del call.state.groups[group["id"]]


def _read_settings(call: Call) -> Document:
    found: Document = call.group()["settings"]
    return found


def _update_settings(call: Call) -> Document:
    settings: Document = call.group()["settings"]
    settings.update(call.body)
    return settings


def _shown(group: Document) -> Document:
    names = ("id", "name", "orgId", "created", "tags")
    return {**{name: group[name] for name in names}, "clusterCount": len(live_clusters(group)), "links": []}


_ONE: Final = "/groups/{groupId}"
GROUP_ROUTES: Final[Routes] = (
    Route(method="POST", path="/groups", handler=_create, body=_GROUP),
    Route(method="GET", path=_ONE, handler=_read),
    Route(method="PATCH", path=_ONE, handler=_update, body=_UPDATE),
    Route(method="DELETE", path=_ONE, handler=_delete, status=HTTPStatus.NO_CONTENT),
    Route(method="GET", path=f"{_ONE}/settings", handler=_read_settings),
    Route(method="PATCH", path=f"{_ONE}/settings", handler=_update_settings, body=_SETTINGS),
)
