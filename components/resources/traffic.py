"""Resources between clients and a cluster, and the extension that a server may or may not offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.resources.base import PemInputs, WalletdbResource

__all__ = [
    "HAProxy",
    "HAProxyArgs",
    "OptionalExtension",
    "OptionalExtensionArgs",
    "PgBouncer",
    "PgBouncerArgs",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class HAProxyArgs(PemInputs):
    """Inputs of `HAProxy`; the certificate is the client's it asks Patroni's REST interface with."""

    directory: str
    name: str
    listen_address: str
    writer_port: int
    reader_port: int
    members: Sequence[Mapping[str, str | int]]
    load_balancing: str
    """Which of the replicas gets a new session: `round-robin`, `least-connections` or `random`."""
    maximum_lag_mib: int
    maximum_lag_ms: int
    """A replica further behind than either leaves the reader port."""


class HAProxy(WalletdbResource):
    """The writer port (always the primary) and the reader port (the replicas); TLS passes through it."""

    _outputs = ("version", "status")

    def __init__(self, name: str, args: HAProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the load balancer."""
        super().__init__(name, args, opts)


@dataclass(frozen=True, kw_only=True, slots=True)
class PgBouncerArgs(PemInputs):
    """Inputs of `PgBouncer`; `cert_pem` is shown to clients and `client_cert_pem` to the server behind."""

    directory: str
    name: str
    listen_address: str
    port: int
    backend_host: pulumi.Input[str]
    backend_port: pulumi.Input[int]
    databases: Sequence[pulumi.Input[str]]
    pool_min: int
    pool_max: int
    """Server connections of one user."""
    max_client_connections: int
    max_database_connections: int
    """Server connections of all users of a database together."""
    idle_timeout_ms: int
    max_lifetime_ms: int
    connection_timeout_ms: int
    acquire_timeout_ms: int
    minimum_tls_version: str
    client_cert_pem: pulumi.Input[str]
    client_key_pem: pulumi.Input[str]
    auth_user: str
    """Asks the server for the password verifiers of the others."""
    auth_query: str


class PgBouncer(WalletdbResource):
    """The connection pooler, in transaction mode."""

    _outputs = ("version", "status")

    def __init__(self, name: str, args: PgBouncerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the pooler."""
        super().__init__(name, args, opts)


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionalExtensionArgs:
    """Inputs of `OptionalExtension`; it connects as the administrator, with the files in `directory`."""

    directory: str
    host: pulumi.Input[str]
    port: pulumi.Input[int]
    database: pulumi.Input[str]
    extension: str
    required: bool
    """True: a server that does not offer the extension is an error."""


class OptionalExtension(WalletdbResource):
    """An extension that is created where the server offers it; the program cannot know that before the server runs."""

    _outputs = ("available", "version", "status")

    def __init__(self, name: str, args: OptionalExtensionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the extension."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="available")
    def available(self) -> pulumi.Output[bool]:
        """Whether the server offers it, and it is therefore there."""
        return self._output("available")
