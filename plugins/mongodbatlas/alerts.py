"""Alert configurations and the maintenance window."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from plugins.base import Context, Props
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.api import Api
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.ids import decode_id, encode_id, split_import
from plugins.mongodbatlas.mapping import from_api, to_api

__all__ = ["AlertConfiguration", "MaintenanceWindow"]

_METRIC: Final = {name: name for name in ("metricName", "mode", "operator", "threshold", "units")}
_THRESHOLD: Final = {name: name for name in ("operator", "threshold", "units")}
_MATCHER: Final = {name: name for name in ("fieldName", "operator", "value")}
_NOTIFICATION: Final = {
    name: name
    for name in ("delayMin", "emailAddress", "emailEnabled", "intervalMin", "roles", "smsEnabled", "typeName")
}
_OPERATORS: Final = ("GREATER_THAN", "LESS_THAN")
_THRESHOLD_FIELDS: Final[Fields] = {
    "operator": Field(kind="text", allowed=_OPERATORS),
    "threshold": Field(kind="real"),
    "units": Field(kind="text"),
}
_NOTIFICATION_FIELDS: Final[Fields] = {
    "delayMin": Field(kind="number", least=0),
    "emailAddress": Field(kind="text"),
    "emailEnabled": Field(kind="flag"),
    "intervalMin": Field(kind="number", least=5),
    "roles": Field(kind="list"),
    "smsEnabled": Field(kind="flag"),
    "typeName": Field(kind="text", required=True, allowed=("EMAIL", "GROUP")),
}
_WINDOW: Final = {
    "autoDeferOnceEnabled": "autoDeferOnceEnabled",
    "dayOfWeek": "dayOfWeek",
    "hourOfDay": "hourOfDay",
}


class AlertConfiguration(Entity):
    """`mongodbatlas:index/alertConfiguration:AlertConfiguration`, told by e-mail."""

    token = "mongodbatlas:index/alertConfiguration:AlertConfiguration"
    noun = "alert"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "eventType": Field(kind="text", required=True),
        "enabled": Field(kind="flag"),
        "matchers": Field(
            kind="objects", fields={name: Field(kind="text", required=True) for name in _MATCHER}, unset=[]
        ),
        "metricThresholdConfig": Field(
            kind="object",
            fields={
                **_THRESHOLD_FIELDS,
                "metricName": Field(kind="text", required=True),
                "mode": Field(kind="text"),
            },
            unset={},
        ),
        "notifications": Field(kind="objects", required=True, fields=_NOTIFICATION_FIELDS, ordered=True),
        "severityOverride": Field(kind="text"),
        "thresholdConfig": Field(kind="object", fields=_THRESHOLD_FIELDS, unset={}),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Add it."""
        made = api.post(f"/groups/{inputs['projectId']}/alertConfigs", _body(inputs))
        return encode_id(id=made["id"], project_id=inputs["projectId"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        parts = decode_id(id_)
        found = api.find(_path(parts))
        if found is None:
            return None
        props: Props = {
            "projectId": parts["project_id"],
            "alertConfigurationId": found["id"],
            "created": found["created"],
            "updated": found["updated"],
            "enabled": found["enabled"],
            "eventType": found["eventTypeName"],
            "matchers": [from_api(_MATCHER, one) for one in found.get("matchers", [])],
            "notifications": [
                from_api({**_NOTIFICATION, "notifierId": "notifierId"}, one) for one in found["notifications"]
            ],
        }
        if found.get("metricThreshold"):
            props["metricThresholdConfig"] = from_api(_METRIC, found["metricThreshold"])
        if found.get("threshold"):
            props["thresholdConfig"] = from_api(_THRESHOLD, found["threshold"])
        return {**props, **from_api({"severityOverride": "severityOverride"}, found)}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set it anew as a whole."""
        api.put(_path(decode_id(id_)), _body(news))

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Take it out."""
        api.delete(_path(decode_id(id_)))

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take project and alert."""
        return encode_id(**split_import(id_, ["project_id", "id"])), {}


class MaintenanceWindow(Entity):
    """`mongodbatlas:index/maintenanceWindow:MaintenanceWindow`."""

    token = "mongodbatlas:index/maintenanceWindow:MaintenanceWindow"
    noun = "maintenance window"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True),
        "dayOfWeek": Field(kind="number", required=True, least=1, most=7),
        "hourOfDay": Field(kind="number", required=True, least=0, most=23),
        "autoDeferOnceEnabled": Field(kind="flag"),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Set it."""
        api.patch(f"/groups/{inputs['projectId']}/maintenanceWindow", to_api(_WINDOW, inputs))
        return str(inputs["projectId"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it; day 0 is none."""
        found = api.find(f"/groups/{id_}/maintenanceWindow")
        if found is None or not found["dayOfWeek"]:
            return None
        shown = {name: found[api_name] for name, api_name in _SHOWN.items()}
        return {"projectId": id_, **from_api(_WINDOW, found), **shown}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Move it."""
        api.patch(f"/groups/{id_}/maintenanceWindow", to_api(_WINDOW, news))

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Leave the time to Atlas."""
        api.delete(f"/groups/{id_}/maintenanceWindow")

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the project's id."""
        return split_import(id_, ["project_id"])["project_id"], {}


_SHOWN: Final = {"numberOfDeferrals": "numberOfDeferrals", "startAsap": "startASAP", "timeZoneId": "timeZoneId"}


def _body(inputs: Mapping[str, Any]) -> Props:
    body: Props = {
        "eventTypeName": inputs["eventType"],
        "notifications": [to_api(_NOTIFICATION, one) for one in inputs["notifications"]],
        **to_api({"enabled": "enabled", "severityOverride": "severityOverride"}, inputs),
    }
    if inputs.get("matchers"):
        body["matchers"] = [to_api(_MATCHER, one) for one in inputs["matchers"]]
    if inputs.get("metricThresholdConfig"):
        body["metricThreshold"] = to_api(_METRIC, inputs["metricThresholdConfig"])
    if inputs.get("thresholdConfig"):
        body["threshold"] = to_api(_THRESHOLD, inputs["thresholdConfig"])
    return body


def _path(parts: Mapping[str, str]) -> str:
    return f"/groups/{parts['project_id']}/alertConfigs/{parts['id']}"
