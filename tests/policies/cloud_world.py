"""Helper: the compliant resources of the clouds, which `world.py` adds to those of one machine, and their options."""

from typing import Any

from tests.policies.names import ACCOUNT, AWAY, HOME, TAGS, allow, arn, key, policy, secret
from tests.policies.other_clouds import ATLAS, KUBERNETES

OWN_ACCOUNT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
TLS_ONLY = {
    "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}  # fmt: skip
KEY_POLICY = policy(allow(OWN_ACCOUNT, "kms:*"))
TRUST = policy({"Effect": "Allow", "Principal": {"Service": "rds.amazonaws.com"}, "Action": "sts:AssumeRole"})
ON_ONE_KEY = policy({"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": key("secrets")})
DOMAINS = ("relational", "documents", "timeseries", "backups", "secrets", "logs")
TOPIC = arn("sns", "fashion-wallet-prod")
AVATAR = arn("secretsmanager", "secret:avatar")
PRIMARY = arn("rds", "db:fashion-wallet-prod")

_INSTANCE = {
    "instanceClass": "db.r6g.large", "engine": "postgres", "engineVersion": "17", "storageEncrypted": True,
    "kmsKeyId": key("relational"), "publiclyAccessible": False, "vpcSecurityGroupIds": ["sg-0database"],
    "parameterGroupName": "fashion-wallet-17", "maxAllocatedStorage": 500, "allocatedStorage": 100,
    "caCertIdentifier": "rds-ca-rsa2048-g1", "iamDatabaseAuthenticationEnabled": True,
    "autoMinorVersionUpgrade": True, "applyImmediately": False, "backupRetentionPeriod": 7,
    "deleteAutomatedBackups": False, "deletionProtection": True, "copyTagsToSnapshot": True,
    "performanceInsightsEnabled": True, "performanceInsightsKmsKeyId": key("relational"),
    "monitoringInterval": 15, "monitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitoring",
    "enabledCloudwatchLogsExports": ["postgresql", "upgrade"], "tags": TAGS,
}  # fmt: skip
_REPLICA = {name: value for name, value in _INSTANCE.items() if name not in {"engine", "allocatedStorage"}}
_PARAMETERS = {
    "rds.force_ssl": "1", "ssl_min_protocol_version": "TLSv1.3", "rds.accepted_password_auth_method": "scram",
    "log_min_duration_statement": "200", "log_connections": "1", "log_disconnections": "1",
    "statement_timeout": "30000", "shared_preload_libraries": "pg_stat_statements,pgaudit", "pgaudit.log": "ddl,role",
}  # fmt: skip


def _instance(name: str) -> dict[str, Any]:
    return {"identifier": name, "arn": arn("rds", f"db:{name}")}


def _alarm(metric: str, instance: str) -> dict[str, Any]:
    return {
        "namespace": "AWS/RDS", "metricName": metric, "dimensions": {"DBInstanceIdentifier": instance},
        "alarmActions": [TOPIC], "actionsEnabled": True, "tags": TAGS,
    }  # fmt: skip


_INSTANCES = {
    "postgres-primary": "fashion-wallet-prod",
    "postgres-replica-b": "fashion-wallet-prod-b",
    "postgres-replica-c": "fashion-wallet-prod-c",
    "postgres-replica-d": "fashion-wallet-prod-d",
    "postgres-recovery": "fashion-wallet-prod-recovery",
}
_METRICS = ("CPUUtilization", "FreeStorageSpace", "DatabaseConnections")


def _rule(name: str, schedule: str, days: int, *, continuous: bool = False) -> dict[str, Any]:
    return {
        "ruleName": name, "schedule": schedule, "targetVaultName": "fashion-wallet-vault",
        "lifecycle": {"deleteAfter": days}, "enableContinuousBackup": continuous,
        "copyActions": [
            {
                "destinationVaultArn": arn("backup", "backup-vault:fashion-wallet-vault-recovery", AWAY),
                "lifecycle": {"deleteAfter": days},
            }
        ],
    }  # fmt: skip


def _vault(name: str, region: str) -> dict[str, dict[str, Any]]:
    deny = {
        "Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}},
    }  # fmt: skip
    return {
        f"aws:backup/vault:Vault/{name}": {"name": name, "kmsKeyArn": key("backups", region), "tags": TAGS},
        f"aws:backup/vaultLockConfiguration:VaultLockConfiguration/{name}-lock": {
            "backupVaultName": name, "minRetentionDays": 7, "maxRetentionDays": 400,
        },
        f"aws:backup/vaultPolicy:VaultPolicy/{name}-policy": {"backupVaultName": name, "policy": policy(deny)},
    }  # fmt: skip


def _bucket(what: str, region: str, *, logs: str) -> dict[str, dict[str, Any]]:
    name = f"acme-{what}"
    parts: dict[str, dict[str, Any]] = {
        f"aws:s3/bucket:Bucket/fashion-wallet-bucket-{what}": {
            "bucket": name, "arn": f"arn:aws:s3:::{name}", "objectLockEnabled": bool(logs), "forceDestroy": False,
            "tags": TAGS,
        },
        f"aws:s3/bucketVersioning:BucketVersioning/{what}": {
            "bucket": name, "versioningConfiguration": {"status": "Enabled"},
        },
        f"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock/{what}": {
            "bucket": name, "blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        f"aws:s3/bucketPolicy:BucketPolicy/{what}": {"bucket": name, "policy": policy(TLS_ONLY)},
        f"aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration/{what}": {
            "bucket": name,
            "rules": [
                {
                    "id": "leftovers", "status": "Enabled",
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                    "noncurrentVersionExpiration": {"noncurrentDays": 30},
                }
            ],
        },
        _encryption(what): {
            "bucket": name,
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": (
                        {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key("backups", region)}
                        if logs
                        else {"sseAlgorithm": "AES256"}
                    ),
                    "bucketKeyEnabled": True,
                }
            ],
        },
    }  # fmt: skip
    if logs:
        parts[f"aws:s3/bucketLogging:BucketLogging/{what}"] = {"bucket": name, "targetBucket": f"acme-{logs}"}
        parts[f"aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration/{what}"] = {
            "bucket": name, "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}},
        }  # fmt: skip
    return parts


