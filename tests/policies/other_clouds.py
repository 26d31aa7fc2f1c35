"""Helper: the compliant resources of Atlas and Kubernetes."""

from typing import Any

from tests.policies.names import key, secret

ATLAS: dict[str, dict[str, Any]] = {
    "mongodbatlas:index/project:Project/mongodb-project": {"id": "project-1", "name": "fashion-wallet-prod"},
    "mongodbatlas:index/advancedCluster:AdvancedCluster/mongodb": {
        "projectId": "project-1", "name": "fashion-wallet-prod", "clusterType": "REPLICASET", "backupEnabled": True,
        "pitEnabled": True, "retainBackupsEnabled": True, "terminationProtectionEnabled": True,
        "encryptionAtRestProvider": "AWS", "mongoDbMajorVersion": "8.0", "versionReleaseSystem": "LTS",
        "redactClientLogData": True,
        "advancedConfiguration": {
            "minimumEnabledTlsProtocol": "TLS1_3", "defaultWriteConcern": "majority", "javascriptEnabled": False,
            "oplogMinRetentionHours": 48,
        },
        "replicationSpecs": [
            {
                "regionConfigs": [
                    {
                        "providerName": "AWS", "regionName": "EU_CENTRAL_1", "priority": 7,
                        "electableSpecs": {"instanceSize": "M30", "nodeCount": 3},
                    }
                ]
            }
        ],
    },
    "mongodbatlas:index/encryptionAtRest:EncryptionAtRest/mongodb": {
        "projectId": "project-1",
        "awsKmsConfig": {"enabled": True, "customerMasterKeyId": key("documents"), "roleId": "role-1"},
    },
    "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule/mongodb": {
        "projectId": "project-1", "clusterName": "fashion-wallet-prod", "restoreWindowDays": 7,
        "policyItemDaily": {"frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 30},
        "policyItemWeeklies": [{"frequencyInterval": 6, "retentionUnit": "days", "retentionValue": 90}],
        "copySettings": [
            {"cloudProvider": "AWS", "regionName": "EU_WEST_1", "frequencies": ["DAILY"], "shouldCopyOplogs": True}
        ],
    },
    "mongodbatlas:index/auditing:Auditing/mongodb": {
        "projectId": "project-1", "enabled": True, "auditFilter": '{"atype": "authenticate"}',
    },
    "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList/office": {
        "projectId": "project-1", "cidrBlock": "10.1.0.0/16",
    },
    "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint/mongodb": {
        "projectId": "project-1", "providerName": "AWS", "region": "EU_CENTRAL_1",
    },
    "mongodbatlas:index/alertConfiguration:AlertConfiguration/replication": {
        "projectId": "project-1", "eventType": "NO_PRIMARY", "enabled": True,
        "notifications": [{"typeName": "EMAIL", "emailAddress": "on-call@example.com"}],
    },
    "mongodbatlas:index/customDbRole:CustomDbRole/design-service": {
        "projectId": "project-1", "roleName": "design_service",
        "actions": [
            {"action": "FIND", "resources": [{"databaseName": "fashion-wallet-main", "collectionName": "designs"}]}
        ],
    },
    "mongodbatlas:index/databaseUser:DatabaseUser/design-service": {
        "projectId": "project-1", "username": "design_service", "authDatabaseName": "admin",
        "roles": [{"roleName": "design_service", "databaseName": "admin"}],
        "scopes": [{"name": "fashion-wallet-prod", "type": "CLUSTER"}],
    },
}  # fmt: skip
"""Resources of Atlas."""

_CONTAINER = {
    "name": "dump", "image": "ghcr.io/cloudnative-pg/postgresql:17.5",
    "securityContext": {
        "runAsNonRoot": True, "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False, "privileged": False,
        "capabilities": {"drop": ["ALL"]},
    },
    "resources": {"limits": {"memory": "2Gi"}, "requests": {"cpu": "1", "memory": "2Gi"}},
    "env": [
        {"name": "PGHOST", "value": "db"},
        {"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": "dump", "key": "password"}}},
    ],
}  # fmt: skip
POD = {"containers": [_CONTAINER], "securityContext": {"runAsNonRoot": True}, "restartPolicy": "Never"}


def _in(kind: str, name: str, version: str, **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "fashion-wallet"}, **more}


CNPG = "postgresql.cnpg.io/v1"
KUBERNETES: dict[str, dict[str, Any]] = {
    "kubernetes:core/v1:Namespace/fashion-wallet": {
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {
            "name": "fashion-wallet", "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    },
    "kubernetes:storage.k8s.io/v1:StorageClass/timeseries": {
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "ebs.csi.aws.com",
        "metadata": {"name": "timeseries"}, "reclaimPolicy": "Retain", "allowVolumeExpansion": True,
        "parameters": {"type": "gp3", "encrypted": "true", "kmsKeyId": key("timeseries")},
    },
    "kubernetes:postgresql.cnpg.io/v1:Cluster/timescale": _in(
        "Cluster", "timescale", CNPG,
        spec={
            "instances": 3, "imageName": "ghcr.io/clevyr/cloudnativepg-timescale:17.2-ts2.18",
            "enableSuperuserAccess": False,
            "postgresql": {
                "parameters": {"ssl_min_protocol_version": "TLSv1.3"},
                "synchronous": {"method": "any", "number": 1},
            },
            "affinity": {"enablePodAntiAffinity": True, "topologyKey": "topology.kubernetes.io/zone"},
            "storage": {"size": "100Gi", "storageClass": "timeseries"},
            "plugins": [{"name": "barman-cloud.cloudnative-pg.io", "enabled": True, "isWALArchiver": True}],
        },
    ),
    "kubernetes:postgresql.cnpg.io/v1:ScheduledBackup/timescale": _in(
        "ScheduledBackup", "timescale", CNPG,
        spec={"schedule": "0 30 2 * * *", "cluster": {"name": "timescale"}, "suspend": False, "immediate": True},
    ),
    "kubernetes:postgresql.cnpg.io/v1:Pooler/pooler": _in(
        "Pooler", "pooler", CNPG,
        spec={
            "cluster": {"name": "timescale"}, "instances": 2, "type": "rw", "template": {"spec": POD},
            "pgbouncer": {
                "poolMode": "transaction",
                "parameters": {"client_tls_sslmode": "require", "server_tls_sslmode": "verify-full"},
            },
        },
    ),
    "kubernetes:batch/v1:CronJob/dump": _in(
        "CronJob", "dump", "batch/v1",
        spec={"schedule": "0 1 * * *", "jobTemplate": {"spec": {"template": {"spec": POD}}}},
    ),
    "kubernetes:apps/v1:Deployment/exporter": _in(
        "Deployment", "exporter", "apps/v1", spec={"template": {"spec": POD}},
    ),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy/default": _in(
        "NetworkPolicy", "default", "networking.k8s.io/v1",
        spec={"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    ),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy/clients": _in(
        "NetworkPolicy", "clients", "networking.k8s.io/v1",
        spec={
            "podSelector": {"matchLabels": {"app": "timescale"}}, "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"ipBlock": {"cidr": "10.40.0.0/16"}}], "ports": [{"port": 5432}]}],
        },
    ),
    "kubernetes:core/v1:Service/timescale": _in(
        "Service", "timescale", "v1",
        spec={"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.40.0.0/16"]},
    ),
    "kubernetes:core/v1:Secret/object-store": _in("Secret", "object-store", "v1", stringData=secret({"key": "k"})),
}  # fmt: skip
"""Resources of Kubernetes."""
KUBERNETES["kubernetes:core/v1:Service/timescale"]["metadata"]["annotations"] = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"
}
