"""Parameters of postgresql.conf that follow from the settings, and those that are the same in every cluster.

Owns: time-outs, logging, the audit trail, replication. Does not own: ports, paths and certificate files; whatever runs
the servers sets those. Every name here is refused in `fashion-wallet:<cluster>.parameters` (`settings/refused.py`).
"""

from settings import ClusterSettings
from settings.derived import SUPERUSER_RESERVED, server_connections

__all__ = ["OPTIONAL_PRELOAD", "PRELOAD", "server_parameters"]

PRELOAD = ("pg_stat_statements",)
"""Libraries that every PostgreSQL has (contrib)."""
OPTIONAL_PRELOAD = ("pgaudit",)
"""Libraries of packages of their own; where one is missing, a warning says so."""

_LOGGING = {
    "log_connections": "on",
    "log_disconnections": "on",
    "log_line_prefix": "%m [%p] %q%u@%d %a %h ",
    "log_lock_waits": "on",  # with deadlock_timeout: who waited for whom, spec 3.7.2
    # Statements are logged by pgaudit, which masks passwords in CREATE and ALTER ROLE; log_statement would not.
    "log_statement": "none",
    "pgaudit.log": "ddl, role",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_MONITORING = {
    "compute_query_id": "on",
    "pg_stat_statements.track": "top",
    "track_io_timing": "on",
}
_REPLICATION = {
    "wal_level": "replica",
    "hot_standby": "on",
    # pg_rewind needs it (or checksums) to take a failed primary back; both, so that neither is load-bearing alone.
    "wal_log_hints": "on",
    # Fixed and not by the number of replicas: raising them restarts every server. 4 replicas, 5 for copies and backups.
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "wal_keep_size": "128MB",
    # A replica that is gone keeps WAL in its slot; without a limit the primary's disk fills up.
    "max_slot_wal_keep_size": "2GB",
}


def server_parameters(cluster: ClusterSettings, minimum_tls_version: str) -> dict[str, str]:
    """Return every parameter of a cluster, its own `parameters` last; values are as postgresql.conf has them."""
    return {
        **_LOGGING,
        **_MONITORING,
        **_REPLICATION,
        "deadlock_timeout": "1s",
        "idle_in_transaction_session_timeout": f"{cluster.idle_in_transaction_timeout_s}s",
        "lock_timeout": f"{cluster.lock_timeout_s}s",
        "log_min_duration_statement": f"{cluster.slow_query_ms}ms",
        "max_connections": str(server_connections(cluster)),
        "password_encryption": "scram-sha-256",
        "shared_buffers": f"{cluster.shared_buffers_mib}MB",
        "ssl_min_protocol_version": minimum_tls_version,
        "statement_timeout": f"{cluster.statement_timeout_s}s",
        "superuser_reserved_connections": str(SUPERUSER_RESERVED),
        **cluster.parameters,
    }
