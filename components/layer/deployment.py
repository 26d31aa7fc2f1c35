"""One cluster of a local stack, whole: servers, what lies inside the database, pooler.

The order is: servers → database, roles and grants → pooler. Used for the relational and the time-series cluster alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_postgresql as postgresql

from components.encryption.local import Encryption
from components.host.local import Host
from components.postgres.access import Access, AccessArgs, admin_provider
from components.postgres.definition import ClusterDefinition
from components.postgres.local import PostgresCluster, PostgresClusterArgs
from components.postgres.local_optional import OptionalExtensions, OptionalExtensionsArgs
from components.postgres.local_pooler import Pooler, PoolerArgs
from components.postgres.pooler_access import PoolerAccess, PoolerAccessArgs
from components.postgres.urls import secret_url
from components.resources import Member
from settings import Settings
from settings.ports import port

__all__ = ["Deployment", "DeploymentArgs", "members"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeploymentArgs:
    """Arguments of `Deployment`."""

    definition: ClusterDefinition
    settings: Settings
    directory: str
    encryption: Encryption
    host: Host
    passwords: Mapping[str, pulumi.Output[str]]


def members(definition: ClusterDefinition, settings: Settings) -> tuple[Member, ...]:
    """Return where each member of a cluster is."""
    base, cluster = settings.local.port_base, definition.name
    return tuple(
        Member(
            name=name,
            host=settings.local.listen_address,
            port=port(base, "member", cluster=cluster, index=index),
            rest_port=port(base, "rest", cluster=cluster, index=index),
        )
        for index, name in enumerate(definition.member_names)
    )


class Deployment(pulumi.ComponentResource):
    """A cluster that services can use."""

    cluster: PostgresCluster
    pooler: Pooler
    available: Mapping[str, pulumi.Output[bool]]
    """Whether each optional extension is there."""
    warnings: pulumi.Output[list[str]]

    def __init__(self, name: str, args: DeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare servers, database and pooler."""
        super().__init__("fashionwallet:index:Deployment", name, None, opts)
        self._args = args
        self._component_name = name
        self.cluster = self._create_cluster()
        provider = admin_provider(name, self.cluster, self)
        access = self._create_access(provider)
        pooler_access = PoolerAccess(
            f"{name}-pooler",
            PoolerAccessArgs(cluster=self.cluster, provider=provider, database=access.database),
            pulumi.ResourceOptions(parent=self),
        )
        optional = self._create_optional(access)
        self.available, self.warnings = optional.available, optional.warnings
        self.pooler = self._create_pooler(pooler_access)
        self.register_outputs({"warnings": self.warnings})

    def url(self, user: str, port_of: str) -> pulumi.Output[str]:
        """Return a user's URL through the `writer`, `reader` or `pooler` port; secret."""
        endpoints = {"writer": self.cluster.writer, "reader": self.cluster.reader, "pooler": self.pooler.endpoint}
        return secret_url(
            user=user,
            password=self._args.passwords[user],
            endpoint=endpoints[port_of],
            database=self._args.definition.settings.database,
            ca_file=self.cluster.admin.ca_file,
        )

    def _create_cluster(self) -> PostgresCluster:
        args, definition = self._args, self._args.definition
        base = args.settings.local.port_base
        return PostgresCluster(
            definition.name,
            PostgresClusterArgs(
                directory=args.directory,
                listen_address=args.settings.local.listen_address,
                members=members(definition, args.settings),
                writer_port=port(base, "writer", cluster=definition.name),
                reader_port=port(base, "reader", cluster=definition.name),
                settings=definition.settings,
                minimum_tls_version=args.settings.tls.minimum_version,
                preload=definition.preload,
                optional_preload=definition.optional_preload,
                etcd_endpoint=args.host.etcd_endpoint,
                encryption=args.encryption,
                protect=args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_access(self, provider: postgresql.Provider) -> Access:
        definition = self._args.definition
        return Access(
            self._component_name,
            AccessArgs(
                cluster=self.cluster,
                provider=provider,
                database=definition.settings.database,
                table=definition.access,
                extensions=definition.extensions,
                passwords=self._args.passwords,
                protect=self._args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_optional(self, access: Access) -> OptionalExtensions:
        return OptionalExtensions(
            f"{self._component_name}-optional",
            OptionalExtensionsArgs(
                directory=self._args.directory,
                cluster=self.cluster,
                database=access.database.name,
                uses=self._args.definition.optional,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_pooler(self, access: PoolerAccess) -> Pooler:
        args, definition = self._args, self._args.definition
        return Pooler(
            self._component_name,
            PoolerArgs(
                directory=args.directory,
                listen_address=args.settings.local.listen_address,
                port=port(args.settings.local.port_base, "pooler", cluster=definition.name),
                backend=self.cluster.writer,
                databases=[definition.settings.database],
                settings=definition.settings,
                minimum_tls_version=args.settings.tls.minimum_version,
                encryption=args.encryption,
                after=[*self.cluster.ready, *access.needed],
            ),
            pulumi.ResourceOptions(parent=self),
        )
