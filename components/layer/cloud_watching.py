"""How the layer in the cloud is watched, whole: alarms in both regions, on backups, and the rules of Prometheus.

Owns: how these hang together. Does not own: any of them, nor the topics, which are there before the databases.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.backups.aws import Backups
from components.layer.cloud_documents import Documents
from components.layer.cloud_relational import Relational
from components.mongodb.atlas_names import cluster_name
from components.mongodb.atlas_project import AtlasProject
from components.monitoring.aws import Alarms, AlarmsArgs
from components.monitoring.aws_alarm import DatabaseInstance, instances_of
from components.monitoring.aws_backups import BackupAlarms, BackupAlarmsArgs
from components.monitoring.exporter import PostgresExporter, PostgresExporterArgs
from components.monitoring.exporter_access import EXPORTER
from components.monitoring.kubernetes import AtlasScrape, AtlasScrapeArgs, Rules, RulesArgs
from components.monitoring.watches import Database, Sources
from components.timescale.kubernetes_workspace import Workspace
from settings.cloud import CloudSettings

__all__ = ["Watching", "WatchingArgs"]

_RECOVERY = "-recovery"


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchingArgs:
    """Arguments of `Watching`."""

    stack: str
    cloud: CloudSettings
    sources: Sources
    topic_arn: pulumi.Input[str]
    recovery_topic_arn: pulumi.Input[str]
    recovery: aws.Provider
    relational: Relational
    documents: Documents
    project: AtlasProject
    backups: Backups
    workspace: Workspace
    network_cidr: pulumi.Input[str]
    authorities_pem: str


class Watching(pulumi.ComponentResource):
    """Every alarm of the stack."""

    def __init__(self, name: str, args: WatchingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the alarms."""
        super().__init__("fashionwallet:index:Watching", name, None, opts)
        self._component_name = name
        self._args = args
        cluster = args.relational.cluster
        every = instances_of(cluster.instances, cluster.resource_ids)
        here = {key: one for key, one in every.items() if not key.endswith(_RECOVERY)}
        there = {key: one for key, one in every.items() if key.endswith(_RECOVERY)}
        on_backups = self._create_backup_alarms("primary", args.topic_arn, args.backups.vault_name, None)
        self._create_backup_alarms("recovery", args.recovery_topic_arn, args.backups.recovery_vault_name, args.recovery)
        self._create_alarms(here, on_backups.alarm_arns)
        if there:
            self._create_recovery_alarms(there)
        inside = args.cloud.in_database == "required"
        if inside:
            self._create_exporter()
        self._create_scrape()
        metrics: set[Database] = {"timescale", "mongodb"}
        self._create_rules(frozenset(metrics | {"postgres"} if inside else metrics))
        self.register_outputs({})

    def _create_alarms(
        self, instances: Mapping[str, DatabaseInstance], others: Mapping[str, pulumi.Output[str]]
    ) -> Alarms:
        args = self._args
        return Alarms(
            self._component_name,
            AlarmsArgs(
                stack=args.stack,
                sources=args.sources,
                tags=args.cloud.tags,
                region=args.cloud.network.region,
                topic_arn=args.topic_arn,
                instances=instances,
                proxy_name=args.relational.proxy.proxy_name,
                also_on_dashboard=others,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_recovery_alarms(self, instances: Mapping[str, DatabaseInstance]) -> Alarms:
        args = self._args
        return Alarms(
            f"{self._component_name}{_RECOVERY}",
            AlarmsArgs(
                stack=args.stack,
                sources=args.sources,
                tags=args.cloud.tags,
                region=args.cloud.network.recovery_region,
                topic_arn=args.recovery_topic_arn,
                instances=instances,
            ),
            pulumi.ResourceOptions(parent=self, providers=[args.recovery]),
        )

    def _create_backup_alarms(
        self, where: str, topic_arn: pulumi.Input[str], vault: pulumi.Input[str], provider: aws.Provider | None
    ) -> BackupAlarms:
        args = self._args
        return BackupAlarms(
            f"{self._component_name}-backups-{where}",
            BackupAlarmsArgs(
                stack=args.stack,
                tags=args.cloud.tags,
                topic_arn=topic_arn,
                vaults={where: vault},
                # Copies come to the other region by copy jobs, which are no backup jobs.
                daily=frozenset({where} if provider is None else ()),
            ),
            pulumi.ResourceOptions(parent=self, providers=None if provider is None else [provider]),
        )

    def _create_exporter(self) -> PostgresExporter:
        args, relational = self._args, self._args.relational
        return PostgresExporter(
            f"{self._component_name}-exporter",
            PostgresExporterArgs(
                namespace=args.workspace.namespace,
                monitoring_namespace=args.cloud.kubernetes.monitoring_namespace,
                labels=args.cloud.monitoring.prometheus_labels,
                image=args.cloud.monitoring.exporter_image,
                host=relational.cluster.writer.host,
                database=args.sources.postgres.database,
                slow_query_ms=args.sources.postgres.slow_query_ms,
                server_cidr=args.network_cidr,
                username=EXPORTER,
                password=relational.exporter_password,
                ca_pem=args.authorities_pem,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=relational.made),
        )

    def _create_scrape(self) -> AtlasScrape:
        args, login = self._args, self._args.documents.prometheus
        return AtlasScrape(
            f"{self._component_name}-mongodb",
            AtlasScrapeArgs(
                namespace=args.workspace.namespace,
                labels=args.cloud.monitoring.prometheus_labels,
                project_id=args.project.project_id,
                username=login.username,
                password=login.password,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_rules(self, databases: frozenset[Database]) -> Rules:
        args = self._args
        return Rules(
            self._component_name,
            RulesArgs(
                stack=args.stack,
                sources=args.sources,
                namespace=args.cloud.kubernetes.namespace,
                object_namespace=args.workspace.namespace,
                databases=databases,
                atlas_cluster=cluster_name(args.stack),
            ),
            pulumi.ResourceOptions(parent=self),
        )
