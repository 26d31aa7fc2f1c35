"""The settings of a stack as frozen, typed models: every number of the specification with its default.

Owns: names, types, defaults, bounds of single values. Does not own: rules between values (`rules.py`), numbers that
follow from others (`derived.py`), reading the stack's configuration (`reader.py`).

Keys are camelCase in `Pulumi.<stack>.yaml` and snake_case here. The unit of a number is the end of its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from settings.base import Model
from settings.checks import (
    Allowed,
    absolute_directory,
    database_name,
    extension_names,
    listen_address,
    parameter_name,
    parameter_value,
    resource_ids,
    service_user,
)
from settings.cloud import CloudSettings
from settings.mongodb import MongodbSettings

__all__ = [
    "ClusterSettings",
    "LocalSettings",
    "PatroniSettings",
    "PoolSettings",
    "Settings",
    "TimescaleSettings",
    "TlsSettings",
]

# A list of YAML is no tuple, so these two are the ones that convert.
_LIST = Field(strict=False)

Directory = Annotated[Path, Allowed("an absolute folder of the stack's own"), PlainValidator(absolute_directory)]
ListenAddress = Annotated[str, Allowed("one IP address, no wildcard"), BeforeValidator(listen_address)]
ServiceUser = Annotated[str, Allowed("the name of an unprivileged user"), BeforeValidator(service_user)]
DatabaseName = Annotated[
    str, Allowed("small letters, digits and _, at most 63; no name of PostgreSQL's own"), BeforeValidator(database_name)
]
ParameterName = Annotated[str, BeforeValidator(parameter_name)]
ParameterValue = Annotated[str, BeforeValidator(parameter_value)]
Parameters = Annotated[
    dict[ParameterName, ParameterValue], Allowed("names of postgresql.conf, each with a text, a number or true/false")
]
Extensions = Annotated[tuple[str, ...], _LIST, Allowed("a list of extensions' names"), AfterValidator(extension_names)]
ResourceIds = Annotated[tuple[str, ...], _LIST, Allowed("a list of `Type:name`"), AfterValidator(resource_ids)]
TlsVersion = Literal["TLSv1.2", "TLSv1.3"]

POSTGRES_EXTENSIONS = ("uuid-ossp", "pgcrypto", "pg_trgm", "btree_gist", "hstore", "ltree")


class LocalSettings(Model):
    """Where and as whom the servers of a stack run when the substrate is one machine."""

    directory: Directory | None = Field(
        default=None,
        description="Folder of everything the stack keeps. Omitted: `stacks/<stack>` below the project's home folder.",
    )
    port_base: int = Field(
        default=15400,
        ge=1024,
        le=65436,
        description="First of the 100 TCP ports of the stack; which server gets which is in `settings/ports.py`.",
    )
    listen_address: ListenAddress = Field(
        default="127.0.0.1", description="The one IP address all servers listen on. A wildcard is refused."
    )
    service_user: ServiceUser = Field(
        default="postgres", description="The user that servers run as when `pulumi up` is started by root."
    )


class TlsSettings(Model):
    """Encryption in transit (spec 6.2.1) and the stack's own certificate authority."""

    minimum_version: TlsVersion = Field(
        default="TLSv1.3", description="Lowest TLS version any server accepts (spec 6.2.1). The policies want TLSv1.3."
    )
    ca_validity_days: int = Field(default=3650, ge=2, le=7300, description="Life of the certificate authority.")
    ca_renew_before_days: int = Field(
        default=90, ge=1, description="The authority is renewed this long before its end."
    )
    ca_generation: int = Field(
        default=1,
        ge=1,
        description="Raise by one to rotate the authority, over three updates: announced, signing, previous withdrawn.",
    )
    certificate_validity_days: int = Field(
        default=90, ge=2, le=825, description="Life of server and client certificates."
    )
    certificate_renew_before_days: int = Field(
        default=30, ge=1, description="Certificates are renewed this long before their end."
    )


class PoolSettings(Model):
    """The connection pool of one database user (spec 3.1.1): PgBouncer keeps it, and a service's own pool may."""

    min_connections: int = Field(default=10, ge=0, le=10_000, description="Server connections kept open (spec 3.1.1).")
    max_connections: int = Field(
        default=100, ge=1, le=10_000, description="Most server connections at a time (spec 3.1.1)."
    )
    idle_timeout_ms: int = Field(
        default=30_000, ge=1_000, description="An unused server connection is closed after this (spec 3.1.1)."
    )
    connection_timeout_ms: int = Field(
        default=5_000, ge=100, description="Longest wait for a new server connection (spec 3.1.1)."
    )
    max_lifetime_ms: int = Field(
        default=3_600_000, ge=1_000, description="A server connection is replaced after this (spec 3.1.1)."
    )
    acquire_timeout_ms: int = Field(
        default=30_000, ge=100, description="Longest wait for a free server connection (spec 3.1.1)."
    )
    reap_interval_ms: int = Field(
        default=1_000,
        ge=100,
        description="How often a service's own pool looks for idle connections (spec 3.1.1), as `walletdb.json` tells "
        "it. PgBouncer does three times a second, whatever this says.",
    )


