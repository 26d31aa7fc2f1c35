"""Clusters between the SDK's properties and the API's bodies."""

from collections.abc import Mapping
from typing import Any, Final

from plugins.base import Props
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.mapping import from_api, pairs, tags_of, to_api

__all__ = ["PROCESS", "REPLICATION_SPEC", "cluster_body", "cluster_props", "configuration_fields", "process_body"]

_SPECS: Final = {
    "diskIops": "diskIOPS",
    "diskSizeGb": "diskSizeGB",
    "ebsVolumeType": "ebsVolumeType",
    "instanceSize": "instanceSize",
    "nodeCount": "nodeCount",
}
_COMPUTE: Final = {
    "computeEnabled": "enabled",
    "computeMaxInstanceSize": "maxInstanceSize",
    "computeMinInstanceSize": "minInstanceSize",
    "computeScaleDownEnabled": "scaleDownEnabled",
}
_PLAIN: Final = {
    "backupEnabled": "backupEnabled",
    "clusterType": "clusterType",
    "encryptionAtRestProvider": "encryptionAtRestProvider",
    "mongoDbMajorVersion": "mongoDBMajorVersion",
    "name": "name",
    "paused": "paused",
    "pitEnabled": "pitEnabled",
    "redactClientLogData": "redactClientLogData",
    "replicaSetScalingStrategy": "replicaSetScalingStrategy",
    "rootCertType": "rootCertType",
    "terminationProtectionEnabled": "terminationProtectionEnabled",
    "useAwsTimeBasedSnapshotCopyForFastInitialSync": "useAwsTimeBasedSnapshotCopyForFastInitialSync",
    "versionReleaseSystem": "versionReleaseSystem",
}
_COMPUTED: Final = {
    "clusterId": "id",
    "createDate": "createDate",
    "mongoDbVersion": "mongoDBVersion",
    "projectId": "groupId",
    "stateName": "stateName",
}
_TLS: Final = {
    "customOpensslCipherConfigTls12s": "customOpensslCipherConfigTls12",
    "customOpensslCipherConfigTls13s": "customOpensslCipherConfigTls13",
    "minimumEnabledTlsProtocol": "minimumEnabledTlsProtocol",
    "tlsCipherConfigMode": "tlsCipherConfigMode",
}
PROCESS: Final = {
    "changeStreamOptionsPreAndPostImagesExpireAfterSeconds": "changeStreamOptionsPreAndPostImagesExpireAfterSeconds",
    "defaultMaxTimeMs": "defaultMaxTimeMS",
    "defaultWriteConcern": "defaultWriteConcern",
    "javascriptEnabled": "javascriptEnabled",
    "noTableScan": "noTableScan",
    "oplogMinRetentionHours": "oplogMinRetentionHours",
    "oplogSizeMb": "oplogSizeMB",
    "transactionLifetimeLimitSeconds": "transactionLifetimeLimitSeconds",
}
"""Of `advancedConfiguration`: what is an operation of its own in the API."""
_NUMBER_FIELD: Final = Field(kind="number")
_PROCESS_FIELDS: Final[Fields] = {
    **dict.fromkeys(PROCESS, _NUMBER_FIELD),
    "defaultWriteConcern": Field(kind="text"),
    "javascriptEnabled": Field(kind="flag"),
    "noTableScan": Field(kind="flag"),
    "oplogMinRetentionHours": Field(kind="real"),
}
_SPEC_FIELDS: Final[Fields] = {
    "diskIops": Field(kind="number"),
    "diskSizeGb": Field(kind="real"),
    "ebsVolumeType": Field(kind="text", allowed=("STANDARD", "PROVISIONED", "HIGH_PERFORMANCE")),
    "instanceSize": Field(kind="text"),
    "nodeCount": Field(kind="number"),
}
_SCALING_FIELDS: Final[Fields] = {
    "computeEnabled": Field(kind="flag"),
    "computeMaxInstanceSize": Field(kind="text"),
    "computeMinInstanceSize": Field(kind="text"),
    "computeScaleDownEnabled": Field(kind="flag"),
    "diskGbEnabled": Field(kind="flag"),
}
_REGION_CONFIG: Final[Fields] = {
    "autoScaling": Field(kind="object", fields=_SCALING_FIELDS),
    "electableSpecs": Field(kind="object", fields=_SPEC_FIELDS),
    "priority": Field(kind="number", required=True, least=0, most=7),
    "providerName": Field(kind="text", required=True, allowed=("AWS",)),
    "regionName": Field(kind="text", required=True),
}
REPLICATION_SPEC: Final[Fields] = {
    "regionConfigs": Field(kind="objects", required=True, fields=_REGION_CONFIG, ordered=True),
    "zoneName": Field(kind="text"),
}
_ZONE: Final = "ZoneName managed by Terraform"
"""The official plugin's own name for a zone that the program does not name."""


