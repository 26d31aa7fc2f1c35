"""The settings of the document database (spec 4, 7.1.2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from settings.base import Model
from settings.checks import Allowed
from settings.mongodb_checks import database_name, member_name, mongod_parameter, parameter_text

__all__ = ["MongodbPoolSettings", "MongodbSettings"]

MongodbDatabaseName = Annotated[
    str,
    Allowed("small letters, digits and -, at most 63; no name of MongoDB's own"),
    BeforeValidator(database_name),
]
Priorities = Annotated[
    dict[Annotated[str, BeforeValidator(member_name)], Annotated[int, Field(ge=0, le=1000)]],
    Allowed("names of members, each with a whole number from 0 to 1000"),
]
MongodParameters = Annotated[
    dict[Annotated[str, BeforeValidator(mongod_parameter)], Annotated[str, BeforeValidator(parameter_text)]],
    Allowed("names of `setParameter`, each with a text, a number or true/false"),
]


class MongodbPoolSettings(Model):
    """The pool and the time-outs of each client (spec 4.1.1); they are part of the URIs in the stack's outputs."""

    max_pool_size: int = Field(default=100, ge=1, le=10_000, description="Most connections of one client to a member.")
    min_pool_size: int = Field(default=10, ge=0, le=10_000, description="Connections of one client kept open.")
    max_idle_time_ms: int = Field(default=30_000, ge=1_000, description="An unused connection is closed after this.")
    server_selection_timeout_ms: int = Field(
        default=5_000, ge=100, description="Longest wait for a member that can do what is asked."
    )
    socket_timeout_ms: int = Field(default=45_000, ge=1_000, description="Longest wait for an answer on a connection.")
    connect_timeout_ms: int = Field(default=10_000, ge=100, description="Longest wait for a new connection.")
    write_timeout_ms: int = Field(
        default=5_000, ge=100, description="Longest wait for a majority to confirm a write (`wtimeout`)."
    )


class MongodbSettings(Model):
    """The MongoDB replica set (spec 2.1, 4, 7.1.2): one primary, the others follow."""

    database: MongodbDatabaseName = Field(
        default="fashion-wallet-main", description="Name of the database (spec 4.2.1)."
    )
    members: Literal[2, 3, 5] = Field(default=3, description="Members with data: 3, 5, or 2 with the arbiter.")
    arbiter: bool = Field(default=False, description="A member that votes and has no data, so that 2 others can elect.")
    priorities: Priorities = Field(
        default_factory=dict,
        description="How gladly a member leads, say `{mongodb-1: 2}`; a member that is not named has 1, and 0 never "
        "leads. The highest that is up to date leads in the end, which costs a second hand-over after a failover.",
    )
    election_timeout_ms: int = Field(
        default=10_000,
        ge=1_000,
        le=60_000,
        description="A primary not heard of for this long is replaced (spec 7.1.2). The local supervisor need not wait "
        "for it when the process dies.",
    )
    cache_mib: int = Field(default=256, ge=256, le=1_048_576, description="WiredTiger's cache, of each member.")
    oplog_retention_h: int = Field(
        default=24,
        ge=1,
        le=720,
        description="For so long a member may be away, and a change be read from the oplog. It is kept at least.",
    )
    oplog_write_mib_per_h: int = Field(
        default=40,
        ge=1,
        le=100_000,
        description="Writes that are expected; with `oplogRetentionH` it gives the oplog's size, 990 MiB at least.",
    )
    maximum_lag_ms: int = Field(
        default=10_000, ge=1_000, le=3_600_000, description="Replication lag above this is reported."
    )
    slow_query_ms: int = Field(
        default=200, ge=0, le=3_600_000, description="An operation at least this slow is logged (spec 5.1.1)."
    )
    pool: MongodbPoolSettings = Field(default_factory=MongodbPoolSettings, description="Of each client.")
    max_connections: int | None = Field(
        default=None, ge=10, le=1_000_000, description="Cap on a member's connections. Omitted: what the pools need."
    )
    parameters: MongodParameters = Field(
        default_factory=dict,
        description="More of mongod's `setParameter`. Those that guard security or durability are refused by name.",
    )

    @property
    def member_names(self) -> tuple[str, ...]:
        """Names of the members with data."""
        return tuple(f"mongodb-{number}" for number in range(1, self.members + 1))