def _encryption(what: str) -> str:
    kind = "BucketServerSideEncryptionConfiguration"
    return f"aws:s3/bucketServerSideEncryptionConfiguration:{kind}/{what}"


AWS: dict[str, dict[str, Any]] = {
    **{
        f"aws:kms/key:Key/fashion-wallet-key-{domain}": {
            "arn": key(domain), "enableKeyRotation": True, "rotationPeriodInDays": 365, "deletionWindowInDays": 30,
            "isEnabled": True, "multiRegion": True, "policy": KEY_POLICY, "tags": TAGS,
        }
        for domain in DOMAINS
    },
    "aws:kms/replicaKey:ReplicaKey/fashion-wallet-key-relational-recovery": {
        "arn": key("relational", AWAY), "primaryKeyArn": key("relational"), "enabled": True, "policy": KEY_POLICY,
        "deletionWindowInDays": 30, "tags": TAGS,
    },
    "aws:kms/keyPolicy:KeyPolicy/documents": {"keyId": "mrk-documents", "policy": KEY_POLICY},
    "aws:rds/parameterGroup:ParameterGroup/postgres": {
        "family": "postgres17", "name": "fashion-wallet-17", "tags": TAGS,
        "parameters": [
            {"name": name, "value": value, "applyMethod": "immediate"} for name, value in _PARAMETERS.items()
        ],
    },
    "aws:rds/instance:Instance/postgres-primary": {
        **_INSTANCE, **_instance("fashion-wallet-prod"), "resourceId": "db-PRIMARY",
        "multiAz": True, "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": "fashion-wallet-prod-final", "username": "fashion_wallet_admin",
        "dbSubnetGroupName": "fashion-wallet",
    },
    "aws:rds/instance:Instance/postgres-replica-b": {
        **_REPLICA, **_instance("fashion-wallet-prod-b"), "replicateSourceDb": "fashion-wallet-prod",
        "availabilityZone": f"{HOME}b", "skipFinalSnapshot": True,
    },
    "aws:rds/instance:Instance/postgres-replica-c": {
        **_REPLICA, **_instance("fashion-wallet-prod-c"), "replicateSourceDb": "fashion-wallet-prod",
        "availabilityZone": f"{HOME}c", "skipFinalSnapshot": True,
    },
    "aws:rds/instance:Instance/postgres-replica-d": {
        **_REPLICA, **_instance("fashion-wallet-prod-d"), "replicateSourceDb": "fashion-wallet-prod",
        "availabilityZone": f"{HOME}c", "skipFinalSnapshot": True,
    },
    "aws:rds/instance:Instance/postgres-recovery": {
        **_REPLICA, **_instance("fashion-wallet-prod-recovery"), "replicateSourceDb": PRIMARY,
        "availabilityZone": f"{AWAY}a", "skipFinalSnapshot": True, "kmsKeyId": key("relational", AWAY),
        "performanceInsightsKmsKeyId": key("relational", AWAY), "dbSubnetGroupName": "recovery",
    },
    "aws:rds/proxy:Proxy/postgres-proxy": {
        "requireTls": True, "debugLogging": False, "engineFamily": "POSTGRESQL", "vpcSubnetIds": ["a", "b"],
        "auths": [{"authScheme": "SECRETS", "secretArn": AVATAR, "iamAuth": "REQUIRED"}],
        "tags": TAGS,
    },
    "aws:rds/eventSubscription:EventSubscription/postgres-events": {
        "sourceType": "db-instance", "snsTopic": TOPIC, "enabled": True,
        "eventCategories": ["availability", "configuration change", "deletion", "failover", "failure", "maintenance"],
        "tags": TAGS,
    },
    **{
        f"aws:cloudwatch/metricAlarm:MetricAlarm/{name}-{metric}": _alarm(metric, identifier)
        for name, identifier in _INSTANCES.items()
        for metric in (_METRICS if name == "postgres-primary" else (*_METRICS, "ReplicaLag"))
    },
    "aws:sns/topic:Topic/alerts": {"arn": TOPIC, "kmsMasterKeyId": key("logs"), "tags": TAGS},
    "aws:sns/topicPolicy:TopicPolicy/alerts": {
        "arn": TOPIC, "policy": policy(allow({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", resource=TOPIC)),
    },
    "aws:sns/topicSubscription:TopicSubscription/on-call": {
        "topic": TOPIC, "protocol": "email", "endpoint": "on-call@example.com",
    },
    "aws:cloudwatch/logGroup:LogGroup/postgres": {
        "name": "/aws/rds/instance/fashion-wallet-prod/postgresql", "kmsKeyId": key("logs"), "retentionInDays": 90,
        "tags": TAGS,
    },
    **_vault("fashion-wallet-vault", HOME),
    **_vault("fashion-wallet-vault-recovery", AWAY),
    "aws:backup/vaultNotifications:VaultNotifications/vault": {
        "backupVaultName": "fashion-wallet-vault", "snsTopicArn": TOPIC,
        "backupVaultEvents": ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"],
    },
    "aws:backup/plan:Plan/fashion-wallet-plan": {
        "id": "plan-1", "name": "fashion-wallet-prod", "tags": TAGS,
        "rules": [
            _rule("daily", "cron(0 3 ? * * *)", 30),
            _rule("weekly", "cron(0 5 ? * SUN *)", 90),
            _rule("continuous", "cron(0 2 ? * * *)", 7, continuous=True),
        ],
    },
    "aws:backup/selection:Selection/fashion-wallet-selection": {
        "planId": "plan-1", "resources": [PRIMARY], "name": "fashion-wallet",
    },
    "aws:backup/restoreTestingPlan:RestoreTestingPlan/fashion-wallet-restore-test": {
        "name": "fashion_wallet_prod", "scheduleExpression": "cron(0 7 1 * ? *)",
        "recoveryPointSelection": {
            "algorithm": "LATEST_WITHIN_WINDOW", "includeVaults": [arn("backup", "backup-vault:fashion-wallet-vault")],
            "recoveryPointTypes": ["CONTINUOUS", "SNAPSHOT"], "selectionWindowDays": 30,
        },
        "tags": TAGS,
    },
    "aws:backup/restoreTestingSelection:RestoreTestingSelection/fashion-wallet-restore-test-rds": {
        "restoreTestingPlanName": "fashion_wallet_prod", "protectedResourceType": "RDS",
        "protectedResourceArns": [PRIMARY],
    },
    **_bucket("dumps", HOME, logs="access-logs"),
    **_bucket("dumps-recovery", AWAY, logs="access-logs-recovery"),
    **_bucket("access-logs", HOME, logs=""),
    **_bucket("access-logs-recovery", AWAY, logs=""),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig/dumps": {
        "bucket": "acme-dumps",
        "rules": [{"status": "Enabled", "destination": {"bucket": "arn:aws:s3:::acme-dumps-recovery"}}],
    },
    "aws:secretsmanager/secret:Secret/avatar": {
        "arn": arn("secretsmanager", "secret:avatar"), "kmsKeyId": key("secrets"), "recoveryWindowInDays": 30,
        "replicas": [{"region": AWAY, "kmsKeyId": key("secrets", AWAY)}], "tags": TAGS,
    },
    "aws:secretsmanager/secretVersion:SecretVersion/avatar": {"secretId": AVATAR, "secretString": secret("{}")},
    "aws:secretsmanager/secretRotation:SecretRotation/avatar": {
        "secretId": arn("secretsmanager", "secret:avatar"), "rotationRules": {"automaticallyAfterDays": 30},
    },
    "aws:secretsmanager/secretPolicy:SecretPolicy/avatar": {
        "secretArn": arn("secretsmanager", "secret:avatar"),
        "policy": policy({**allow("*", "secretsmanager:GetSecretValue"), "Effect": "Deny"}),
    },
    "aws:ec2/vpc:Vpc/network": {"id": "vpc-1", "cidrBlock": "10.40.0.0/16", "tags": TAGS},
    "aws:ec2/flowLog:FlowLog/network": {"vpcId": "vpc-1", "trafficType": "ALL", "tags": TAGS},
    "aws:ec2/subnet:Subnet/network-a": {"vpcId": "vpc-1", "mapPublicIpOnLaunch": False, "tags": TAGS},
    "aws:ec2/securityGroup:SecurityGroup/database": {"id": "sg-0database", "vpcId": "vpc-1", "tags": TAGS},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule/database": {
        "securityGroupId": "sg-0database", "referencedSecurityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 5432,
        "toPort": 5432, "tags": TAGS,
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule/client": {
        "securityGroupId": "sg-1", "referencedSecurityGroupId": "sg-0database", "ipProtocol": "tcp", "fromPort": 5432,
        "toPort": 5432, "tags": TAGS,
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint/secrets": {
        "vpcId": "vpc-1", "vpcEndpointType": "Interface",
        "policy": policy(allow(OWN_ACCOUNT, "secretsmanager:GetSecretValue")), "tags": TAGS,
    },
    "aws:ec2/securityGroupRule:SecurityGroupRule/old": {
        "type": "ingress", "protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.40.0.0/16"],
    },
    "aws:iam/role:Role/proxy": {"assumeRolePolicy": TRUST, "tags": TAGS},
    "aws:iam/rolePolicy:RolePolicy/proxy": {"policy": ON_ONE_KEY},
}  # fmt: skip
"""Resources of AWS."""

