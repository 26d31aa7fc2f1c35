"""Backup schedules and the compliance policy. Nothing is backed up: what is asked for is checked and kept."""

from http import HTTPStatus
from itertools import pairwise
from typing import Any, Final

from rehearsal.atlas.clusters import cluster, live_clusters
from rehearsal.atlas.errors import ApiError
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, integer, items, nested, text, texts
from rehearsal.atlas.state import Document, new_id, timestamp

__all__ = ["BACKUP_ROUTES"]

_ITEM: Final[Shape] = {
    "frequencyInterval": integer(least=1, most=40, required=True),
    "frequencyType": text("daily", "hourly", "weekly", "monthly", "yearly", required=True),
    "id": text(),
    "retentionUnit": text("days", "weeks", "months", "years", required=True),
    "retentionValue": integer(least=1, required=True),
}
_COPY: Final[Shape] = {
    "frequencyType": text("daily", "hourly", "weekly", "monthly", "yearly", required=True),
    "retentionUnit": text("days", "weeks", "months", "years"),
    "retentionValue": integer(least=1),
}
_SCHEDULE: Final[Shape] = {
    "autoExportEnabled": flag(),
    "copyPolicyItemsEnabled": flag(),
    "copySettings": items(
        {
            "cloudProvider": text("AWS"),
            "copyPolicyItems": items(_COPY),
            "frequencies": texts("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "ON_DEMAND"),
            "regionName": text(pattern=r"[A-Z]{2}(_[A-Z]+)+_[1-9]"),
            "shouldCopyOplogs": flag(),
            "zoneId": text(required=True),
        }
    ),
    "policies": items({"id": text(), "policyItems": items(_ITEM, required=True)}),
    "referenceHourOfDay": integer(least=0, most=23),
    "referenceMinuteOfHour": integer(least=0, most=59),
    "restoreWindowDays": integer(least=1),
    "updateSnapshots": flag(),
    "useOrgAndGroupNamesInExportPrefix": flag(),
}
_COMPLIANCE: Final[Shape] = {
    "authorizedEmail": text(required=True, pattern=r"[^@\s]+@[^@\s]+"),
    "authorizedUserFirstName": text(required=True, shortest=1),
    "authorizedUserLastName": text(required=True, shortest=1),
    "copyProtectionEnabled": flag(),
    "encryptionAtRestEnabled": flag(),
    "onDemandPolicyItem": nested({**_ITEM, "frequencyType": text("ondemand", required=True)}),
    "pitEnabled": flag(),
    "projectId": text(),
    "restoreWindowDays": integer(least=1),
    "scheduledPolicyItems": items(_ITEM),
}
_DAYS: Final = {"days": 1, "weeks": 7, "months": 31, "years": 366}
_RARER: Final = ("hourly", "daily", "weekly", "monthly", "yearly")


def _default(found: Document) -> Document:
    """Return the schedule that Atlas gives a new cluster with backups."""
    ways = (("hourly", 6, "days", 7), ("daily", 1, "days", 7), ("weekly", 6, "weeks", 4), ("monthly", 40, "months", 12))
    kept = [
        {"id": new_id(), "frequencyType": kind, "frequencyInterval": step, "retentionUnit": unit, "retentionValue": so}
        for kind, step, unit, so in ways
    ]
    return {
        "autoExportEnabled": False,
        "clusterId": found["id"],
        "clusterName": found["name"],
        "copyPolicyItemsEnabled": False,
        "copySettings": [],
        "policies": [{"id": new_id(), "policyItems": kept}],
        "referenceHourOfDay": 18,
        "referenceMinuteOfHour": 0,
        "restoreWindowDays": 2,
        "useOrgAndGroupNamesInExportPrefix": False,
    }


def _schedule(call: Call) -> Document:
    found = cluster(call)
    if not found["backupEnabled"]:
        detail = f"Cluster {found['name']} has no backups enabled."
        raise ApiError(HTTPStatus.NOT_FOUND, "BACKUP_CONFIG_NOT_FOUND", detail, found["name"])
    schedule: Document = found.setdefault("schedule", _default(found))
    return schedule


def _shown(schedule: Document) -> Document:
    return {**schedule, "nextSnapshot": timestamp(), "links": []}


def _read(call: Call) -> Document:
    return _shown(_schedule(call))


def _update(call: Call) -> Document:
    schedule = _schedule(call)
    wanted = {**schedule, **{name: value for name, value in call.body.items() if name != "updateSnapshots"}}
    for policy in wanted["policies"]:
        policy.setdefault("id", new_id())
        policy["policyItems"] = [{"id": new_id(), **item} for item in policy["policyItems"]]
    _check_copies(cluster(call), schedule, wanted)
    _check_retentions(wanted)
    compliance = call.group()["compliancePolicy"]
    if compliance is not None:
        _check_compliance(compliance, wanted, schedule["clusterName"])
    schedule.update(wanted)
    return _shown(schedule)


def _check_copies(found: Document, before: Document, wanted: Document) -> None:
    if before["copyPolicyItemsEnabled"] and not wanted["copyPolicyItemsEnabled"]:
        raise _refused("CANNOT_DISABLE_COPY_POLICY_ITEMS", "copyPolicyItemsEnabled cannot be turned off again.")
    one, other = (
        ("copyPolicyItems", "frequencies") if wanted["copyPolicyItemsEnabled"] else ("frequencies", "copyPolicyItems")
    )
    zones = {spec["zoneId"] for spec in found["replicationSpecs"]}
    for copy in wanted["copySettings"]:
        if copy["zoneId"] not in zones:
            raise _refused("INVALID_ZONE_ID", f"Zone {copy['zoneId']} is not of cluster {found['name']}.")
        if copy.get("shouldCopyOplogs") and not found["pitEnabled"]:
            raise _refused("COPY_OPLOGS_WITHOUT_PIT", "shouldCopyOplogs needs continuous backups.")
        if not copy.get(one) or copy.get(other):
            detail = f"copyPolicyItemsEnabled is {wanted['copyPolicyItemsEnabled']}: give {one}, and not {other}."
            raise _refused("INVALID_COPY_SETTING", detail, one)


def _clear(call: Call) -> Document:
    schedule = _schedule(call)
    if call.group()["compliancePolicy"] is not None:
        raise _refused(
            "BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS", "The policy wants schedules."
        )
    schedule["policies"] = [{"id": new_id(), "policyItems": []}]
    return _shown(schedule)


def _check_retentions(schedule: Document) -> None:
    lives = {item["frequencyType"]: _days(item) for policy in schedule["policies"] for item in policy["policyItems"]}
    kept = [(kind, lives[kind]) for kind in _RARER if kind in lives]
    for (often, shorter), (rarely, longer) in pairwise(kept):
        if longer < shorter:
            detail = f"The {rarely} policy's retention of {longer} days is less than the {often} one's of {shorter}."
            raise _refused("BACKUP_POLICY_RETENTION_SHORTER_THAN_MORE_FREQUENT", detail)


def _check_compliance(policy: Document, schedule: Document, name: str) -> None:
    code = "BACKUP_POLICIES_NOT_MEETING_BACKUP_COMPLIANCE_POLICY_REQUIREMENTS"
    kept = {item["frequencyType"]: _days(item) for one in schedule["policies"] for item in one["policyItems"]}
    for item in policy.get("scheduledPolicyItems", []):
        if kept.get(item["frequencyType"], 0) < _days(item):
            detail = f"Cluster {name} keeps its {item['frequencyType']} snapshots for less than {_days(item)} days."
            raise _refused(code, detail)
    if schedule["restoreWindowDays"] < policy.get("restoreWindowDays", 0):
        raise _refused(code, f"The restore window of cluster {name} is too short.")


def _read_compliance(call: Call) -> Document:
    found = call.group()["compliancePolicy"]
    if found is None:
        # As the API does: without a policy, there is an empty one.
        return {}
    return dict(found)


def _put_compliance(call: Call) -> Document:
    group = call.group()
    for found in live_clusters(group).values():
        _check_compliance(call.body, found.setdefault("schedule", _default(found)), found["name"])
        if call.body.get("pitEnabled") and not found["pitEnabled"]:
            raise _refused("PIT_NOT_ENABLED", f"Cluster {found['name']} has no continuous backups.")
        if call.body.get("encryptionAtRestEnabled") and found["encryptionAtRestProvider"] == "NONE":
            raise _refused("ENCRYPTION_AT_REST_NOT_ENABLED", f"Cluster {found['name']} has no customer key.")
    before = group["compliancePolicy"]
    if before is not None:
        _check_not_weaker(before, call.body)
    kept = [{"id": new_id(), **item} for item in call.body.get("scheduledPolicyItems", [])]
    group["compliancePolicy"] = {
        **call.body,
        "projectId": group["id"],
        "scheduledPolicyItems": kept,
        "deletable": False,
        "state": "ACTIVE",
        "updatedDate": timestamp(),
        "updatedUser": "emulated",
    }
    return dict(group["compliancePolicy"])


def _check_not_weaker(before: Document, after: Document) -> None:
    lives = {item["frequencyType"]: _days(item) for item in after.get("scheduledPolicyItems", [])}
    weaker = [
        item["frequencyType"]
        for item in before["scheduledPolicyItems"]
        if lives.get(item["frequencyType"], 0) < _days(item)
    ]
    weaker += [
        name
        for name in ("copyProtectionEnabled", "encryptionAtRestEnabled", "pitEnabled")
        if before.get(name) and not after.get(name)
    ]
    if after.get("restoreWindowDays", 0) < before.get("restoreWindowDays", 0):
        weaker.append("restoreWindowDays")
    if weaker:
        detail = f"A Backup Compliance Policy cannot be weakened ({', '.join(weaker)}). Contact MongoDB's support."
        raise _refused("CANNOT_WEAKEN_BACKUP_COMPLIANCE_POLICY", detail)


def _delete_compliance(call: Call) -> None:
    if call.group()["compliancePolicy"] is not None:
        detail = "An active Backup Compliance Policy cannot be disabled. Contact MongoDB's support."
        raise ApiError(HTTPStatus.CONFLICT, "BACKUP_COMPLIANCE_POLICY_NOT_DELETABLE", detail)


def _days(item: Document) -> int:
    return int(item["retentionValue"]) * _DAYS[item["retentionUnit"]]


def _refused(code: str, detail: str, *parameters: Any) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, code, detail, *parameters)


_ONE: Final = "/groups/{groupId}/clusters/{clusterName}/backup/schedule"
_POLICY: Final = "/groups/{groupId}/backupCompliancePolicy"
_VERSIONS: Final = ("2023-01-01", "2024-08-05")
_POLICY_VERSIONS: Final = ("2023-01-01", "2023-10-01")
BACKUP_ROUTES: Final[Routes] = (
    Route(method="GET", path=_ONE, handler=_read, published=_VERSIONS),
    Route(method="PATCH", path=_ONE, handler=_update, body=_SCHEDULE, published=_VERSIONS),
    Route(method="DELETE", path=_ONE, handler=_clear, published=_VERSIONS),
    Route(method="GET", path=_POLICY, handler=_read_compliance, published=_POLICY_VERSIONS),
    Route(method="PUT", path=_POLICY, handler=_put_compliance, body=_COMPLIANCE, published=_POLICY_VERSIONS),
    Route(
        method="DELETE",
        path=_POLICY,
        handler=_delete_compliance,
        status=HTTPStatus.NO_CONTENT,
        published=("2024-11-13",),
    ),
)
