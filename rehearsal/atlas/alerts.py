"""Alert configurations and the maintenance window. No alert goes off here; its names, units and bounds are checked."""

from http import HTTPStatus
from typing import Final

from rehearsal.atlas.errors import ApiError, not_found
from rehearsal.atlas.names import EVENTS, METRIC_UNITS, THRESHOLD_EVENTS
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, integer, items, nested, number, text, texts
from rehearsal.atlas.state import Document, new_id, timestamp

__all__ = ["ALERT_ROUTES"]

_METRIC_EVENT: Final = "OUTSIDE_METRIC_THRESHOLD"
_OPERATOR: Final = text("LESS_THAN", "GREATER_THAN")
_NOTIFICATION: Final[Shape] = {
    "delayMin": integer(least=0),
    "emailAddress": text(pattern=r"[^@\s]+@[^@\s]+"),
    "emailEnabled": flag(),
    "intervalMin": integer(least=5),
    "notifierId": text(),
    "roles": texts(),
    "smsEnabled": flag(),
    "typeName": text("EMAIL", "GROUP", required=True),
}
_ALERT: Final[Shape] = {
    "enabled": flag(),
    "eventTypeName": text(_METRIC_EVENT, *EVENTS, *THRESHOLD_EVENTS, required=True),
    "id": text(),
    "matchers": items(
        {"fieldName": text(required=True), "operator": text(required=True), "value": text(required=True)}
    ),
    "metricThreshold": nested(
        {
            "metricName": text(*METRIC_UNITS, required=True),
            "mode": text("AVERAGE"),
            "operator": _OPERATOR,
            "threshold": number(),
            "units": text(),
        }
    ),
    "notifications": items(_NOTIFICATION, required=True),
    "severityOverride": text("INFO", "WARNING", "ERROR", "CRITICAL"),
    "threshold": nested({"operator": _OPERATOR, "threshold": number(), "units": text()}),
}
_WINDOW: Final[Shape] = {
    "autoDeferOnceEnabled": flag(),
    "dayOfWeek": integer(least=1, most=7, required=True),
    "hourOfDay": integer(least=0, most=23),
    "protectedHours": nested({"endHourOfDay": integer(0, 23), "startHourOfDay": integer(0, 23)}),
    "startASAP": flag(),
}


def _create(call: Call) -> Document:
    group = call.group()
    made = _whole(call, {"id": new_id(), "created": timestamp()})
    group["alertConfigs"][made["id"]] = made
    return made


def _whole(call: Call, known: Document) -> Document:
    wanted = {"enabled": False, "matchers": [], **call.body, **known}
    event, metric = wanted["eventTypeName"], wanted.get("metricThreshold")
    if (event == _METRIC_EVENT) != (metric is not None):
        raise _refused(f"eventTypeName {event} goes with metricThreshold exactly where it is {_METRIC_EVENT}.")
    if event in THRESHOLD_EVENTS and wanted.get("threshold") is None:
        raise _refused(f"eventTypeName {event} needs a threshold.")
    if metric is not None and metric.get("units") not in METRIC_UNITS[metric["metricName"]]:
        raise _refused(
            f"units {metric.get('units')} of {metric['metricName']}: allowed are "
            f"{', '.join(sorted(METRIC_UNITS[metric['metricName']]))}."
        )
    if not wanted["notifications"]:
        raise _refused("notifications must not be empty.")
    for one in wanted["notifications"]:
        if one["typeName"] == "EMAIL" and not one.get("emailAddress"):
            raise _refused("emailAddress is needed with typeName EMAIL.")
    wanted["notifications"] = [{"notifierId": new_id(), **one} for one in wanted["notifications"]]
    return {**wanted, "groupId": call.path["groupId"], "updated": timestamp()}


def _alert(call: Call) -> Document:
    found: Document | None = call.group()["alertConfigs"].get(call.path["alertConfigId"])
    if found is None:
        raise not_found("ALERT_CONFIG_NOT_FOUND", "alert configuration", call.path["alertConfigId"])
    return found


def _put(call: Call) -> Document:
    found = _alert(call)
    made = _whole(call, {"id": found["id"], "created": found["created"]})
    call.group()["alertConfigs"][made["id"]] = made
    return made


def _delete(call: Call) -> None:
    del call.group()["alertConfigs"][_alert(call)["id"]]


def _read_window(call: Call) -> Document:
    found = call.group()["maintenanceWindow"]
    # Without one, Atlas shows that there is none by day 0.
    return found or {"dayOfWeek": 0, "hourOfDay": 0, "numberOfDeferrals": 0, "startASAP": False, "timeZoneId": "UTC"}


def _update_window(call: Call) -> Document:
    group = call.group()
    defaults = {"autoDeferOnceEnabled": False, "hourOfDay": 0, "startASAP": False}
    fixed = {"numberOfDeferrals": 0, "timeZoneId": "UTC"}
    group["maintenanceWindow"] = {**defaults, **(group["maintenanceWindow"] or {}), **call.body, **fixed}
    return {}


def _reset_window(call: Call) -> None:
    call.group()["maintenanceWindow"] = None


def _refused(detail: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "INVALID_ATTRIBUTE", f"Invalid attribute specified: {detail}")


_ALL: Final = "/groups/{groupId}/alertConfigs"
_ONE: Final = f"{_ALL}/{{alertConfigId}}"
_WINDOW_PATH: Final = "/groups/{groupId}/maintenanceWindow"
_GONE: Final = HTTPStatus.NO_CONTENT
ALERT_ROUTES: Final[Routes] = (
    Route(method="POST", path=_ALL, handler=_create, body=_ALERT),
    Route(method="GET", path=_ONE, handler=_alert),
    Route(method="PUT", path=_ONE, handler=_put, body=_ALERT),
    Route(method="DELETE", path=_ONE, handler=_delete, status=_GONE),
    Route(method="GET", path=_WINDOW_PATH, handler=_read_window),
    Route(method="PATCH", path=_WINDOW_PATH, handler=_update_window, body=_WINDOW),
    Route(method="DELETE", path=_WINDOW_PATH, handler=_reset_window, status=_GONE),
)
