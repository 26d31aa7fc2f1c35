"""Clusters: what they are asked to be, checked as a whole; what they are is the real set of `servers.json`."""

import copy
from http import HTTPStatus
from typing import Any, Final

from rehearsal.atlas.errors import ApiError, not_found
from rehearsal.atlas.names import INSTANCE_SIZES
from rehearsal.atlas.routes import Call, Route, Routes
from rehearsal.atlas.shapes import Shape, flag, integer, items, nested, number, text, texts
from rehearsal.atlas.state import Document, new_id, now, timestamp

__all__ = ["CLUSTER_ROUTES", "cluster", "connection_strings", "live_clusters"]

_REGION: Final = r"[A-Z]{2}(_[A-Z]+)+_[1-9]"
_SPECS: Final[Shape] = {
    "diskIOPS": integer(least=0),
    "diskSizeGB": number(least=10, most=4096),
    "ebsVolumeType": text("STANDARD", "PROVISIONED", "HIGH_PERFORMANCE"),
    "instanceSize": text(*INSTANCE_SIZES),
    "nodeCount": integer(least=0, most=7),
}
_SCALING: Final[Shape] = {
    "compute": nested(
        {
            "enabled": flag(),
            "maxInstanceSize": text(*INSTANCE_SIZES),
            "minInstanceSize": text(*INSTANCE_SIZES),
            "scaleDownEnabled": flag(),
        }
    ),
    "diskGB": nested({"enabled": flag()}),
}
_REGION_CONFIG: Final[Shape] = {
    "autoScaling": nested(_SCALING),
    "electableSpecs": nested(_SPECS),
    "priority": integer(least=0, most=7),
    "providerName": text("AWS", required=True),
    "regionName": text(required=True, pattern=_REGION),
}
_TLS: Final[Shape] = {
    "customOpensslCipherConfigTls12": texts(),
    "customOpensslCipherConfigTls13": texts(),
    "minimumEnabledTlsProtocol": text("TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"),
    "tlsCipherConfigMode": text("CUSTOM", "DEFAULT"),
}
_PAIR: Final[Shape] = {"key": text(required=True), "value": text(required=True)}
_CLUSTER: Final[Shape] = {
    "advancedConfiguration": nested(_TLS),
    "backupEnabled": flag(),
    "clusterType": text("REPLICASET", required=True),
    "encryptionAtRestProvider": text("NONE", "AWS"),
    "labels": items(_PAIR),
    "mongoDBMajorVersion": text("7.0", "8.0"),
    "name": text(required=True, pattern=r"[a-zA-Z0-9][a-zA-Z0-9-]*", longest=64),
    "paused": flag(),
    "pitEnabled": flag(),
    "redactClientLogData": flag(),
    "replicaSetScalingStrategy": text("SEQUENTIAL", "WORKLOAD_TYPE", "NODE_TYPE"),
    "replicationSpecs": items(
        {"id": text(), "regionConfigs": items(_REGION_CONFIG, required=True), "zoneId": text(), "zoneName": text()},
        required=True,
    ),
    "rootCertType": text("ISRGROOTX1"),
    "tags": items(_PAIR),
    "terminationProtectionEnabled": flag(),
    "useAwsTimeBasedSnapshotCopyForFastInitialSync": flag(),
    "versionReleaseSystem": text("LTS", "CONTINUOUS"),
}
_PROCESS: Final[Shape] = {
    "changeStreamOptionsPreAndPostImagesExpireAfterSeconds": integer(least=-1),
    "defaultMaxTimeMS": integer(least=0),
    "defaultWriteConcern": text("1", "majority"),
    "javascriptEnabled": flag(),
    "noTableScan": flag(),
    "oplogMinRetentionHours": number(least=0),
    "oplogSizeMB": integer(least=990),
    "sampleRefreshIntervalBIConnector": integer(least=0),
    "sampleSizeBIConnector": integer(least=0),
    "transactionLifetimeLimitSeconds": integer(least=1),
}
_DEFAULTS: Final[Document] = {
    "backupEnabled": False,
    "biConnector": {"enabled": False, "readPreference": "secondary"},
    "diskWarmingMode": "FULLY_WARMED",
    "encryptionAtRestProvider": "NONE",
    "globalClusterSelfManagedSharding": False,
    "labels": [],
    "mongoDBMajorVersion": "8.0",
    "paused": False,
    "pitEnabled": False,
    "redactClientLogData": False,
    "replicaSetScalingStrategy": "WORKLOAD_TYPE",
    "rootCertType": "ISRGROOTX1",
    "tags": [],
    "terminationProtectionEnabled": False,
    "useAwsTimeBasedSnapshotCopyForFastInitialSync": False,
    "versionReleaseSystem": "LTS",
}
_TLS_DEFAULTS: Final[Document] = {
    "customOpensslCipherConfigTls12": [],
    "customOpensslCipherConfigTls13": [],
    "minimumEnabledTlsProtocol": "TLS1_2",
    "tlsCipherConfigMode": "DEFAULT",
}
_IOPS: Final = 3000
_ODD: Final = (3, 5, 7)
_RETENTION: Final = "oplogMinRetentionHours"


