"""Numbers that follow from the settings, so that nobody sets two that contradict each other (ruling on spec 3.1.1)."""

from settings.model import ClusterSettings

__all__ = [
    "POOL_USERS",
    "RESERVED_CONNECTIONS",
    "SERVICES",
    "largest_pool",
    "max_client_connections",
    "needed_connections",
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
