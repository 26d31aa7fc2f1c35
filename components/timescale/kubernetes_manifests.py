"""What CloudNativePG is told about the time-series cluster: pure functions from settings to `spec`.

Owns: the specs of Cluster, Database, Pooler, ObjectStore and ScheduledBackup. Does not own: their names and order
(`kubernetes.py`). Field names and what each may hold: CloudNativePG 1.30 and its Barman Cloud plugin 0.15.
"""

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from components.postgres.parameters import server_parameters
from components.postgres.pooler_access import AUTH_QUERY, AUTH_USER, LOOKUP_BODY
from components.timescale.definition import EXTENSION
from components.timescale.kubernetes_names import (
    BACKUPS,
    CLUSTER,
    CLUSTER_LABEL,
    POOLER_LABEL,
    QUERIES,
    QUERIES_KEY,
    SECRETS,
)
from settings import Settings, TimescaleSettings
from settings.cloud.backups import BackupSettings
from settings.cloud.kubernetes import KubernetesSettings, PoolerSettings
from settings.derived import max_client_connections, pooled_connections

__all__ = [
    "BACKUP_PLUGIN",
    "cluster_spec",
    "database_spec",
    "object_store_spec",
    "operators_extensions",
    "pooler_spec",
    "resources",
    "restricted",
    "scheduled_backup_spec",
]

BACKUP_PLUGIN: Final = "barman-cloud.cloudnative-pg.io"
_ZONE: Final = "topology.kubernetes.io/zone"
_HOST: Final = "kubernetes.io/hostname"
_LOCALE: Final = "C.UTF-8"
_SELF_GRANT_SINCE: Final = 16
_ARCHIVE_TIMEOUT_S: Final = 60  # ruling on spec 5.2.1: what an outage of the whole region may cost at most
_WAL_JOBS: Final = 4
_DATA_JOBS: Final = 2

# What the operator sets itself, and refuses from us.
_OPERATORS_PARAMETERS: Final = frozenset({"hot_standby"})
# The operator loads and creates these by itself where a parameter of theirs is set, in every database.
_MANAGED_EXTENSIONS: Final = frozenset({"pg_stat_statements", "pgaudit"})

# Run once, as the superuser, in `postgres`, when the cluster is made. PgBouncer asks there, under any operator-made
# pooler, and only a superuser can give away the look-up of verifiers.
_INITIAL_SQL: Final = (
    "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
    "REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    f"CREATE ROLE {AUTH_USER} LOGIN",
    f"CREATE SCHEMA {AUTH_USER}",
    (
        f"CREATE FUNCTION {AUTH_USER}.get_auth(wanted text) RETURNS TABLE(username text, password text) "
        f"LANGUAGE sql STABLE SECURITY DEFINER AS '{LOOKUP_BODY}'"
    ),
    f"REVOKE ALL ON FUNCTION {AUTH_USER}.get_auth(text) FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA {AUTH_USER} TO {AUTH_USER}",
    f"GRANT EXECUTE ON FUNCTION {AUTH_USER}.get_auth(text) TO {AUTH_USER}",
)


def resources(cpu_millicores: int, memory_mib: int) -> dict[str, dict[str, str]]:
    """Return what a container asks for, and gets: both the same, so that it is the last to be evicted."""
    amount = {"cpu": f"{cpu_millicores}m", "memory": f"{memory_mib}Mi"}
    return {"requests": dict(amount), "limits": dict(amount)}


