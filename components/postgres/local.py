"""A PostgreSQL cluster on one machine: members under Patroni, and HAProxy in front of them.

Owns: the members, what they agree on, the load balancer, and their certificates. Does not own: what lies inside the
databases (`access.py`), the pooler (`local_pooler.py`), the supervisor and etcd (`components/host/local.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pulumi

from components.encryption.local import Encryption, Identity
from components.postgres.cluster import AdminAccess, Endpoint, Traits
from components.postgres.parameters import server_parameters
from components.resources import (
    HAProxy,
    HAProxyArgs,
    Member,
    PatroniCluster,
    PatroniClusterArgs,
    PatroniMember,
    PatroniMemberArgs,
)
from settings import ClusterSettings

__all__ = ["PostgresCluster", "PostgresClusterArgs", "admin_access"]

ADMINISTRATOR = "postgres"
REPLICATOR = "replicator"

# A first member runs initdb and its first election; a replica copies the whole primary.
_MEMBER_TIMEOUT = pulumi.CustomTimeouts(create="10m", update="10m", delete="3m")
_CLUSTER_TIMEOUT = pulumi.CustomTimeouts(create="5m", update="10m", delete="3m")
_BALANCER_TIMEOUT = pulumi.CustomTimeouts(create="2m", update="2m", delete="2m")


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresClusterArgs:
    """Arguments of `PostgresCluster`.

    Raises:
        ValueError: no member, or two with one name.
    """

    directory: str
    listen_address: str
    members: tuple[Member, ...]
    """The first is the one that creates the cluster; keep the order, add at the end."""
    writer_port: int
    reader_port: int
    settings: ClusterSettings
    minimum_tls_version: str
    preload: tuple[str, ...]
    optional_preload: tuple[str, ...]
    etcd_endpoint: pulumi.Input[str]
    encryption: Encryption
    protect: bool

    def __post_init__(self) -> None:
        """Check what shapes the graph."""
        names = [member.name for member in self.members]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"members of a cluster: got {names}; allowed are one or more, each with a name of its own")


def admin_access(directory: str) -> AdminAccess:
    """Return the administrator's access to every cluster of a local stack."""
    folder = PurePosixPath(directory)
    return AdminAccess(
        username=ADMINISTRATOR,
        ca_file=str(folder / "ca.crt"),
        certificate_file=str(folder / "admin.crt"),
        key_file=str(folder / "admin.key"),
    )


class PostgresCluster(pulumi.ComponentResource):
    """A primary, its streaming replicas, and one port each for writing and reading; see `cluster.Cluster`."""

    writer: Endpoint
    reader: Endpoint
    admin: AdminAccess
    traits: Traits
    server: pulumi.Resource
    ready: Sequence[pulumi.Resource]
    version: pulumi.Output[str]
    """Version of PostgreSQL."""

    def __init__(self, name: str, args: PostgresClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the servers."""
        super().__init__("fashionwallet:postgres:PostgresCluster", name, None, opts)
        self._scope = name
        self._args = args
        self._parameters = server_parameters(args.settings, args.minimum_tls_version)
        self.writer = Endpoint(args.listen_address, args.writer_port)
        self.reader = Endpoint(args.listen_address, args.reader_port)
        self.admin = admin_access(args.directory)
        # pg_rewind connects to `postgres` as the replication user.
        self.traits = Traits(replication_role=REPLICATOR)
        cluster = self._create_cluster(self._create_members())
        self.server = cluster
        self.ready = (cluster, self._create_balancer(cluster))
        self.version = cluster.version
        self.register_outputs({"version": self.version})

    def _create_members(self) -> list[PatroniMember]:
        first, *others = self._args.members
        leader = self._create_member(first, bootstrap=True, after=[])
        return [leader, *(self._create_member(member, bootstrap=False, after=[leader]) for member in others)]

    def _create_member(self, member: Member, *, bootstrap: bool, after: list[PatroniMember]) -> PatroniMember:
        args = self._args
        replication = args.encryption.client(REPLICATOR)
        return PatroniMember(
            member.name,
            PatroniMemberArgs(
                **self._agreed(args.encryption.server(member.name, parent=self)),
                name=member.name,
                bootstrap=bootstrap,
                listen_address=args.listen_address,
                port=member.port,
                rest_port=member.rest_port,
                etcd_endpoint=args.etcd_endpoint,
                data_checksums=True,
                replication_cert_pem=replication.cert_pem,
                replication_key_pem=replication.key_pem,
            ),
            pulumi.ResourceOptions(
                parent=self, depends_on=after, protect=args.protect, custom_timeouts=_MEMBER_TIMEOUT
            ),
        )

    def _create_cluster(self, members: list[PatroniMember]) -> PatroniCluster:
        args = self._args
        return PatroniCluster(
            self._scope,
            PatroniClusterArgs(
                **self._agreed(args.encryption.client(ADMINISTRATOR)),
                members=self._wire_members(),
            ),
            pulumi.ResourceOptions(
                parent=self, depends_on=members, protect=args.protect, custom_timeouts=_CLUSTER_TIMEOUT
            ),
        )

    def _agreed(self, identity: Identity) -> dict[str, Any]:
        """What a member and the cluster as a whole are told alike: the fields of `ClusterInputs`."""
        args, settings = self._args, self._args.settings
        return {
            "directory": args.directory,
            "scope": self._scope,
            "major": settings.major or 0,
            "ttl_s": settings.patroni.ttl_s,
            "loop_wait_s": settings.patroni.loop_wait_s,
            "retry_timeout_s": settings.patroni.retry_timeout_s,
            "maximum_lag_on_failover_mib": settings.patroni.maximum_lag_on_failover_mib,
            "synchronous_standbys": settings.synchronous_standbys,
            "minimum_tls_version": args.minimum_tls_version,
            "preload": args.preload,
            "optional_preload": args.optional_preload,
            "parameters": self._parameters,
            "cert_pem": identity.cert_pem,
            "key_pem": identity.key_pem,
            "ca_bundle_pem": identity.ca_bundle_pem,
        }

    def _create_balancer(self, cluster: PatroniCluster) -> HAProxy:
        args = self._args
        identity = args.encryption.client("haproxy")
        name = f"{self._scope}-haproxy"
        return HAProxy(
            name,
            HAProxyArgs(
                directory=args.directory,
                name=name,
                listen_address=args.listen_address,
                writer_port=args.writer_port,
                reader_port=args.reader_port,
                members=self._wire_members(),
                load_balancing=args.settings.load_balancing,
                maximum_lag_mib=args.settings.reader_max_lag_mib,
                maximum_lag_ms=args.settings.maximum_lag_ms,
                cert_pem=identity.cert_pem,
                key_pem=identity.key_pem,
                ca_bundle_pem=identity.ca_bundle_pem,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[cluster], custom_timeouts=_BALANCER_TIMEOUT),
        )

    def _wire_members(self) -> list[dict[str, str | int]]:
        return [member.wire() for member in self._args.members]