def configuration_fields() -> Fields:
    """Return what is in `advancedConfiguration`."""
    return {
        **_PROCESS_FIELDS,
        "customOpensslCipherConfigTls12s": Field(kind="set"),
        "customOpensslCipherConfigTls13s": Field(kind="set"),
        "minimumEnabledTlsProtocol": Field(kind="text"),
        "tlsCipherConfigMode": Field(kind="text", allowed=("CUSTOM", "DEFAULT")),
    }


def cluster_body(inputs: Mapping[str, Any]) -> Props:
    """Return the API's body for what is set of a cluster's inputs."""
    body = to_api(_PLAIN, inputs)
    if "replicationSpecs" in inputs:
        body["replicationSpecs"] = [_spec_body(spec) for spec in inputs["replicationSpecs"]]
    tls = to_api(_TLS, inputs.get("advancedConfiguration", {}))
    if tls:
        body["advancedConfiguration"] = tls
    for name in ("tags", "labels"):
        if name in inputs:
            body[name] = pairs(inputs[name])
    return body


def process_body(inputs: Mapping[str, Any]) -> Props:
    """Return the body of the other operation that `advancedConfiguration` needs."""
    return to_api(PROCESS, inputs.get("advancedConfiguration", {}))


def _spec_body(spec: Mapping[str, Any]) -> Props:
    regions = [_region_body(region) for region in spec["regionConfigs"]]
    return {"regionConfigs": regions, "zoneName": spec.get("zoneName", _ZONE)}


def _region_body(region: Mapping[str, Any]) -> Props:
    body: Props = {name: region[name] for name in ("priority", "providerName", "regionName")}
    if "electableSpecs" in region:
        body["electableSpecs"] = to_api(_SPECS, region["electableSpecs"])
    scaling = region.get("autoScaling")
    if scaling is not None:
        body["autoScaling"] = {
            "compute": to_api(_COMPUTE, scaling),
            "diskGB": to_api({"diskGbEnabled": "enabled"}, scaling),
        }
    return body


def cluster_props(found: Mapping[str, Any], process: Mapping[str, Any], containers: Mapping[str, str]) -> Props:
    """Return a cluster's properties from what the API shows of it."""
    return {
        **from_api(_PLAIN, found),
        **from_api(_COMPUTED, found),
        "advancedConfiguration": {
            **from_api(_TLS, found.get("advancedConfiguration", {})),
            **from_api(PROCESS, process),
        },
        "connectionStrings": _strings(found.get("connectionStrings", {})),
        "labels": tags_of(found.get("labels")),
        "replicationSpecs": [_spec_props(spec, containers) for spec in found["replicationSpecs"]],
        "tags": tags_of(found.get("tags")),
    }


def _spec_props(spec: Mapping[str, Any], containers: Mapping[str, str]) -> Props:
    regions = spec["regionConfigs"]
    names = [f"{region['providerName']}:{region['regionName']}" for region in regions]
    return {
        "containerId": {name: containers[name] for name in names if name in containers},
        "externalId": spec["id"],
        "regionConfigs": [_region_props(region) for region in regions],
        "zoneId": spec["zoneId"],
        "zoneName": spec["zoneName"],
    }


def _region_props(region: Mapping[str, Any]) -> Props:
    scaling = region.get("autoScaling", {})
    disk = from_api({"diskGbEnabled": "enabled"}, scaling.get("diskGB", {}))
    return {
        **{name: region[name] for name in ("priority", "providerName", "regionName")},
        "autoScaling": {**from_api(_COMPUTE, scaling.get("compute", {})), **disk},
        "electableSpecs": from_api(_SPECS, region["electableSpecs"]),
    }


def _strings(found: Mapping[str, Any]) -> Props:
    return {
        "private": found.get("private", ""),
        "privateEndpoints": [_private(one) for one in found.get("privateEndpoint", [])],
        "privateSrv": found.get("privateSrv", ""),
        "standard": found.get("standard", ""),
        "standardSrv": found.get("standardSrv", ""),
    }


def _private(one: Mapping[str, Any]) -> Props:
    return {
        "connectionString": one.get("connectionString", ""),
        "endpoints": [
            {"endpointId": end["endpointId"], "providerName": end["providerName"], "region": end["region"]}
            for end in one.get("endpoints", [])
        ],
        "srvConnectionString": one.get("srvConnectionString", ""),
        "srvShardOptimizedConnectionString": one.get("srvShardOptimizedConnectionString", ""),
        "type": one.get("type", ""),
    }
