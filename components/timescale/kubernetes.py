"""The time-series cluster on Kubernetes, under CloudNativePG.

Owns: the cluster with its load balancers, certificates, role in AWS, database, extensions, backups and pooler. Who owns
what inside: the operator makes the database, its owner (the administrator) and every extension, for it alone is a
superuser; schemas, roles and grants are `components/postgres/access.py`'s. Does not own: the namespace and the class of
its volumes (`kubernetes_workspace.py`), the bucket and the keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_postgresql as postgresql
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.policy import v1 as policy

from components.postgres.cluster import AdminAccess, Endpoint, Traits
from components.timescale import kubernetes_manifests as manifests
from components.timescale.kubernetes_balancer import Balancer, BalancerArgs
from components.timescale.kubernetes_certificates import Certificates, CertificatesArgs, server_names
from components.timescale.kubernetes_identity import Bucket, PodRole, PodRoleArgs
from components.timescale.kubernetes_monitoring import Scrapes, ScrapesArgs
from components.timescale.kubernetes_names import (
    BACKUPS,
    CLUSTER,
    MANAGED_BY,
    POOLER,
    POOLER_LABEL,
    POSTGRES_PORT,
    wait_for,
)
from components.timescale.kubernetes_network import Traffic, TrafficArgs
from components.timescale.kubernetes_workspace import Workspace
from settings import Settings
from settings.cloud.backups import BackupSettings
from settings.cloud.kubernetes import KubernetesSettings
from settings.cloud.tags import TagSettings

__all__ = ["EXPORTER_ROLE", "ExporterAccess", "TimescaleCluster", "TimescaleClusterArgs"]

EXPORTER_ROLE = "cnpg_metrics_exporter"
"""As which the operator's exporter queries each database; it needs CONNECT where PUBLIC has lost it."""
_API = "postgresql.cnpg.io/v1"
_WAL_ACTIONS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimescaleClusterArgs:
    """Arguments of `TimescaleCluster`."""

    stack: str
    settings: Settings
    kubernetes: KubernetesSettings
    backups: BackupSettings
    tags: TagSettings
    workspace: Workspace
    client_cidrs: Sequence[pulumi.Input[str]]
    """Networks of clients: the VPC's, and those outside of it that may connect."""
    bucket: Bucket
    """For WAL and base backups."""
    monitor_labels: Mapping[str, str] = field(default_factory=dict)
    """By which the cluster's Prometheus finds its monitors."""

    def __post_init__(self) -> None:
        """Check what shapes the graph.

        Raises:
            ValueError: the extension is not required.
        """
        if self.settings.timescale.timescaledb != "required":
            raise ValueError(
                f"timescale on Kubernetes: got timescaledb={self.settings.timescale.timescaledb!r}, allowed is "
                "'required': the image has it, and there is nothing to fall back to"
            )


