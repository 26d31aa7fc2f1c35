"""The boxes in the picture of stack prod: which resources each stands for, and what is said of them."""

from rehearsal.diagram_parts import Box, Count, Listed, Value

__all__ = ["BOXES", "DATABASES", "KEYS"]

_REPLICA = r"aws:rds/instance:Instance postgres-replica-"
_PRIMARY = r"aws:rds/instance:Instance postgres-primary$"
_RECOVERY = r"aws:rds/instance:Instance postgres-recovery$"
_INSIDE = r"postgresql:index/\w+:\w+ (?!timescale-)"
_SERIES = r"postgresql:index/\w+:\w+ timescale-"
_CLUSTER = "mongodbatlas:index/advancedCluster:"
_CNPG = "kubernetes:postgresql.cnpg.io/v1:Cluster "
_NODES = "replicationSpecs.0.regionConfigs.0.electableSpecs"

BOXES: tuple[Box, ...] = (
    Box(
        name="timescale",
        title="TimescaleDB",
        x=28,
        y=110,
        width=260,
        height=190,
        has=f"cnpg.io/v1:|kubernetes:core/v1:Service |PodDisruptionBudget |StorageClass .*-workspace-|{_SERIES}",
        lines=(
            Value(of=_CNPG, path="spec.instances", text="{} instances (CloudNativePG)"),
            Count(of="cnpg.io/v1:Pooler ", one="pooler (PgBouncer)", more="poolers (PgBouncer)"),
            Count(of="kubernetes:core/v1:Service ", one="load balancer", more="internal load balancers"),
            Count(of="postgresql:index/schema:Schema timescale-", one="schema", more="schemas"),
            Count(of="postgresql:index/role:Role timescale-", one="role", more="roles"),
            Count(of=r"postgresql:index/(grant|default)\w*:\w+ timescale-", one="privilege", more="privileges"),
            Count(
                of="cnpg.io/v1:ScheduledBackup ", one="base backup a day, and WAL", more="schedules of backups, and WAL"
            ),
        ),
    ),
    Box(
        name="watch",
        title="Prometheus",
        x=28,
        y=325,
        width=260,
        height=115,
        has="kubernetes:apps/v1:Deployment |PrometheusRule |PodMonitor ",
        lines=(
            Count(of="PrometheusRule ", one="set of rules", more="sets of rules"),
            Count(of="PodMonitor ", one="monitor of pods", more="monitors of pods"),
            Count(of="kubernetes:apps/v1:Deployment ", one="exporter for RDS", more="exporters for RDS"),
            Listed(text="on {}"),
        ),
    ),
    Box(
        name="jobs",
        title="Dumps and restore tests",
        x=28,
        y=465,
        width=260,
        height=115,
        has="kubernetes:batch/v1:CronJob |StorageClass .*-jobs-",
        lines=(
            Count(of="CronJob .*-dump-", one="job that dumps", more="jobs that dump"),
            Count(of="CronJob .*-restore-", one="restore test a month", more="restore tests a month"),
            Listed(text="{}"),
        ),
    ),
    Box(
        name="endpoints",
        title="VPC endpoints",
        x=355,
        y=135,
        width=225,
        height=75,
        has="aws:ec2/vpcEndpoint:VpcEndpoint fashion-wallet-network-endpoint",
        lines=(
            Count(
                of="aws:ec2/vpcEndpoint:VpcEndpoint fashion-wallet-network-endpoint",
                one="service of AWS",
                more="services of AWS",
            ),
        ),
    ),
    Box(
        name="proxy",
        title="RDS Proxy",
        x=618,
        y=135,
        width=225,
        height=75,
        has="aws:rds/proxy",
        lines=(Count(of="aws:rds/proxy:Proxy ", one="login through it", more="logins through it", entries="auths"),),
    ),
    Box(
        name="link",
        title="Private endpoint",
        x=880,
        y=135,
        width=225,
        height=75,
        has="aws:ec2/vpcEndpoint:VpcEndpoint mongodb|mongodbatlas:index/privateLink",
        lines=(Count(of="aws:ec2/vpcEndpoint:VpcEndpoint mongodb", one="way to Atlas", more="ways to Atlas"),),
    ),
    Box(
        name="rotation",
        title="Rotation of passwords",
        x=355,
        y=268,
        width=225,
        height=150,
        has="aws:secretsmanager/secretRotation:|aws:serverlessrepository/",
        lines=(
            Count(of="aws:serverlessrepository/", one="function of AWS's own", more="functions of AWS's own"),
            Count(of="aws:secretsmanager/secretRotation:", one="login", more="logins"),
            Value(
                of="aws:secretsmanager/secretRotation:",
                path="rotationRules.automaticallyAfterDays",
                text="every {} days",
            ),
        ),
    ),
    Box(
        name="primary",
        title="PostgreSQL primary",
        x=618,
        y=268,
        width=225,
        height=150,
        has=f"{_PRIMARY}|{_INSIDE}",
        lines=(
            Value(of=_PRIMARY, path="instanceClass", text="{}"),
            Value(of=_PRIMARY, path="multiAz", text="Multi-AZ: {}"),
            Count(of="postgresql:index/schema:Schema postgres-", one="schema", more="schemas"),
            Count(of="postgresql:index/role:Role postgres-", one="role", more="roles"),
            Count(of=r"postgresql:index/(grant|default)\w*:\w+ postgres-", one="privilege", more="privileges"),
        ),
    ),
    Box(
        name="replicas",
        title="Read replicas",
        x=880,
        y=268,
        width=225,
        height=150,
        has=_REPLICA,
        lines=(
            Count(of=_REPLICA, one="instance", more="instances"),
            Value(of=_REPLICA, path="instanceClass", text="{}"),
            Value(of=_REPLICA, path="availabilityZone", text="{}"),
        ),
    ),
    Box(
        name="buckets",
        title="S3",
        x=340,
        y=470,
        width=144,
        height=130,
        has=r"aws:s3/bucket:Bucket .*(dumps|timescale|logs)$|aws:s3/bucketReplicationConfig:|"
        r"aws:s3/bucketServerSide\S* .*(dumps|timescale|logs)-encryption$",
        lines=(
            Count(of=r"aws:s3/bucket:Bucket .*(dumps|timescale|logs)$", one="bucket", more="buckets"),
            Count(of=r"ObjectLockConfiguration .*(dumps|timescale)-lock$", one="locked", more="of them locked"),
            Count(of="aws:s3/bucketReplicationConfig:", one="replicated", more="replicated"),
        ),
    ),
    Box(
        name="secrets",
        title="Secrets",
        x=499,
        y=470,
        width=144,
        height=130,
        has=r"aws:secretsmanager/secret(Version|Policy)?:",
        lines=(
            Count(of="aws:secretsmanager/secret:", one="secret", more="secrets"),
            Count(of="aws:secretsmanager/secretPolicy:", one="policy", more="policies"),
        ),
    ),
    Box(
        name="backup",
        title="AWS Backup",
        x=658,
        y=470,
        width=144,
        height=130,
        has=r"aws:backup/(plan|selection|restore)|aws:backup/vault.* fashion-wallet-vault(-lock|-policy|$)",
        lines=(
            Count(of="aws:backup/vault:Vault .*vault$", one="vault, locked", more="vaults, locked"),
            Count(of="aws:backup/plan:", one="backup rule", more="backup rules", entries="rules"),
            Count(of="aws:backup/restoreTestingPlan:", one="restore test", more="restore tests"),
        ),
    ),
    Box(
        name="keys",
        title="KMS",
        x=817,
        y=470,
        width=144,
        height=130,
        has="aws:kms/key:",
        lines=(
            Count(of="aws:kms/key:", one="key", more="keys"),
            Value(of="aws:kms/key:", path="rotationPeriodInDays", text="new material"),
            Value(of="aws:kms/key:", path="rotationPeriodInDays", text="every {} days"),
        ),
    ),
    Box(
        name="alarms",
        title="CloudWatch",
        x=976,
        y=470,
        width=144,
        height=130,
        has=r"aws:cloudwatch/(metricAlarm|compositeAlarm|dashboard|eventRule)\S* (?!.*recovery)|"
        r"aws:sns/topic\w*:\w+ fashion-wallet-alerts-(?!recovery)",
        lines=(
            Count(of=r"aws:cloudwatch/(metric|composite)Alarm\S* (?!.*recovery)", one="alarm", more="alarms"),
            Count(of=r"aws:cloudwatch/dashboard\S* (?!.*recovery)", one="dashboard", more="dashboards"),
            Count(of=r"aws:cloudwatch/eventRule\S* (?!.*recovery)", one="event watched", more="events watched"),
            Count(of=r"aws:sns/topic:\w+ .*alerts-topic$", one="topic: e-mail", more="topics"),
        ),
    ),
    Box(
        name="mongodb",
        title="MongoDB",
        x=1185,
        y=110,
        width=255,
        height=220,
        has=f"{_CLUSTER}|walletdb:index:Mongo|mongodbatlas:index/(databaseUser|customDbRole|cloudBackupSchedule|"
        "encryptionAtRest)",
        lines=(
            Value(of=_CLUSTER, path=f"{_NODES}.nodeCount", text="{} members over the zones"),
            Value(of=_CLUSTER, path=f"{_NODES}.instanceSize", text="of {}"),
            Count(of="walletdb:index:MongoCollection ", one="collection", more="collections"),
            Count(of="walletdb:index:MongoIndex ", one="index", more="indexes"),
            Count(of="walletdb:index:MongoDataKey ", one="data key", more="data keys"),
            Count(of="mongodbatlas:index/databaseUser:", one="user", more="users"),
            Count(of="mongodbatlas:index/customDbRole:", one="role", more="roles"),
            Value(
                of="mongodbatlas:index/cloudBackupSchedule:",
                path="copySettings.0.regionName",
                text="backups, copied to {}",
            ),
        ),
    ),
    Box(
        name="project",
        title="Project",
        x=1185,
        y=360,
        width=255,
        height=100,
        has="mongodbatlas:index/(project|alertConfiguration|auditing|maintenanceWindow|cloudProviderAccess)",
        lines=(
            Count(of="mongodbatlas:index/alertConfiguration:", one="alert", more="alerts"),
            Count(of="mongodbatlas:index/auditing:", one="audit filter", more="audit filters"),
            Count(of="mongodbatlas:index/maintenanceWindow:", one="maintenance window", more="maintenance windows"),
        ),
    ),
    Box(
        name="buckets-copies",
        title="S3",
        x=340,
        y=725,
        width=144,
        height=105,
        has=r"aws:s3/bucket:Bucket .*-recovery$",
        lines=(Count(of=r"aws:s3/bucket:Bucket .*-recovery$", one="bucket", more="buckets"),),
    ),
    Box(
        name="secrets-copies",
        title="Secrets",
        x=499,
        y=725,
        width=144,
        height=105,
        has="$^",
        lines=(Count(of="aws:secretsmanager/secret:", one="copy", more="copies", entries="replicas"),),
    ),
    Box(
        name="backup-copies",
        title="AWS Backup",
        x=658,
        y=725,
        width=144,
        height=105,
        has=r"aws:backup/vault\w*:\w+ fashion-wallet-vault-recovery(-lock|-policy|$)",
        lines=(Count(of="aws:backup/vault:Vault .*-recovery$", one="vault, locked", more="vaults, locked"),),
    ),
    Box(
        name="keys-copies",
        title="KMS",
        x=817,
        y=725,
        width=144,
        height=105,
        has="aws:kms/replicaKey:",
        lines=(Count(of="aws:kms/replicaKey:", one="key, replicated", more="keys, replicated"),),
    ),
    Box(
        name="alarms-there",
        title="CloudWatch",
        x=976,
        y=725,
        width=144,
        height=105,
        has=r"aws:cloudwatch/(metricAlarm|compositeAlarm|dashboard|eventRule)\S* .*recovery|"
        r"aws:sns/topic\w*:\w+ fashion-wallet-alerts-recovery",
        lines=(
            Count(of=r"aws:cloudwatch/(metric|composite)Alarm\S* .*recovery", one="alarm", more="alarms"),
            Count(of=r"aws:sns/topic:\w+ .*alerts-recovery", one="topic: e-mail", more="topics"),
        ),
    ),
    Box(
        name="recovery",
        title="PostgreSQL replica",
        x=1180,
        y=735,
        width=250,
        height=80,
        has=_RECOVERY,
        lines=(Value(of=_RECOVERY, path="instanceClass", text="{}, to be promoted"),),
    ),
)

DATABASES = ("primary", "replicas", "recovery", "proxy", "mongodb", "timescale")
"""Those that a `Listed` line names, by the first word of their title."""

KEYS = ("keys", "keys-copies")
"""Boxes that are keys themselves."""
