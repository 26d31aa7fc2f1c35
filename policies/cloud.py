"""Type tokens of the clouds that the rules read, as the official SDKs put them on the wire, and what they share."""

from typing import Any, Final

from policies.rule import Resource
from policies.values import UNKNOWN, UNSET

__all__ = ["is_near_replica", "is_replica"]

RDS_INSTANCE: Final = "aws:rds/instance:Instance"
RDS_PARAMETER_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
RDS_SNAPSHOT: Final = "aws:rds/snapshot:Snapshot"
RDS_SNAPSHOT_COPY: Final = "aws:rds/snapshotCopy:SnapshotCopy"
RDS_PROXY: Final = "aws:rds/proxy:Proxy"
RDS_EVENTS: Final = "aws:rds/eventSubscription:EventSubscription"
KMS_KEY: Final = "aws:kms/key:Key"
KMS_REPLICA: Final = "aws:kms/replicaKey:ReplicaKey"
KMS_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
VAULT: Final = "aws:backup/vault:Vault"
VAULT_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
VAULT_POLICY: Final = "aws:backup/vaultPolicy:VaultPolicy"
VAULT_NOTIFICATIONS: Final = "aws:backup/vaultNotifications:VaultNotifications"
BACKUP_PLAN: Final = "aws:backup/plan:Plan"
BACKUP_SELECTION: Final = "aws:backup/selection:Selection"
RESTORE_PLAN: Final = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
RESTORE_SELECTION: Final = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BUCKET_LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BUCKET_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
BUCKET_LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
SECRET: Final = "aws:secretsmanager/secret:Secret"
SECRET_POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"
SECRET_ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"
SECRET_VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
METRIC_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
TOPIC_SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
SUBNET: Final = "aws:ec2/subnet:Subnet"
VPC: Final = "aws:ec2/vpc:Vpc"
VPC_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
NAT_GATEWAY: Final = "aws:ec2/natGateway:NatGateway"
IAM_POLICY: Final = "aws:iam/policy:Policy"
IAM_ROLE: Final = "aws:iam/role:Role"
IAM_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
IAM_USER: Final = "aws:iam/user:User"
IAM_ACCESS_KEY: Final = "aws:iam/accessKey:AccessKey"

ATLAS_ACCESS: Final = "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList"
ATLAS_ALERT: Final = "mongodbatlas:index/alertConfiguration:AlertConfiguration"
ATLAS_AUDITING: Final = "mongodbatlas:index/auditing:Auditing"
ATLAS_CLUSTER: Final = "mongodbatlas:index/advancedCluster:AdvancedCluster"
ATLAS_ENCRYPTION: Final = "mongodbatlas:index/encryptionAtRest:EncryptionAtRest"
ATLAS_ENDPOINT: Final = "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint"
ATLAS_PROJECT: Final = "mongodbatlas:index/project:Project"
ATLAS_ROLE: Final = "mongodbatlas:index/customDbRole:CustomDbRole"
ATLAS_SCHEDULE: Final = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
ATLAS_USER: Final = "mongodbatlas:index/databaseUser:DatabaseUser"

CNPG_CLUSTER: Final = "kubernetes:postgresql.cnpg.io/v1:Cluster"
CNPG_POOLER: Final = "kubernetes:postgresql.cnpg.io/v1:Pooler"
CNPG_SCHEDULE: Final = "kubernetes:postgresql.cnpg.io/v1:ScheduledBackup"
CRON_JOB: Final = "kubernetes:batch/v1:CronJob"
JOB: Final = "kubernetes:batch/v1:Job"
DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
STATEFUL_SET: Final = "kubernetes:apps/v1:StatefulSet"
POD: Final = "kubernetes:core/v1:Pod"
KUBERNETES_SECRET: Final = "kubernetes:core/v1:Secret"
NAMESPACE: Final = "kubernetes:core/v1:Namespace"
NETWORK_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
SERVICE: Final = "kubernetes:core/v1:Service"
STORAGE_CLASS: Final = "kubernetes:storage.k8s.io/v1:StorageClass"

WORKLOADS: Final = (CNPG_CLUSTER, CNPG_POOLER, CRON_JOB, JOB, DEPLOYMENT, STATEFUL_SET, POD)
"""What makes pods."""
STATEFUL: Final = (RDS_INSTANCE, KMS_KEY, VAULT, BUCKET, ATLAS_CLUSTER, CNPG_CLUSTER)
"""What holds data, or the key or the backups of data."""
TAGGABLE: Final = (
    *(RDS_INSTANCE, RDS_PARAMETER_GROUP, RDS_PROXY, RDS_EVENTS, KMS_KEY, KMS_REPLICA, VAULT, BACKUP_PLAN, RESTORE_PLAN),
    *(BUCKET, SECRET, LOG_GROUP, METRIC_ALARM, TOPIC, SECURITY_GROUP, INGRESS_RULE, EGRESS_RULE, SUBNET, VPC),
    *(VPC_ENDPOINT, FLOW_LOG, IAM_POLICY, IAM_ROLE),
)
"""What of AWS can have tags."""


def is_replica(resource: Resource) -> Any:
    """Whether an instance is a replica of another: true, false, or `UNKNOWN`.

    A source that is not known yet, and is made of another resource, is a source.
    """
    source = resource.at("replicateSourceDb")
    if source is UNKNOWN:
        return True if resource.depends_on.get("replicateSourceDb") else UNKNOWN
    return source is not UNSET and source != ""


def is_near_replica(resource: Resource) -> Any:
    """Whether an instance is a replica in its source's region: a copy beside others, which may come and go.

    One in another region names its source by the ARN.
    """
    source = resource.at("replicateSourceDb")
    if not isinstance(source, str):
        return UNKNOWN if source is UNKNOWN else False
    return bool(source) and not source.startswith("arn:")