class TimescaleCluster(pulumi.ComponentResource):
    """The cluster, as `components.postgres.cluster.Cluster` wants it."""

    writer: Endpoint
    reader: Endpoint
    admin: AdminAccess
    traits: Traits
    server: pulumi.Resource
    ready: Sequence[pulumi.Resource]
    ca_pem: pulumi.Output[str]
    """Certificates of the authorities that clients trust."""
    pooler_host: pulumi.Output[str]
    """By which pods reach the pooler."""

    def __init__(self, name: str, args: TimescaleClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare everything, in the order in which it comes up."""
        super().__init__("fashionwallet:timescale:TimescaleCluster", name, None, opts)
        self._component_name = name
        self._args = args
        self._namespace = args.workspace.namespace
        self._create_traffic()
        self._writer = self._create_balancer("primary")
        self._reader = self._create_balancer("replica") if args.settings.timescale.replicas else None
        self._certificates = self._create_certificates()
        self._role = self._create_role()
        self._store = self._create_store()
        self._cluster = self._create_cluster()
        self._database = self._create_database()
        self._create_scheduled_backup()
        self._create_pooler()
        self._create_scrapes()
        self._describe()
        self.register_outputs({"writerHost": self.writer.host, "readerHost": self.reader.host})

    def _describe(self) -> None:
        """Say how to reach the cluster."""
        kubernetes = self._args.kubernetes
        self.writer = Endpoint(self._writer.host, POSTGRES_PORT)
        self.reader = Endpoint(self._reader.host, POSTGRES_PORT) if self._reader else self.writer
        self.ca_pem = self._certificates.bundle_pem
        self.admin = AdminAccess(
            username=kubernetes.administrator,
            ca_pem=self.ca_pem,
            certificate_file=self._certificates.administrator.cert_pem,
            key_file=self._certificates.administrator.key_pem,
        )
        self.traits = Traits(owner=kubernetes.administrator, superuser=False, closed_databases=(), makes_database=False)
        self.server = self._cluster
        self.ready = (self._cluster, self._database)
        self.pooler_host = pulumi.Output.concat(POOLER, ".", self._namespace, ".svc")

    def _create_traffic(self) -> Traffic:
        return Traffic(
            f"{self._component_name}-traffic",
            TrafficArgs(
                namespace=self._namespace, settings=self._args.kubernetes, client_cidrs=self._args.client_cidrs
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_balancer(self, role: str) -> Balancer:
        return Balancer(
            f"{self._component_name}-{role}",
            BalancerArgs(
                namespace=self._namespace,
                role=role,
                source_cidrs=self._args.client_cidrs,
                ready_timeout_s=self._args.kubernetes.ready_timeout_s,
                protect=self._args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_certificates(self) -> Certificates:
        kubernetes = self._args.kubernetes
        hosts = pulumi.Output.all(*(made.host for made in (self._writer, self._reader) if made))
        own = server_names(kubernetes.namespace, kubernetes.host_names)
        return Certificates(
            f"{self._component_name}-certificates",
            CertificatesArgs(
                namespace=self._namespace,
                tls=self._args.settings.tls,
                administrator=kubernetes.administrator,
                names=hosts.apply(lambda found: [*own, *(host for host in found if not _is_address(host))]),
                addresses=hosts.apply(lambda found: [host for host in found if _is_address(host)]),
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_role(self) -> PodRole:
        args = self._args
        return PodRole(
            f"{self._component_name}-backup",
            PodRoleArgs(
                stack=args.stack,
                purpose=BACKUPS,
                settings=args.kubernetes,
                tags=args.tags,
                service_account=CLUSTER,  # the operator names it as the cluster
                bucket=args.bucket,
                object_actions=_WAL_ACTIONS,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_store(self) -> CustomResource:
        bucket = self._args.bucket
        spec = manifests.object_store_spec(self._args.backups, bucket.name, bucket.key_arn)
        return self._create("object-store", "barmancloud.cnpg.io/v1", "ObjectStore", BACKUPS, spec, [])

    def _create_cluster(self) -> CustomResource:
        args = self._args
        spec = manifests.cluster_spec(args.settings, args.kubernetes, self._role.arn)
        return CustomResource(
            CLUSTER,
            api_version=_API,
            kind="Cluster",
            metadata=self._metadata(CLUSTER, "condition=Ready"),
            spec=spec,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._store, *self._certificates.secrets.values()],
                protect=args.settings.protect,
            ),
        )

    def _create_database(self) -> CustomResource:
        spec = manifests.database_spec(self._args.settings.timescale, self._args.kubernetes)
        wanted = "jsonpath={.status.applied}=true"
        return self._create("database", _API, "Database", f"{CLUSTER}-database", spec, [self._cluster], wanted)

    def _create_scheduled_backup(self) -> CustomResource:
        spec = manifests.scheduled_backup_spec(self._args.backups.daily_at)
        return self._create("daily", _API, "ScheduledBackup", f"{CLUSTER}-daily", spec, [self._cluster])

    def _create_pooler(self) -> None:
        spec = manifests.pooler_spec(self._args.settings.timescale, self._args.kubernetes.pooler)
        pooler = self._create("pooler", _API, "Pooler", POOLER, spec, [self._cluster])
        policy.PodDisruptionBudget(
            f"{self._component_name}-pooler-budget",
            metadata=self._metadata(POOLER),
            spec=policy.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=meta.LabelSelectorArgs(match_labels=POOLER_LABEL)
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[pooler]),
        )

    def _create_scrapes(self) -> Scrapes:
        return Scrapes(
            f"{self._component_name}-scrapes",
            ScrapesArgs(namespace=self._namespace, labels=self._args.monitor_labels, after=[self._cluster]),
            pulumi.ResourceOptions(parent=self),
        )

    def _create(
        self,
        role: str,
        api_version: str,
        kind: str,
        object_name: str,
        spec: dict[str, Any],
        after: Sequence[pulumi.Resource],
        condition: str = "",
    ) -> CustomResource:
        return CustomResource(
            f"{self._component_name}-{role}",
            api_version=api_version,
            kind=kind,
            metadata=self._metadata(object_name, condition),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _metadata(self, name: str, condition: str = "") -> meta.ObjectMetaArgs:
        annotations = wait_for(condition, self._args.kubernetes.ready_timeout_s) if condition else None
        return meta.ObjectMetaArgs(name=name, namespace=self._namespace, labels=MANAGED_BY, annotations=annotations)


class ExporterAccess(pulumi.ComponentResource):
    """What the operator's exporter may do in the application's database: connect. Declared after `Access`."""

    def __init__(
        self,
        name: str,
        cluster: TimescaleCluster,
        provider: postgresql.Provider,
        database: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the grant."""
        super().__init__("fashionwallet:timescale:ExporterAccess", name, None, opts)
        postgresql.Grant(
            f"{name}-connect",
            database=database,
            role=EXPORTER_ROLE,
            object_type="database",
            privileges=["CONNECT"],
            opts=pulumi.ResourceOptions(parent=self, provider=provider, deleted_with=cluster.server),
        )
        # Extensions are in that schema, and it calls pgstattuple's functions.
        postgresql.Grant(
            f"{name}-public",
            database=database,
            role=EXPORTER_ROLE,
            schema="public",
            object_type="schema",
            privileges=["USAGE"],
            opts=pulumi.ResourceOptions(parent=self, provider=provider, deleted_with=cluster.server),
        )
        self.register_outputs({})


def _is_address(host: str) -> bool:
    """Say whether the load balancer goes by an address; names of hosts have letters."""
    return ":" in host or host.replace(".", "").isdigit()