def cluster(call: Call) -> Document:
    """Return the cluster that the path names.

    Raises:
        ApiError: there is none, or no longer.
    """
    found = live_clusters(call.group()).get(call.path["clusterName"])
    if found is None:
        raise not_found("CLUSTER_NOT_FOUND", "cluster", call.path["clusterName"])
    return found


def live_clusters(group: Document) -> dict[str, Document]:
    """Return the clusters of a project by name, without those whose deletion is over."""
    return {name: one for name, one in group["clusters"].items() if not (one["deleting"] and now() >= one["settledAt"])}


def connection_strings(call: Call, group: Document) -> Document:
    """Return how the cluster is found: at once, and through each private endpoint that is there."""
    options = f"tls=true&authSource=admin&replicaSet={call.mongods.replica_set()}"
    plain = f"mongodb://{call.mongods.hosts()}/?{options}"
    private = [
        {
            "connectionString": plain,
            "endpoints": [{"endpointId": endpoint, "providerName": "AWS", "region": service["regionName"]}],
            "srvConnectionString": f"mongodb+srv://{service['id']}.emulated.invalid",
            "type": "MONGOD",
        }
        for service in group["endpointServices"].values()
        for endpoint in service["endpoints"]
    ]
    return {"standard": plain, "standardSrv": "mongodb+srv://emulated.invalid", "privateEndpoint": private}


def _create(call: Call) -> Document:
    group = call.group()
    name = call.body["name"]
    if name in live_clusters(group):
        detail = f"A cluster named {name} is already present in group {group['id']}."
        raise ApiError(HTTPStatus.CONFLICT, "DUPLICATE_CLUSTER_NAME", detail, name)
    made = {**copy.deepcopy(_DEFAULTS), **call.body}
    made["advancedConfiguration"] = {**_TLS_DEFAULTS, **call.body.get("advancedConfiguration", {})}
    made["replicationSpecs"] = [_spec(group, spec, None) for spec in call.body["replicationSpecs"]]
    _check_whole(group, made, {})
    made |= {
        "id": new_id(),
        "groupId": group["id"],
        "createDate": timestamp(),
        "processArgs": {"javascriptEnabled": True, "noTableScan": False},
        "settledAt": now() + call.settle_s,
        "settling": "CREATING",
        "deleting": False,
    }
    group["clusters"][name] = made
    return _shown(call, group, made)


def _read(call: Call) -> Document:
    return _shown(call, call.group(), cluster(call))


def _list(call: Call) -> Document:
    group = call.group()
    found = [_shown(call, group, one) for one in live_clusters(group).values()]
    return {"results": found, "totalCount": len(found), "links": []}


