"""Resources of a PostgreSQL cluster under Patroni."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.resources.base import PemInputs, WalletdbResource, wire_inputs

__all__ = ["Member", "PatroniCluster", "PatroniClusterArgs", "PatroniMember", "PatroniMemberArgs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Where one member of a cluster is."""

    name: str
    host: str
    port: int
    rest_port: int

    def wire(self) -> dict[str, str | int]:
        """Return the member as the plugin reads it."""
        return wire_inputs(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterInputs(PemInputs):
    """What every member of a cluster must agree on."""

    directory: str
    scope: str
    major: int
    """Major version of PostgreSQL; 0 is the newest installed."""
    ttl_s: int
    loop_wait_s: int
    retry_timeout_s: int
    maximum_lag_on_failover_mib: int
    synchronous_standbys: int
    minimum_tls_version: str
    preload: Sequence[str]
    """Libraries every server loads."""
    optional_preload: Sequence[str]
    """Libraries a server loads where they are installed."""
    parameters: Mapping[str, str]
    """Parameters of postgresql.conf."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PatroniMemberArgs(ClusterInputs):
    """Inputs of `PatroniMember`."""

    name: str
    bootstrap: bool
    """True for the one member that may create the cluster; the others copy it."""
    listen_address: str
    port: int
    rest_port: int
    etcd_endpoint: pulumi.Input[str]
    data_checksums: bool
    replication_cert_pem: pulumi.Input[str]
    """Client certificate of the replication user, for streaming and pg_rewind."""
    replication_key_pem: pulumi.Input[str]


class PatroniMember(WalletdbResource):
    """One PostgreSQL server with the Patroni that runs it."""

    _outputs = ("restUrl", "dataDirectory", "version", "status")

    def __init__(self, name: str, args: PatroniMemberArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the member."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="version")
    def version(self) -> pulumi.Output[str]:
        """Version of PostgreSQL."""
        return self._output("version")


@dataclass(frozen=True, kw_only=True, slots=True)
class PatroniClusterArgs(ClusterInputs):
    """Inputs of `PatroniCluster`; the certificate is the administrator's (common name `postgres`)."""

    members: Sequence[Mapping[str, str | int]]


class PatroniCluster(WalletdbResource):
    """The members as one: the settings they agree on, and one leader that takes writes."""

    _outputs = ("systemIdentifier", "version", "availableExtensions", "status")

    def __init__(self, name: str, args: PatroniClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the cluster."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="version")
    def version(self) -> pulumi.Output[str]:
        """Version of PostgreSQL."""
        return self._output("version")

    @property
    @pulumi.getter(name="availableExtensions")
    def available_extensions(self) -> pulumi.Output[Sequence[str]]:
        """Names in `pg_available_extensions`."""
        return self._output("availableExtensions")