CLOUD: dict[str, dict[str, Any]] = {**AWS, **ATLAS, **KUBERNETES}
ABSENT: dict[str, str] = {
    "InternetGateway:out": "aws:ec2/internetGateway:InternetGateway/out",
    "NatGateway:out": "aws:ec2/natGateway:NatGateway/out",
    "User:backup": "aws:iam/user:User/backup",
    "Secret:certificate": "aws:secretsmanager/secret:Secret/certificate",
    "StorageClass:scratch": "kubernetes:storage.k8s.io/v1:StorageClass/scratch",
    "Pod:shell": "kubernetes:core/v1:Pod/shell",
    "Snapshot:before": "aws:rds/snapshot:Snapshot/before",
    "SnapshotCopy:before": "aws:rds/snapshotCopy:SnapshotCopy/before",
    "AccessKey:backup": "aws:iam/accessKey:AccessKey/backup",
}
"""Resources that a compliant stack does not have, and a case may add."""
PROVIDERS: dict[str, dict[str, Any]] = {
    **{name: {"region": HOME} for name in AWS},
    **{name: {"region": AWAY} for name in AWS if "recovery" in name.rpartition("/")[2] and "restore" not in name},
}
"""The properties of each resource's provider."""
_PROTECTED = (
    *("aws:rds/instance:", "aws:kms/key:", "aws:backup/vault:", "aws:s3/bucket:"),
    *("mongodbatlas:index/advancedCluster:", "kubernetes:postgresql.cnpg.io/v1:Cluster"),
)
OPTIONS: dict[str, dict[str, Any]] = {name: {"protect": True} for name in CLOUD if name.startswith(_PROTECTED)}