def _update(call: Call) -> Document:
    group, found = call.group(), cluster(call)
    if found["deleting"]:
        detail = f"Cluster {found['name']} is being deleted."
        raise ApiError(HTTPStatus.CONFLICT, "CLUSTER_ALREADY_REQUESTED_DELETION", detail, found["name"])
    wanted = {**found, **call.body}
    if "advancedConfiguration" in call.body:
        wanted["advancedConfiguration"] = {**found["advancedConfiguration"], **call.body["advancedConfiguration"]}
    if "replicationSpecs" in call.body:
        olds = [*found["replicationSpecs"], None]
        wanted["replicationSpecs"] = [
            _spec(group, spec, old) for spec, old in zip(call.body["replicationSpecs"], olds, strict=False)
        ]
    _check_whole(group, wanted, found["processArgs"])
    _check_upgrade(found["mongoDBMajorVersion"], wanted["mongoDBMajorVersion"])
    found.update(wanted, settling="UPDATING", settledAt=now() + call.settle_s)
    return _shown(call, group, found)


def _delete(call: Call) -> Document:
    group, found = call.group(), cluster(call)
    if found["terminationProtectionEnabled"]:
        detail = f"Cannot terminate cluster {found['name']} while its termination protection is enabled."
        code = "CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED"
        raise ApiError(HTTPStatus.CONFLICT, code, detail, found["name"])
    if group["compliancePolicy"] is not None and call.query.get("retainBackups") != "true":
        detail = f"Cannot delete the backups of cluster {found['name']}: the Backup Compliance Policy protects them."
        raise ApiError(HTTPStatus.CONFLICT, "BACKUP_COMPLIANCE_POLICY_PROTECTS_BACKUPS", detail, found["name"])
    found.update(deleting=True, settling="DELETING", settledAt=now() + call.settle_s)
    return {}


def _read_process(call: Call) -> Document:
    return _shown_process(cluster(call))


def _update_process(call: Call) -> Document:
    found = cluster(call)
    wanted = {**found["processArgs"], **call.body}
    _check_oplog(found, wanted)
    found["processArgs"] = wanted
    return _shown_process(found)


def _spec(group: Document, spec: Document, old: Document | None) -> Document:
    """Return one shard's nodes, with what Atlas chooses; attributes that were left out stay as they were."""
    befores = [*(old["regionConfigs"] if old else []), *[None] * len(spec["regionConfigs"])]
    regions = [_region(group, one, before) for one, before in zip(spec["regionConfigs"], befores, strict=False)]
    ids = {"id": old["id"], "zoneId": old["zoneId"]} if old else {"id": new_id(), "zoneId": new_id()}
    return {**ids, "regionConfigs": regions, "zoneName": spec.get("zoneName", "Zone 1")}


def _region(group: Document, wanted: Document, before: Document | None) -> Document:
    known: Document = before or {"electableSpecs": {}, "autoScaling": {}}
    specs = {**known["electableSpecs"], **wanted.get("electableSpecs", {})}
    specs = {"diskIOPS": _IOPS, "diskSizeGB": 10, "ebsVolumeType": "STANDARD", **specs}
    scaling = {
        "compute": {"enabled": False, "scaleDownEnabled": False},
        "diskGB": {"enabled": False},
        **known["autoScaling"],
        **wanted.get("autoScaling", {}),
    }
    name = wanted["regionName"]
    group["containers"].setdefault(
        name, {"id": new_id(), "providerName": "AWS", "regionName": name, "provisioned": True}
    )
    none = {**specs, "nodeCount": 0}
    return {
        "autoScaling": scaling,
        "electableSpecs": specs,
        "readOnlySpecs": none,
        "analyticsSpecs": none,
        "priority": wanted.get("priority", 7),
        "providerName": wanted["providerName"],
        "regionName": name,
    }


