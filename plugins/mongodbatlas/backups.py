"""The backup schedule and the compliance policy."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from plugins.base import Context, Props
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.api import Api, segment
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.ids import decode_id, encode_id, split_import
from plugins.mongodbatlas.mapping import from_api, to_api

__all__ = ["BackupCompliancePolicy", "CloudBackupSchedule"]

_SCHEDULE: Final = "2024-08-05"
_POLICY: Final = "2023-10-01"
_POLICY_DELETE: Final = "2024-11-13"
_ONE: Final = {"policyItemHourly": "hourly", "policyItemDaily": "daily"}
_MANY: Final = {"policyItemWeeklies": "weekly", "policyItemMonthlies": "monthly", "policyItemYearlies": "yearly"}
_ITEM: Final[Fields] = {
    "frequencyInterval": Field(kind="number", required=True, least=1, most=40),
    "retentionUnit": Field(kind="text", required=True, allowed=("days", "weeks", "months", "years")),
    "retentionValue": Field(kind="number", required=True, least=1),
}
_ITEM_NAMES: Final = {name: name for name in _ITEM}
_ITEM_SHOWN: Final = {**_ITEM_NAMES, "id": "id", "frequencyType": "frequencyType"}
_ITEMS: Final[Fields] = {
    **{name: Field(kind="object", fields=_ITEM, unset={}) for name in _ONE},
    **{name: Field(kind="objects", fields=_ITEM, unset=[]) for name in _MANY},
}
_COPY: Final = {
    "cloudProvider": "cloudProvider",
    "copyPolicyItems": "copyPolicyItems",
    "regionName": "regionName",
    "shouldCopyOplogs": "shouldCopyOplogs",
    "zoneId": "zoneId",
}
_COPY_FIELDS: Final[Fields] = {
    **dict.fromkeys(_COPY, Field(kind="text")),
    "copyPolicyItems": Field(
        kind="objects",
        fields={
            "frequencyType": Field(kind="text", required=True),
            "retentionUnit": _ITEM["retentionUnit"],
            "retentionValue": _ITEM["retentionValue"],
        },
    ),
    "shouldCopyOplogs": Field(kind="flag"),
}
_PLAIN: Final = {
    "autoExportEnabled": "autoExportEnabled",
    "copyPolicyItemsEnabled": "copyPolicyItemsEnabled",
    "referenceHourOfDay": "referenceHourOfDay",
    "referenceMinuteOfHour": "referenceMinuteOfHour",
    "restoreWindowDays": "restoreWindowDays",
}
_POLICY_PLAIN: Final = {
    "authorizedEmail": "authorizedEmail",
    "authorizedUserFirstName": "authorizedUserFirstName",
    "authorizedUserLastName": "authorizedUserLastName",
    "copyProtectionEnabled": "copyProtectionEnabled",
    "encryptionAtRestEnabled": "encryptionAtRestEnabled",
    "pitEnabled": "pitEnabled",
    "restoreWindowDays": "restoreWindowDays",
}


class CloudBackupSchedule(Entity):
    """`mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule`.

    `nextSnapshot` is left out: it changes every day without anybody's doing.
    """

    token = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
    noun = "backup schedule"
    kept = ("updateSnapshots", "skipDestroy")
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "clusterName": Field(kind="text", required=True),
        "autoExportEnabled": Field(kind="flag"),
        "copyPolicyItemsEnabled": Field(kind="flag"),
        "copySettings": Field(kind="objects", fields=_COPY_FIELDS, unset=[]),
        "referenceHourOfDay": Field(kind="number", least=0, most=23),
        "referenceMinuteOfHour": Field(kind="number", least=0, most=59),
        "restoreWindowDays": Field(kind="number", least=1),
        "skipDestroy": Field(kind="flag", local=True),
        "updateSnapshots": Field(kind="flag", local=True),
        **_ITEMS,
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Clear the schedule that Atlas gave the cluster, as the official plugin does, and set this one."""
        api.delete(_path(inputs["projectId"], inputs["clusterName"]), _SCHEDULE)
        self._put(api, inputs)
        return encode_id(project_id=inputs["projectId"], cluster_name=inputs["clusterName"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read the schedule; one without any policy was cleared."""
        parts = decode_id(id_)
        found = api.find(_path(parts["project_id"], parts["cluster_name"]), _SCHEDULE)
        if found is None or not found["policies"] or not found["policies"][0]["policyItems"]:
            return None
        policy = found["policies"][0]
        return {
            "projectId": parts["project_id"],
            "clusterName": parts["cluster_name"],
            "clusterId": found["clusterId"],
            "idPolicy": policy["id"],
            "copySettings": [from_api(_COPY, one) for one in found.get("copySettings", [])],
            **from_api(_PLAIN, found),
            **_found_items(policy["policyItems"]),
        }

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set it anew as a whole."""
        self._put(api, news)

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Clear it."""
        if not state.get("skipDestroy"):
            parts = decode_id(id_)
            api.delete(_path(parts["project_id"], parts["cluster_name"]), _SCHEDULE)

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take project and cluster."""
        return encode_id(**split_import(id_, ["project_id", "cluster_name"])), {}

    def _put(self, api: Api, inputs: Props) -> None:
        path = _path(inputs["projectId"], inputs["clusterName"])
        policy: Props = {"policyItems": _items(inputs)}
        known = api.get(path, _SCHEDULE)["policies"]
        if known:
            policy["id"] = known[0]["id"]
        body = {**to_api(_PLAIN, inputs), "policies": [policy]}
        body["copySettings"] = [to_api(_COPY, one) for one in inputs.get("copySettings", [])]
        if inputs.get("updateSnapshots"):
            body["updateSnapshots"] = True
        api.patch(path, body, _SCHEDULE)


class BackupCompliancePolicy(Entity):
    """`mongodbatlas:index/backupCompliancePolicy:BackupCompliancePolicy`. Nobody but MongoDB's support removes it."""

    token = "mongodbatlas:index/backupCompliancePolicy:BackupCompliancePolicy"
    noun = "backup compliance policy"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True),
        "authorizedEmail": Field(kind="text", required=True),
        "authorizedUserFirstName": Field(kind="text", required=True),
        "authorizedUserLastName": Field(kind="text", required=True),
        "copyProtectionEnabled": Field(kind="flag", default=False),
        "encryptionAtRestEnabled": Field(kind="flag", default=False),
        "pitEnabled": Field(kind="flag", default=False),
        "restoreWindowDays": Field(kind="number", least=1),
        **_ITEMS,
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Turn it on."""
        self._put(api, inputs)
        return encode_id(project_id=inputs["projectId"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        project = decode_id(id_)["project_id"]
        found = api.find(f"/groups/{project}/backupCompliancePolicy", _POLICY)
        if not found:
            return None
        shown = {name: found[name] for name in ("state", "updatedDate", "updatedUser")}
        items = _found_items(found.get("scheduledPolicyItems", []))
        return {"projectId": project, **from_api(_POLICY_PLAIN, found), **items, **shown}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Make it stricter; Atlas refuses what is weaker."""
        self._put(api, news)

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Ask Atlas to turn it off, which it refuses."""
        api.delete(f"/groups/{decode_id(id_)['project_id']}/backupCompliancePolicy", _POLICY_DELETE)

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the project's id."""
        return encode_id(**split_import(id_, ["project_id"])), {}

    def _put(self, api: Api, inputs: Props) -> None:
        body = {**to_api(_POLICY_PLAIN, inputs), "projectId": inputs["projectId"]}
        body["scheduledPolicyItems"] = _items(inputs)
        api.put(f"/groups/{inputs['projectId']}/backupCompliancePolicy?overwriteBackupPolicies=false", body, _POLICY)


def _items(inputs: Mapping[str, Any]) -> list[Props]:
    """Return the policy items of a program as the API lists them."""
    listed = [(kind, [inputs[name]] if inputs.get(name) else []) for name, kind in _ONE.items()]
    listed += [(kind, inputs.get(name, [])) for name, kind in _MANY.items()]
    return [{**to_api(_ITEM_NAMES, item), "frequencyType": kind} for kind, some in listed for item in some]


def _found_items(items: Sequence[Mapping[str, Any]]) -> Props:
    by_kind: dict[str, list[Props]] = {}
    for item in items:
        by_kind.setdefault(item["frequencyType"], []).append(from_api(_ITEM_SHOWN, item))
    one = {name: by_kind[kind][0] for name, kind in _ONE.items() if kind in by_kind}
    return {**one, **{name: by_kind.get(kind, []) for name, kind in _MANY.items()}}


def _path(project: str, cluster: str) -> str:
    return f"/groups/{project}/clusters/{segment(cluster)}/backup/schedule"
