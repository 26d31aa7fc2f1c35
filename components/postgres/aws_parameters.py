"""Parameters of an RDS parameter group: those of any substrate (`parameters.py`), as RDS takes them.

RDS wants plain numbers in the parameter's own unit and 1 or 0 for yes and no, runs replication and cache sizes itself,
and has parameters of its own. What cannot be changed without a restart must be marked so.
"""

import re
from dataclasses import dataclass

from components.postgres.parameters import OPTIONAL_PRELOAD, PRELOAD, server_parameters
from settings import ClusterSettings

__all__ = ["EXTENSIONS", "Parameter", "rds_parameters"]

EXTENSIONS = OPTIONAL_PRELOAD
"""What one machine may lack and RDS always offers."""

# RDS sets these itself: replication, the cache (a quarter of the class's memory), the time zone of logs.
_RDS_S_OWN = frozenset(
    {
        "hot_standby",
        "log_timezone",
        "max_replication_slots",
        "max_wal_senders",
        "shared_buffers",
        "superuser_reserved_connections",
        "wal_level",
        "wal_log_hints",
    }
)
_PLANS = "auto_explain"
"""Logs the plans of slow statements; a library without an extension."""
_MEGABYTES = frozenset({"max_slot_wal_keep_size", "wal_keep_size"})
# The richer of the only two that RDS takes: time, client, user, database, process, SQLSTATE, transaction, program.
_LOG_LINE_PREFIX = "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:"
_SWITCHES = frozenset({"log_connections", "log_disconnections", "log_lock_waits", "track_io_timing"})
# PostgreSQL reads these anew without a restart. All others wait for one, which is right for any parameter.
_AT_ONCE = frozenset(
    {
        *_SWITCHES,
        "auto_explain.log_min_duration",
        "log_autovacuum_min_duration",
        "rds.force_autovacuum_logging_level",
        "deadlock_timeout",
        "idle_in_transaction_session_timeout",
        "lock_timeout",
        "log_line_prefix",
        "log_min_duration_statement",
        "log_statement",
        "statement_timeout",
    }
)
_UNITS_MS = {"ms": 1, "s": 1_000, "min": 60_000}
_TIME = re.compile(r"(\d+)(ms|s|min)")
_SIZE = re.compile(r"(\d+)(MB|GB)")


@dataclass(frozen=True, slots=True, order=True)
class Parameter:
    """One parameter of a group."""

    name: str
    value: str
    apply_method: str


def rds_parameters(cluster: ClusterSettings, minimum_tls_version: str) -> tuple[Parameter, ...]:
    """Return every parameter of a group, by name."""
    common = server_parameters(cluster, minimum_tls_version)
    values = {name: _value(name, text) for name, text in common.items() if name not in _RDS_S_OWN}
    # Plans of slow statements, and what autovacuum did: the log's metric filters count them (monitoring/metrics.py).
    watched = {"auto_explain.log_min_duration": str(cluster.slow_query_ms), "log_autovacuum_min_duration": "0"}
    values = (
        watched
        | values
        | {
            "rds.force_autovacuum_logging_level": "log",
            "log_line_prefix": _LOG_LINE_PREFIX,
            "rds.accepted_password_auth_method": "scram",
            "rds.force_ssl": "1",
            "shared_preload_libraries": ",".join((*PRELOAD, *OPTIONAL_PRELOAD, _PLANS)),
        }
    )
    return tuple(
        Parameter(name, value, "immediate" if name in _AT_ONCE else "pending-reboot")
        for name, value in sorted(values.items())
    )


def _value(name: str, text: str) -> str:
    """Return a value as RDS takes it: milliseconds and megabytes without their units, and no spaces in lists."""
    if name in _SWITCHES:
        return {"on": "1", "off": "0"}[text]
    if name in _MEGABYTES and (size := _SIZE.fullmatch(text)):
        return str(int(size[1]) * {"MB": 1, "GB": 1024}[size[2]])
    if time := _TIME.fullmatch(text):
        return str(int(time[1]) * _UNITS_MS[time[2]])
    return text.replace(", ", ",")
