"""The whole database layer on AWS, MongoDB Atlas and Kubernetes, in the order in which it comes up.

guard → project on Atlas (the keys must know its role) → keys → topics, networks → each database with what lies inside →
backups, jobs and alarms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_mongodbatlas as atlas

from components.backups.aws import Backups, BackupsArgs
from components.backups.kubernetes import BackupJobs, BackupJobsArgs, dump_role_name
from components.backups.kubernetes_jobs import MongodbSource, PostgresSource
from components.encryption.aws import Key, Keys, KeysArgs
from components.layer.cloud_documents import Documents, DocumentsArgs
from components.layer.cloud_guard import guard_args
from components.layer.cloud_notices import notices
from components.layer.cloud_relational import Relational, RelationalArgs
from components.layer.cloud_timeseries import TimeSeries, TimeSeriesArgs
from components.layer.cloud_watching import Watching, WatchingArgs
from components.mongodb import documents
from components.mongodb.atlas_project import AtlasProject, AtlasProjectArgs
from components.monitoring.aws import Alerts, AlertsArgs
from components.monitoring.watches import Sources
from components.network.aws import Network, NetworkArgs
from components.postgres.grants import CREATOR, POSTGRES, TIMESCALE
from components.resources import DataGuard
from components.timescale.definition import EXTENSION
from components.timescale.kubernetes_identity import Bucket, StoredSecret
from components.timescale.kubernetes_workspace import Workspace, WorkspaceArgs
from settings import Settings
from settings.cloud import CloudSettings
from settings.derived import SERVICES
from settings.trust import Authorities

__all__ = ["CloudLayer", "CloudLayerArgs"]

_OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudLayerArgs:
    """Arguments of `CloudLayer`."""

    stack: str
    directory: str
    """Absolute folder of what the stack keeps on the machine that runs the update: authorities, and nothing secret."""
    settings: Settings
    cloud: CloudSettings
    authorities: Authorities
    """Those of RDS."""


class CloudLayer(pulumi.ComponentResource):
    """Fashion Wallet's databases in the cloud.

    The names of what holds data are published (`DataGuard`, runbooks): `postgres-primary`, `postgres-replica-<zone>`,
    `postgres-recovery`, `mongodb`, `timescale`, `<name>-key-<domain>`, `<name>-vault`, `<name>-bucket-<what>`.
    """

    outputs: dict[str, Any]
    """The stack's outputs, by name; the same keys as those of a stack on one machine."""

    def __init__(self, name: str, args: CloudLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the layer."""
        super().__init__("fashionwallet:index:CloudLayer", name, None, opts)
        self._component_name = name
        self._args = args
        self._settings, self._cloud = args.settings, args.cloud
        self._sources = Sources(
            monitoring=args.cloud.monitoring,
            postgres=args.settings.postgres,
            timescale=args.settings.timescale,
            mongodb=args.settings.mongodb,
        )
        self._collections = documents.load()
        self._guard = self._create_guard()
        self._aws = self._create_aws_provider("", args.cloud.network.region)
        self._recovery = self._create_aws_provider("-recovery", args.cloud.network.recovery_region)
        self._atlas, self._kubernetes = self._create_atlas_provider(), self._create_kubernetes_provider()
        self._project = self._create_project()
        self._keys = self._create_keys()
        self._alerts, self._recovery_alerts = (
            self._create_alerts("", self._keys.key("logs"), self._options()),
            self._create_alerts("-recovery", self._keys.recovery_key("logs"), self._elsewhere()),
        )
        self._network, self._recovery_network = self._create_network(), self._create_recovery_network()
        self._relational = self._create_relational()
        self._documents = self._create_documents()
        self._backups = self._create_backups()
        self._workspace = self._create_workspace()
        self._timeseries = self._create_timeseries()
        self._create_jobs()
        self._create_watching()
        self.outputs = self._collect_outputs()
        self.register_outputs(self.outputs)

    def _options(self) -> pulumi.ResourceOptions:
        providers = [self._aws, self._atlas, self._kubernetes]
        return pulumi.ResourceOptions(parent=self, providers=providers)

    def _create_guard(self) -> DataGuard:
        return DataGuard(
            f"{self._component_name}-guard",
            guard_args(self._settings, self._cloud, self._collections),
            pulumi.ResourceOptions(parent=self),
        )

    def _provider_options(self) -> pulumi.ResourceOptions:
        """Nothing is touched before the guard was judged, and nothing is made without a provider."""
        return pulumi.ResourceOptions(parent=self, depends_on=[self._guard])

    def _create_aws_provider(self, suffix: str, region: str) -> aws.Provider:
        return aws.Provider(
            f"{self._component_name}-aws{suffix}",
            region=region,
            allowed_account_ids=[self._cloud.network.account_id],
            opts=self._provider_options(),
        )

    def _create_atlas_provider(self) -> atlas.Provider:
        return atlas.Provider(f"{self._component_name}-atlas", opts=self._provider_options())

    def _create_kubernetes_provider(self) -> kubernetes.Provider:
        return kubernetes.Provider(
            f"{self._component_name}-kubernetes",
            context=self._cloud.kubernetes.context,
            enable_server_side_apply=True,
            # What others changed is taken back, which server-side apply would refuse as a conflict.
            enable_patch_force=True,
            # A renewed certificate changes its Secret in place.
            enable_secret_mutable=True,
            opts=self._provider_options(),
        )

    def _create_project(self) -> AtlasProject:
        return AtlasProject(
            "mongodb-project",
            AtlasProjectArgs(
                stack=self._args.stack,
                settings=self._cloud.atlas,
                tags=self._cloud.tags,
                protect=self._settings.protect,
            ),
            self._options(),
        )

    def _create_keys(self) -> Keys:
        return Keys(
            f"{self._component_name}-key",
            KeysArgs(
                stack=self._args.stack,
                settings=self._cloud.keys,
                network=self._cloud.network,
                tags=self._cloud.tags,
                recovery=self._recovery,
                users={"documents": [self._project.role_arn]},
                protect=self._settings.protect,
            ),
            self._options(),
        )

    def _create_alerts(self, suffix: str, key: Key, options: pulumi.ResourceOptions) -> Alerts:
        return Alerts(
            f"{self._component_name}-alerts{suffix}",
            AlertsArgs(stack=self._args.stack, settings=self._cloud.monitoring, tags=self._cloud.tags, key_arn=key.arn),
            options,
        )

    def _elsewhere(self) -> pulumi.ResourceOptions:
        """Return the options of what lives in the recovery region."""
        return pulumi.ResourceOptions(parent=self, providers=[self._recovery])

    def _create_network(self) -> Network:
        return Network(
            f"{self._component_name}-network",
            NetworkArgs(
                stack=self._args.stack,
                settings=self._cloud.network,
                tags=self._cloud.tags,
                logs_key_arn=self._keys.key("logs").arn,
            ),
            self._options(),
        )

    def _create_recovery_network(self) -> Network | None:
        rds = self._cloud.rds
        if not rds.recovery_replica or rds.recovery_subnets is None:
            return None
        return Network(
            f"{self._component_name}-network-recovery",
            NetworkArgs(
                stack=self._args.stack,
                settings=self._cloud.network.elsewhere(vpc_cidr=rds.recovery_vpc_cidr, subnets=rds.recovery_subnets),
                tags=self._cloud.tags,
                logs_key_arn=self._keys.recovery_key("logs").arn,
            ),
            self._elsewhere(),
        )

    def _create_relational(self) -> Relational:
        # The dump logs in between two updates, when the rotation may have been there; no dump, no reader.
        dumped = self._cloud.in_database != "skip"
        return Relational(
            "postgres",
            RelationalArgs(
                stack=self._args.stack,
                settings=self._settings,
                cloud=self._cloud,
                network=self._network,
                keys=self._keys,
                topic_arn=self._alerts.topic_arn,
                recovery_provider=self._recovery,
                recovery_network=self._recovery_network,
                authorities=self._args.authorities,
                password_readers={_OPERATOR: [dump_role_name(self._args.stack, "postgres")]} if dumped else {},
            ),
            self._options(),
        )

    def _create_documents(self) -> Documents:
        return Documents(
            "mongodb",
            DocumentsArgs(
                stack=self._args.stack,
                settings=self._settings,
                cloud=self._cloud,
                project=self._project,
                network=self._network,
                keys=self._keys,
                collections=self._collections,
                sources=self._sources,
            ),
            self._options(),
        )

    def _create_backups(self) -> Backups:
        network, cluster = self._cloud.network, self._relational.cluster
        return Backups(
            self._component_name,
            BackupsArgs(
                stack=self._args.stack,
                settings=self._cloud.backups,
                tags=self._cloud.tags,
                keys=self._keys,
                region=network.region,
                recovery_region=network.recovery_region,
                recovery=self._recovery,
                topic_arn=self._alerts.topic_arn,
                targets={"postgres-primary": cluster.arn},
                rds=self._cloud.rds,
                # What is restored for a test stands where nobody but the databases' clients could reach it.
                restore_overrides={
                    "dbSubnetGroupName": cluster.subnet_group_name,
                    "vpcSecurityGroupIds": pulumi.Output.json_dumps([self._network.database_security_group_id]),
                },
                protect=self._settings.protect,
            ),
            self._options(),
        )

    def _create_workspace(self) -> Workspace:
        return Workspace(
            f"{self._component_name}-workspace",
            WorkspaceArgs(settings=self._cloud.kubernetes, key_arn=self._keys.key("timeseries").arn),
            self._options(),
        )

    def _bucket(self, purpose: str) -> Bucket:
        return Bucket(
            name=self._backups.bucket_names[purpose],
            arn=self._backups.bucket_arns[purpose],
            key_arn=self._keys.key("backups").arn,
        )

    def _create_timeseries(self) -> TimeSeries:
        return TimeSeries(
            "timescale",
            TimeSeriesArgs(
                stack=self._args.stack,
                directory=self._args.directory,
                settings=self._settings,
                cloud=self._cloud,
                workspace=self._workspace,
                network_cidr=self._network.cidr,
                bucket=self._bucket("timescale"),
            ),
            self._options(),
        )

    def _create_jobs(self) -> BackupJobs | None:
        """Declare logical dumps and their restore tests; where nobody can log in, there is nothing to dump."""
        if self._cloud.in_database == "skip":
            return None
        kubernetes_, settings = self._cloud.kubernetes, self._settings
        relational = PostgresSource(
            name="postgres",
            image=kubernetes_.jobs.postgres_image,
            host=self._relational.cluster.writer.host,
            database=settings.postgres.database,
            user=_OPERATOR,
            # Not the password: it would be that of this update, and wrong after the next rotation.
            password=StoredSecret(arn=self._relational.secret(_OPERATOR).arn, key_arn=self._keys.key("secrets").arn),
            ca_pem=self._args.authorities.pem,
            roles=[role.name for role in POSTGRES.roles],
        )
        timeseries = PostgresSource(
            name="timescale",
            image=kubernetes_.image,
            host=self._timeseries.cluster.writer.host,
            database=settings.timescale.database,
            user=_OPERATOR,
            password=self._timeseries.password(_OPERATOR),
            ca_pem=self._timeseries.cluster.ca_pem,
            roles=[role.name for role in TIMESCALE.roles],
            preload=[EXTENSION],
        )
        collections = MongodbSource(
            image=kubernetes_.jobs.mongodb_image,
            uri=self._documents.uri(_OPERATOR),
            database=settings.mongodb.database,
        )
        return BackupJobs(
            f"{self._component_name}-jobs",
            BackupJobsArgs(
                stack=self._args.stack,
                kubernetes=kubernetes_,
                backups=self._cloud.backups,
                tags=self._cloud.tags,
                workspace=self._workspace,
                network_cidr=self._network.cidr,
                volume_key_arn=self._keys.key("timeseries").arn,
                bucket=self._bucket("dumps"),
                sources=(relational, timeseries, collections),
            ),
            self._options(),
        )

    def _create_watching(self) -> Watching:
        return Watching(
            f"{self._component_name}-watching",
            WatchingArgs(
                stack=self._args.stack,
                cloud=self._cloud,
                sources=self._sources,
                topic_arn=self._alerts.topic_arn,
                recovery_topic_arn=self._recovery_alerts.topic_arn,
                recovery=self._recovery,
                relational=self._relational,
                documents=self._documents,
                project=self._project,
                backups=self._backups,
                workspace=self._workspace,
                network_cidr=self._network.cidr,
                authorities_pem=self._args.authorities.pem,
            ),
            self._options(),
        )

    def _collect_outputs(self) -> dict[str, Any]:
        url = self._relational.url
        services: Mapping[str, pulumi.Output[str]] = {service: url(service, "pooler") for service in SERVICES}
        known = notices(self._settings, self._cloud, today=datetime.now(UTC).date())
        return {
            "postgres": {
                "writer_url": url(_OPERATOR, "writer"),
                "reader_url": url(_OPERATOR, "reader"),
                "pool_url": url(_OPERATOR, "pooler"),
                "ca_certificate": self._args.authorities.pem,
            },
            "timescale": self._timeseries.outputs,
            "mongodb": self._documents.outputs,
            # Migrations hold session-level locks, which a pooler in transaction mode cannot give.
            "services": {**services, CREATOR: url(CREATOR, "writer")},
            "backups": self._backups.outputs,
            "warnings": [*known, *self._backups.warnings],
        }
