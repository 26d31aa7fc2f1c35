"""Numbers that follow from the settings, so that nobody sets two that contradict each other (ruling on spec 3.1.1)."""

from settings.model import ClusterSettings
from settings.mongodb import MongodbSettings

__all__ = [
    "POOL_USERS",
    "RESERVED_CONNECTIONS",
    "SERVICES",
    "largest_pool",
    "max_client_connections",
    "mongodb_connections",
    "needed_connections",
    "needed_mongodb_connections",
    "oplog_size_mib",
    "pooled_connections",
    "server_connections",
]

SERVICES = ("avatar_service", "catalog_service", "design_service")
POOL_USERS = (*SERVICES, "operator")
"""Who connects through the pooler: each has a pool of its own."""

SUPERUSER_RESERVED = 3  # PostgreSQL's default of superuser_reserved_connections
RESERVED_CONNECTIONS = SUPERUSER_RESERVED + sum(
    {"patroni": 4, "pooler's auth_query": 2, "migration_runner": 4, "people and monitoring": 7}.values()
)
"""Connections beside the pools, 20 in all; replication has slots of its own (max_wal_senders)."""

CLIENTS_PER_SERVER_CONNECTION = 2
"""In transaction mode clients share server connections. Two a connection let every service run two instances of 100."""


def pooled_connections(cluster: ClusterSettings) -> int:
    """Return how many server connections the pooler may hold: all pools full."""
    return len(POOL_USERS) * cluster.pool.max_connections


def needed_connections(cluster: ClusterSettings) -> int:
    """Return how many connections the server must take: all pools full, and the reserved ones."""
    return pooled_connections(cluster) + RESERVED_CONNECTIONS


def server_connections(cluster: ClusterSettings) -> int:
    """Return `max_connections` of the server: the cap where one is set, else what is needed."""
    return needed_connections(cluster) if cluster.max_connections is None else cluster.max_connections


def largest_pool(cap: int) -> int:
    """Return the largest `pool.maxConnections` whose pools fit under a cap; 0 or less means none does."""
    return (cap - RESERVED_CONNECTIONS) // len(POOL_USERS)


def max_client_connections(cluster: ClusterSettings) -> int:
    """Return how many clients the pooler takes at a time."""
    return pooled_connections(cluster) * CLIENTS_PER_SERVER_CONNECTION


CLIENTS_OF_A_LOGIN = 2
"""Instances of a service that run at a time, each with a pool of its own."""
RESERVED_MONGODB_CONNECTIONS = 100
"""Connections beside the pools: members among themselves, provisioning, people and monitoring."""
SMALLEST_OPLOG_MIB = 990
"""MongoDB resizes no oplog to less."""


def needed_mongodb_connections(mongodb: MongodbSettings) -> int:
    """Return how many connections a member must take: the pools of all logins full, and the reserved ones."""
    return len(POOL_USERS) * CLIENTS_OF_A_LOGIN * mongodb.pool.max_pool_size + RESERVED_MONGODB_CONNECTIONS


def mongodb_connections(mongodb: MongodbSettings) -> int:
    """Return `maxIncomingConnections` of a member: the cap where one is set, else what is needed."""
    return needed_mongodb_connections(mongodb) if mongodb.max_connections is None else mongodb.max_connections


def oplog_size_mib(mongodb: MongodbSettings) -> int:
    """Return the size of a member's oplog that holds the wanted hours of the expected writes."""
    return max(SMALLEST_OPLOG_MIB, mongodb.oplog_retention_h * mongodb.oplog_write_mib_per_h)