def _check_whole(group: Document, wanted: Document, process: Document) -> None:
    regions = [region for spec in wanted["replicationSpecs"] for region in spec["regionConfigs"]]
    nodes = sum(region["electableSpecs"].get("nodeCount", 0) for region in regions)
    if nodes not in _ODD:
        raise _refused("INVALID_CLUSTER_CONFIGURATION", f"{nodes} electable nodes: allowed are 3, 5 or 7 in all.")
    for region in regions:
        if "instanceSize" not in region["electableSpecs"]:
            raise _refused("MISSING_ATTRIBUTE", "The required attribute instanceSize was not specified.")
        compute = region["autoScaling"]["compute"]
        if compute.get("enabled") and not compute.get("maxInstanceSize"):
            raise _refused("COMPUTE_AUTO_SCALING_MAX_INSTANCE_SIZE_REQUIRED", "maxInstanceSize is required.")
        if compute.get("scaleDownEnabled") and not compute.get("minInstanceSize"):
            raise _refused("COMPUTE_AUTO_SCALING_MIN_INSTANCE_SIZE_REQUIRED", "minInstanceSize is required.")
    if wanted["pitEnabled"] and not wanted["backupEnabled"]:
        raise _refused("CANNOT_ENABLE_PIT_WITHOUT_BACKUP", "Continuous backups need backupEnabled.")
    if wanted["encryptionAtRestProvider"] == "AWS" and not group["encryptionAtRest"]["awsKms"].get("valid"):
        raise _refused("ENCRYPTION_AT_REST_NOT_CONFIGURED", "The group's encryption at rest by AWS KMS is not enabled.")
    _check_oplog(wanted, process)


def _check_oplog(wanted: Document, process: Document) -> None:
    regions = [region for spec in wanted["replicationSpecs"] for region in spec["regionConfigs"]]
    grows = all(region["autoScaling"]["diskGB"].get("enabled") for region in regions)
    if process.get(_RETENTION) and not grows:
        detail = f"{_RETENTION} needs disk auto-scaling."
        raise _refused("OPLOG_MIN_RETENTION_HOURS_NO_DISK_AUTO_SCALING", detail)


def _check_upgrade(before: str, after: str) -> None:
    if int(after.partition(".")[0]) not in (int(before.partition(".")[0]), int(before.partition(".")[0]) + 1):
        raise _refused(
            "INVALID_MONGODB_VERSION", f"Cannot go from MongoDB {before} to {after}: one major up at a time."
        )


def _shown(call: Call, group: Document, found: Document) -> Document:
    settled = now() >= found["settledAt"]
    inside = ("processArgs", "settledAt", "settling", "deleting", "schedule")
    shown: dict[str, Any] = {name: value for name, value in found.items() if name not in inside}
    shown["stateName"] = "IDLE" if settled else found["settling"]
    created = settled or found["settling"] != "CREATING"
    shown["connectionStrings"] = connection_strings(call, group) if created else {}
    shown["mongoDBVersion"] = f"{found['mongoDBMajorVersion']}.0"
    shown["featureCompatibilityVersion"] = found["mongoDBMajorVersion"]
    shown["links"] = []
    return shown


def _shown_process(found: Document) -> Document:
    return {**dict.fromkeys(_PROCESS), **found["processArgs"], **found["advancedConfiguration"]}


def _list_containers(call: Call) -> Document:
    found = list(call.group()["containers"].values())
    return {"results": found, "totalCount": len(found), "links": []}


def _refused(code: str, detail: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, code, detail)


_ALL: Final = "/groups/{groupId}/clusters"
_ONE: Final = f"{_ALL}/{{clusterName}}"
_WRITTEN: Final = ("2023-01-01", "2023-02-01", "2024-08-05", "2024-10-23")
CLUSTER_ROUTES: Final[Routes] = (
    Route(method="POST", path=_ALL, handler=_create, body=_CLUSTER, status=HTTPStatus.CREATED, published=_WRITTEN),
    Route(method="GET", path=_ALL, handler=_list, published=_WRITTEN[:3]),
    Route(method="GET", path=_ONE, handler=_read, published=_WRITTEN[:3]),
    Route(method="PATCH", path=_ONE, handler=_update, body=_CLUSTER, partial=True, published=_WRITTEN),
    Route(method="DELETE", path=_ONE, handler=_delete, status=HTTPStatus.ACCEPTED, published=_WRITTEN[:2]),
    Route(method="GET", path=f"{_ONE}/processArgs", handler=_read_process, published=("2023-01-01", "2024-08-05")),
    Route(
        method="PATCH",
        path=f"{_ONE}/processArgs",
        handler=_update_process,
        body=_PROCESS,
        published=("2023-01-01", "2024-08-05"),
    ),
    Route(method="GET", path="/groups/{groupId}/containers", handler=_list_containers),
)
