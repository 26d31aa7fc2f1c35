"""The content of `walletdb.json`: where the servers of a local stack are. It holds no secret."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import pulumi

from components.host.local import ETCD, Host
from components.layer.deployment import Deployment, members
from components.mongodb.local import NAME as MONGODB
from components.mongodb.local import ReplicaSet
from components.postgres.cluster import Endpoint
from components.postgres.definition import ClusterDefinition
from components.resources import Member
from components.timescale.definition import EXTENSION
from settings import Settings

__all__ = ["runtime_content"]

VERSION = 1
"""Raised when a reader of the file must change."""


def runtime_content(
    *,
    stack: str,
    directory: str,
    settings: Settings,
    host: Host,
    deployments: Sequence[tuple[ClusterDefinition, Deployment]],
    replica_set: ReplicaSet,
    warnings: pulumi.Output[list[str]],
) -> dict[str, Any]:
    """Return the file's content; some of its values arrive late."""
    admin = deployments[0][1].cluster.admin
    return {
        "version": VERSION,
        "stack": stack,
        "directory": directory,
        "ca_file": host.ca_file,
        "client_certificate": admin.certificate_file,
        "client_key": admin.key_file,
        "supervisor_socket": host.supervisor_socket,
        "etcd": [{"name": ETCD, "endpoint": host.etcd_endpoint}],
        "clusters": [_cluster(definition, deployment, settings) for definition, deployment in deployments],
        "replica_sets": [_replica_set(replica_set, settings)],
        "certificates": [
            {"name": "authority", "path": str(PurePosixPath(directory) / "ca.crt")},
            {"name": "administrator", "path": admin.certificate_file},
        ],
        "warnings": warnings,
    }


def _cluster(definition: ClusterDefinition, deployment: Deployment, settings: Settings) -> dict[str, Any]:
    cluster = definition.settings
    return {
        "name": definition.name,
        "scope": definition.name,
        "database": cluster.database,
        "writer": _endpoint(deployment.cluster.writer),
        "reader": _endpoint(deployment.cluster.reader),
        "pooler": _endpoint(deployment.pooler.endpoint),
        "pool": cluster.pool.model_dump(),
        "members": [_member(member) for member in members(definition, settings)],
        "synchronous_standbys": cluster.synchronous_standbys,
        "maximum_lag_ms": cluster.maximum_lag_ms,
        "reader_max_lag_mib": cluster.reader_max_lag_mib,
        "expect_timescaledb": deployment.available.get(EXTENSION, False),
    }


def _replica_set(replica_set: ReplicaSet, settings: Settings) -> dict[str, Any]:
    mongodb = settings.mongodb
    return {
        "name": MONGODB,
        "database": mongodb.database,
        "election_timeout_ms": mongodb.election_timeout_ms,
        "oplog_retention_h": mongodb.oplog_retention_h,
        "maximum_lag_ms": mongodb.maximum_lag_ms,
        "certificate_key_file": replica_set.admin.certificate_key_file,
        "members": [
            {
                "name": member.name,
                "host": member.host,
                "port": member.port,
                "arbiter": member.arbiter,
                "priority": member.priority,
            }
            for member in replica_set.members
        ],
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {"host": endpoint.host, "port": endpoint.port}


def _member(member: Member) -> dict[str, Any]:
    host = f"[{member.host}]" if ":" in member.host else member.host
    return {
        "name": member.name,
        "host": member.host,
        "port": member.port,
        "rest_url": f"https://{host}:{member.rest_port}",
    }
