"""PgBouncer in front of a cluster on one machine."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.encryption.local import Encryption
from components.postgres.cluster import Endpoint
from components.postgres.pooler_access import AUTH_QUERY, AUTH_USER
from components.resources import PgBouncer, PgBouncerArgs
from settings import ClusterSettings
from settings.derived import max_client_connections, pooled_connections

__all__ = ["Pooler", "PoolerArgs"]

_TIMEOUT = pulumi.CustomTimeouts(create="2m", update="2m", delete="2m")


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolerArgs:
    """Arguments of `Pooler`."""

    directory: str
    listen_address: str
    port: int
    backend: Endpoint
    databases: Sequence[str]
    settings: ClusterSettings
    minimum_tls_version: str
    encryption: Encryption
    after: Sequence[pulumi.Resource]
    """What it logs in with: without those it could serve nobody."""


class Pooler(pulumi.ComponentResource):
    """The port that services connect to."""

    endpoint: Endpoint

    def __init__(self, name: str, args: PoolerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the pooler."""
        super().__init__("fashionwallet:postgres:Pooler", name, None, opts)
        self.endpoint = Endpoint(args.listen_address, args.port)
        self._create_pooler(f"{name}-pgbouncer", args)
        self.register_outputs({"host": self.endpoint.host, "port": self.endpoint.port})

    def _create_pooler(self, name: str, args: PoolerArgs) -> PgBouncer:
        identity = args.encryption.server(name, parent=self)
        client = args.encryption.client(AUTH_USER)
        pool = args.settings.pool
        return PgBouncer(
            name,
            PgBouncerArgs(
                directory=args.directory,
                name=name,
                listen_address=args.listen_address,
                port=args.port,
                backend_host=args.backend.host,
                backend_port=args.backend.port,
                databases=list(args.databases),
                auth_user=AUTH_USER,
                auth_query=AUTH_QUERY,
                pool_min=pool.min_connections,
                pool_max=pool.max_connections,
                max_client_connections=max_client_connections(args.settings),
                max_database_connections=pooled_connections(args.settings),
                idle_timeout_ms=pool.idle_timeout_ms,
                max_lifetime_ms=pool.max_lifetime_ms,
                connection_timeout_ms=pool.connection_timeout_ms,
                acquire_timeout_ms=pool.acquire_timeout_ms,
                minimum_tls_version=args.minimum_tls_version,
                cert_pem=identity.cert_pem,
                key_pem=identity.key_pem,
                ca_bundle_pem=identity.ca_bundle_pem,
                client_cert_pem=client.cert_pem,
                client_key_pem=client.key_pem,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(args.after), custom_timeouts=_TIMEOUT),
        )
