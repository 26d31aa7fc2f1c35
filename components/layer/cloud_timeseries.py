"""The time-series database in the cloud, whole: cluster on Kubernetes, what lies inside.

Owns: how these hang together. Does not own: any of them, nor the namespace.
"""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.monitoring.kubernetes import TimescaleQueries, TimescaleQueriesArgs
from components.postgres.access import Access, AccessArgs, admin_provider
from components.postgres.urls import secret_url
from components.resources import (
    CertificateFile,
    CertificateFileArgs,
    NetworkPath,
    NetworkPathArgs,
    RandomPassword,
    RandomPasswordArgs,
)
from components.timescale.definition import timescale
from components.timescale.kubernetes import ExporterAccess, TimescaleCluster, TimescaleClusterArgs
from components.timescale.kubernetes_identity import Bucket
from components.timescale.kubernetes_workspace import Workspace
from settings import Settings
from settings.cloud import CloudSettings

__all__ = ["TimeSeries", "TimeSeriesArgs"]

_OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeSeriesArgs:
    """Arguments of `TimeSeries`."""

    stack: str
    directory: str
    """Folder on the machine that runs the update, for the authorities that clients trust."""
    settings: Settings
    cloud: CloudSettings
    workspace: Workspace
    network_cidr: pulumi.Input[str]
    bucket: Bucket
    """For WAL and base backups."""


class TimeSeries(pulumi.ComponentResource):
    """A TimescaleDB on Kubernetes that services can use."""

    cluster: TimescaleCluster
    outputs: dict[str, Any]
    """The stack's output `timescale`."""

    def __init__(self, name: str, args: TimeSeriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare everything."""
        super().__init__("fashionwallet:index:TimeSeries", name, None, opts)
        self._component_name = name
        self._args = args
        self._definition = timescale(args.settings.timescale)
        self.cluster = self._create_cluster(self._create_queries())
        self._passwords = self._create_passwords()
        self._authorities = self._create_authorities()
        if args.cloud.in_database == "required":
            self._create_access()
        self.outputs = {"url": self.url(_OPERATOR), "hypertables": True}
        self.register_outputs({})

    def url(self, user: str) -> pulumi.Output[str]:
        """Return a user's URL; secret."""
        return secret_url(
            user=user,
            password=self._passwords[user],
            endpoint=self.cluster.writer,
            database=self._definition.settings.database,
            ca_file=self._authorities.file,
        )

    def password(self, user: str) -> pulumi.Output[str]:
        """Return a user's password; secret."""
        return self._passwords[user]

    def _create_queries(self) -> TimescaleQueries:
        settings = self._definition.settings
        return TimescaleQueries(
            self._component_name,
            TimescaleQueriesArgs(
                namespace=self._args.workspace.namespace,
                database=settings.database,
                slow_query_ms=settings.slow_query_ms,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_cluster(self, queries: TimescaleQueries) -> TimescaleCluster:
        args = self._args
        return TimescaleCluster(
            self._component_name,
            TimescaleClusterArgs(
                stack=args.stack,
                settings=args.settings,
                kubernetes=args.cloud.kubernetes,
                backups=args.cloud.backups,
                tags=args.cloud.tags,
                workspace=args.workspace,
                client_cidrs=[args.network_cidr, *args.cloud.network.client_cidrs],
                bucket=args.bucket,
                monitor_labels=args.cloud.monitoring.prometheus_labels,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[queries]),
        )

    def _create_passwords(self) -> dict[str, pulumi.Output[str]]:
        generation = RandomPasswordArgs(generation=self._args.settings.password_generation)
        return {
            login: RandomPassword(
                f"{self._component_name}-password-{login}", generation, pulumi.ResourceOptions(parent=self)
            ).result
            for login in self._definition.access.logins
        }

    def _create_authorities(self) -> CertificateFile:
        return CertificateFile(
            f"{self._component_name}-authorities",
            CertificateFileArgs(path=f"{self._args.directory}/{self._component_name}-ca.pem", pem=self.cluster.ca_pem),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_access(self) -> None:
        path = NetworkPath(
            f"{self._component_name}-path",
            NetworkPathArgs(host=self.cluster.writer.host, port=self.cluster.writer.port),
            pulumi.ResourceOptions(parent=self, depends_on=list(self.cluster.ready)),
        )
        provider = admin_provider(self._component_name, self.cluster, self, [path])
        access = Access(
            self._component_name,
            AccessArgs(
                cluster=self.cluster,
                provider=provider,
                database=self._definition.settings.database,
                table=self._definition.access,
                extensions=(),
                passwords=self._passwords,
                protect=self._args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        ExporterAccess(
            f"{self._component_name}-exporter",
            self.cluster,
            provider,
            access.database_name,
            pulumi.ResourceOptions(parent=self, depends_on=[access]),
        )