def restricted() -> dict[str, Any]:
    """Return the security context of a container under the pod security standard `restricted`."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def cluster_spec(settings: Settings, kubernetes: KubernetesSettings, role_arn: pulumi.Input[str]) -> dict[str, Any]:
    """Return the spec of the Cluster."""
    timescale = settings.timescale
    return {
        "description": "Fashion Wallet: time series",
        "imageName": kubernetes.image,
        "instances": timescale.replicas + 1,
        "enableSuperuserAccess": False,
        "enablePDB": True,
        "primaryUpdateStrategy": "unsupervised",
        # With a replica at hand a switch-over is shorter than a restart.
        "primaryUpdateMethod": "switchover" if timescale.replicas else "restart",
        "stopDelay": kubernetes.stop_timeout_s,
        "seccompProfile": {"type": "RuntimeDefault"},
        "serviceAccountTemplate": {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": role_arn}}},
        "certificates": {
            "serverCASecret": SECRETS["server-ca"],
            "serverTLSSecret": SECRETS["server"],
            "clientCASecret": SECRETS["client-ca"],
            "replicationTLSSecret": SECRETS["replication"],
        },
        "bootstrap": {"initdb": _initdb(timescale, kubernetes)},
        "postgresql": _postgresql(settings, kubernetes),
        "managed": {"roles": [_administrator(kubernetes)]},
        "plugins": [{"name": BACKUP_PLUGIN, "isWALArchiver": True, "parameters": {"barmanObjectName": BACKUPS}}],
        "monitoring": {
            "tls": {"enabled": True},
            "customQueriesConfigMap": [{"name": QUERIES, "key": QUERIES_KEY}],
        },
        "resources": resources(kubernetes.cpu_millicores, kubernetes.memory_mib),
        "storage": _volume(kubernetes, kubernetes.volumes.storage_gib),
        "walStorage": _volume(kubernetes, kubernetes.volumes.wal_storage_gib),
        **_placement(),
    }


def _initdb(timescale: TimescaleSettings, kubernetes: KubernetesSettings) -> dict[str, Any]:
    return {
        "database": timescale.database,
        "owner": kubernetes.administrator,
        "encoding": "UTF8",
        "localeCollate": _LOCALE,
        "localeCType": _LOCALE,
        "dataChecksums": True,
        "postInitSQL": list(_INITIAL_SQL),
    }


def _postgresql(settings: Settings, kubernetes: KubernetesSettings) -> dict[str, Any]:
    timescale = settings.timescale
    parameters = {
        name: value
        for name, value in server_parameters(timescale, settings.tls.minimum_version).items()
        if name not in _OPERATORS_PARAMETERS
    }
    parameters |= {"archive_timeout": f"{_ARCHIVE_TIMEOUT_S}s", "timescaledb.telemetry_level": "off"}
    if kubernetes.major >= _SELF_GRANT_SINCE:
        # Who makes a role may then also become it: the administrator sets default privileges for others.
        parameters["createrole_self_grant"] = "set, inherit"
    spec: dict[str, Any] = {
        "parameters": parameters,
        "shared_preload_libraries": [EXTENSION],
        "pg_hba": [
            # First match wins: whoever may log in by certificate must, whatever password the operator gave them.
            f"hostssl all {kubernetes.administrator} all cert",
            f"hostssl postgres {AUTH_USER} all cert",
            "hostssl all all all scram-sha-256",
            "host all all all reject",
        ],
    }
    if timescale.synchronous_standbys:
        spec["synchronous"] = {
            "method": "any",
            "number": timescale.synchronous_standbys,
            "dataDurability": "required",
            "failoverQuorum": True,
        }
    return spec


def _administrator(kubernetes: KubernetesSettings) -> dict[str, Any]:
    return {
        "name": kubernetes.administrator,
        "comment": "owns the database and makes roles; logs in by certificate",
        "ensure": "present",
        "login": True,
        "inherit": True,
        "createrole": True,
        "createdb": False,
        "superuser": False,
        "replication": False,
        "bypassrls": False,
    }


def _volume(kubernetes: KubernetesSettings, size_gib: int) -> dict[str, Any]:
    return {"storageClass": kubernetes.volumes.storage_class, "size": f"{size_gib}Gi", "resizeInUseVolumes": True}


def _placement() -> dict[str, Any]:
    return {
        "affinity": {"enablePodAntiAffinity": True, "podAntiAffinityType": "required", "topologyKey": _ZONE},
        "topologySpreadConstraints": [_spread(_ZONE, CLUSTER_LABEL)],
    }


def _spread(topology: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": dict(labels)},
    }


def operators_extensions(timescale: TimescaleSettings) -> tuple[str, ...]:
    """Return the extensions that the operator makes in the application's database: it alone is a superuser.

    Not those that it makes by itself because a parameter of theirs is set.
    """
    wanted = dict.fromkeys((EXTENSION, *timescale.extensions))
    return tuple(name for name in wanted if name not in _MANAGED_EXTENSIONS)


def database_spec(timescale: TimescaleSettings, kubernetes: KubernetesSettings) -> dict[str, Any]:
    """Return the spec of the Database: who owns it, and the extensions in it."""
    return {
        "cluster": {"name": CLUSTER},
        "name": timescale.database,
        "owner": kubernetes.administrator,
        "ensure": "present",
        "databaseReclaimPolicy": "retain",
        "extensions": [
            {"name": name, "ensure": "present", "schema": "public"} for name in operators_extensions(timescale)
        ],
    }


def pooler_spec(settings: TimescaleSettings, pooler: PoolerSettings) -> dict[str, Any]:
    """Return the spec of the Pooler. Each pod has pools of its own, so each gets its share."""
    return {
        "cluster": {"name": CLUSTER},
        "type": "rw",
        "instances": pooler.instances,
        "pgbouncer": {
            "poolMode": "transaction",
            "image": pooler.image,
            "serverTLSSecret": {"name": SECRETS["pooler"]},
            "authQuery": AUTH_QUERY,
            "parameters": _pooler_parameters(settings, pooler.instances),
        },
        "template": {
            "metadata": {"labels": dict(POOLER_LABEL)},
            "spec": {
                "containers": [
                    {
                        "name": "pgbouncer",
                        "resources": resources(pooler.cpu_millicores, pooler.memory_mib),
                        "securityContext": restricted(),
                    }
                ],
                "topologySpreadConstraints": [_spread(_HOST, POOLER_LABEL), _spread(_ZONE, POOLER_LABEL)],
            },
        },
    }


def _pooler_parameters(settings: TimescaleSettings, pods: int) -> dict[str, str]:
    pool = settings.pool
    return {
        "client_tls_sslmode": "require",
        # The operator lets nobody set the lowest version. The certificate is ECDSA, so a handshake of TLS 1.2, whose
        # only cipher here is one for RSA, cannot succeed; those of TLS 1.3 are set apart and always on.
        "client_tls_ciphers": "ECDHE-RSA-AES256-GCM-SHA384",
        "server_tls_sslmode": "verify-full",
        "server_tls_protocols": "tlsv1.3",
        "default_pool_size": str(max(1, pool.max_connections // pods)),
        "min_pool_size": str(pool.min_connections // pods),
        "max_db_connections": str(max(1, pooled_connections(settings) // pods)),
        "max_client_conn": str(max_client_connections(settings)),
        "server_idle_timeout": str(pool.idle_timeout_ms // 1_000),
        "server_lifetime": str(pool.max_lifetime_ms // 1_000),
        "server_connect_timeout": str(max(1, pool.connection_timeout_ms // 1_000)),
        "query_wait_timeout": str(max(1, pool.acquire_timeout_ms // 1_000)),
    }


def object_store_spec(
    backups: BackupSettings, bucket: pulumi.Input[str], key_arn: pulumi.Input[str], role: str = CLUSTER
) -> dict[str, Any]:
    """Return the spec of the ObjectStore. The key is named: with `aws:kms` alone, S3 takes AWS's own and not ours."""
    key = pulumi.Output.concat("--sse-kms-key-id=", key_arn)
    return {
        "retentionPolicy": f"{backups.continuous_retention_days}d",
        "configuration": {
            "destinationPath": pulumi.Output.concat("s3://", bucket, f"/{role}"),
            "s3Credentials": {"inheritFromIAMRole": True},
            "wal": {
                "compression": "gzip",
                "encryption": "aws:kms",
                "maxParallel": _WAL_JOBS,
                "archiveAdditionalCommandArgs": [key],
            },
            "data": {
                "compression": "gzip",
                "encryption": "aws:kms",
                "jobs": _DATA_JOBS,
                "additionalCommandArgs": [key],
            },
        },
    }


def scheduled_backup_spec(at: str) -> dict[str, Any]:
    """Return the spec of a daily base backup at `HH:MM` UTC; the operator's schedules begin with seconds."""
    hours, minutes = at.split(":")
    return {
        "cluster": {"name": CLUSTER},
        "schedule": f"0 {int(minutes)} {int(hours)} * * *",
        "immediate": True,
        "backupOwnerReference": "self",
        "method": "plugin",
        "pluginConfiguration": {"name": BACKUP_PLUGIN},
    }