class PatroniSettings(Model):
    """The time-outs of failover. The minimums are Patroni's own."""

    ttl_s: int = Field(default=20, ge=20, le=3600, description="Life of the leader key without a sign of life.")
    loop_wait_s: int = Field(default=1, ge=1, le=600, description="Pause between two looks at the cluster.")
    retry_timeout_s: int = Field(
        default=3, ge=3, le=600, description="How long etcd or PostgreSQL may fail before it counts."
    )
    maximum_lag_on_failover_mib: int = Field(
        default=1, ge=1, le=1024, description="A replica further behind than this is never promoted."
    )


class ClusterSettings(Model):
    """One PostgreSQL cluster: a primary, its replicas, load balancer and pooler (spec 3.1, 3.2, 3.7.2, 7.1.1)."""

    database: DatabaseName = Field(default="fashion_wallet", description="Name of the application's database.")
    major: int | None = Field(
        default=None,
        ge=15,
        le=99,
        description="Major version of PostgreSQL. Omitted: that of the data, at first the newest installed.",
    )
    replicas: int = Field(
        default=2, ge=0, le=4, description="Streaming replicas beside the primary (spec 7.1.1 wants 2 or more)."
    )
    synchronous_standbys: int = Field(
        default=1,
        ge=0,
        le=4,
        description="Replicas that must have a commit before it is acknowledged; 0: a failover can lose commits.",
    )
    pool: PoolSettings = Field(default_factory=PoolSettings, description="Pool of each database user.")
    max_connections: int | None = Field(
        default=None, ge=10, le=100_000, description="Cap on the server's connections. Omitted: what the pools need."
    )
    statement_timeout_s: int = Field(
        default=30, ge=1, le=86_400, description="Longest run of one statement (spec 3.7.1)."
    )
    lock_timeout_s: int = Field(default=5, ge=1, le=86_400, description="Longest wait for a lock (spec 3.7.2).")
    idle_in_transaction_timeout_s: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="A session idle inside a transaction is ended after this: it holds locks.",
    )
    slow_query_ms: int = Field(
        default=200, ge=0, le=3_600_000, description="A statement at least this slow is logged (spec 5.1.1)."
    )
    shared_buffers_mib: int = Field(
        default=128, ge=16, le=1_048_576, description="PostgreSQL's own cache, of each member."
    )
    maximum_lag_ms: int = Field(
        default=1_000,
        ge=100,
        le=3_600_000,
        description="Replication lag above this is reported, and the replica leaves the reader port (spec 7.1.1).",
    )
    load_balancing: Literal["round-robin", "least-connections", "random"] = Field(
        default="least-connections", description="Which replica a new session at the reader port gets (spec 3.1.2)."
    )
    reader_max_lag_mib: int = Field(
        default=16, ge=1, le=65_536, description="A replica further behind than this leaves the reader port, too."
    )
    patroni: PatroniSettings = Field(default_factory=PatroniSettings, description="Failover.")
    parameters: Parameters = Field(
        default_factory=dict,
        description="More parameters of postgresql.conf. Those that are derived or guard security are refused by name.",
    )
    extensions: Extensions = Field(
        default=POSTGRES_EXTENSIONS,
        description="Extensions of the application's database (spec 3.2.2, without timescaledb).",
    )


class TimescaleSettings(ClusterSettings):
    """The time-series instance: the same kind of cluster, one node unless told otherwise (spec 2.1)."""

    database: DatabaseName = Field(default="fashion_wallet_metrics", description="Name of the time-series database.")
    replicas: int = Field(default=0, ge=0, le=4, description="Streaming replicas beside the primary.")
    synchronous_standbys: int = Field(
        default=0, ge=0, le=4, description="Replicas that must have a commit before it is acknowledged."
    )
    timescaledb: Literal["required", "optional"] = Field(
        default="optional",
        description="`required`: a server without the extension is an error; `optional`: a warning.",
    )


class Settings(Model):
    """All settings of a stack: what stands under `fashion-wallet:` in `Pulumi.<stack>.yaml`."""

    substrate: Literal["local", "cloud"] = Field(
        default="local",
        description="Where the layer lives: `local` is one machine, `cloud` is AWS, MongoDB Atlas and Kubernetes.",
    )
    local: LocalSettings = Field(default_factory=LocalSettings, description="Read when the substrate is `local`.")
    postgres: ClusterSettings = Field(default_factory=ClusterSettings, description="The relational database.")
    timescale: TimescaleSettings = Field(default_factory=TimescaleSettings, description="The time-series database.")
    mongodb: MongodbSettings = Field(default_factory=MongodbSettings, description="The document database.")
    tls: TlsSettings = Field(default_factory=TlsSettings, description="Certificates and TLS.")
    cloud: CloudSettings | None = Field(default=None, description="Read when the substrate is `cloud`.")
    allow_data_loss: ResourceIds = Field(
        default=(),
        description="Stateful resources that this update may replace or delete, say `PatroniMember:postgres-3`.",
    )
    password_generation: int = Field(
        default=1, ge=1, description="Raise by one to give every database user a new password (spec 6.1.1)."
    )
    protect: bool = Field(
        default=True, description="Protect stateful resources from deletion. Only a throwaway stack turns it off."
    )
