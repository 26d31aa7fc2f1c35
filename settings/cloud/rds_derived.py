"""What follows for RDS and RDS Proxy from the pools, so that nobody sets numbers that contradict each other."""

from __future__ import annotations

from settings.cloud.rds import RdsSettings
from settings.cloud.rds_checks import Version
from settings.derived import POOL_USERS, pooled_connections, server_connections
from settings.model import ClusterSettings

__all__ = [
    "LONGEST_BORROW_S",
    "borrow_timeout_s",
    "client_idle_timeout_s",
    "follows_minor_versions",
    "idle_connections_percent",
    "parameter_family",
    "pooled_connections_percent",
    "replica_zones",
]

LONGEST_BORROW_S = 300
"""The longest wait for a server connection that RDS Proxy takes."""
_LONGEST_IDLE_S = 28_800


def parameter_family(rds: RdsSettings) -> str:
    """Return the family of parameter groups of the primary's version."""
    return f"postgres{Version.of(rds.engine_version).major}"


def follows_minor_versions(rds: RdsSettings) -> bool:
    """Say whether minor versions come by themselves: only a version without one leaves them to RDS."""
    return Version.of(rds.engine_version).minor is None


def replica_zones(zones: list[str], replicas: int) -> tuple[str, ...]:
    """Return the zones of the read replicas: by name, after the first, which is left to the primary.

    A zone that comes at the end moves none of them; where there is no other left, the first has one too.
    """
    first, *others = sorted(zones)
    return tuple([*others, first][:replicas])


def pooled_connections_percent(cluster: ClusterSettings) -> int:
    """Return the share of the server's connections that the proxy may hold: all pools full, and never the reserved."""
    return max(1, pooled_connections(cluster) * 100 // server_connections(cluster))


def idle_connections_percent(cluster: ClusterSettings) -> int:
    """Return the share that stays open unused: the smallest size of all pools, rounded up."""
    kept = len(POOL_USERS) * cluster.pool.min_connections * 100
    return min(pooled_connections_percent(cluster), -(-kept // server_connections(cluster)))


def borrow_timeout_s(cluster: ClusterSettings) -> int:
    """Return how long a client waits for a server connection, in whole seconds."""
    return min(LONGEST_BORROW_S, -(-cluster.pool.acquire_timeout_ms // 1000))


def client_idle_timeout_s(cluster: ClusterSettings) -> int:
    """Return when the proxy ends a client's idle connection.

    A service's own pool closes idle connections after `pool.idleTimeoutMs`, and every one after `pool.maxLifetimeMs`.
    The proxy waits for the latter, so that it never ends a connection which a pool is about to hand out.
    """
    return max(1, min(_LONGEST_IDLE_S, cluster.pool.max_lifetime_ms // 1000))
