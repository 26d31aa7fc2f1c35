"""Server parameters that `fashion-wallet:<cluster>.parameters` refuses, with the reason and the way to go.

Three kinds: derived from another setting, set by what runs the servers (paths, ports, replication), and those that
guard security or durability; where the name does not say what setting one would do, the reason does. A test in
`tests/component` holds that every parameter the project sets itself is here.
"""

from dataclasses import dataclass

__all__ = ["Refusal", "reason_to_refuse"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a parameter is refused, and what to do instead."""

    cause: str
    fix: str


_LEAVE_OUT = "leave it out"

# parameter -> the setting it follows, below the cluster
_DERIVED = {
    "max_connections": "maxConnections and pool.maxConnections",
    "superuser_reserved_connections": "maxConnections",
    "statement_timeout": "statementTimeoutS",
    "lock_timeout": "lockTimeoutS",
    "idle_in_transaction_session_timeout": "idleInTransactionTimeoutS",
    "log_min_duration_statement": "slowQueryMs",
    "shared_buffers": "sharedBuffersMib",
}

# Exact names that the servers' own set-up decides.
_RUN = frozenset(
    {
        "bonjour",
        "cluster_name",
        "config_file",
        "data_directory",
        "external_pid_file",
        "hba_file",
        "hot_standby",
        "ident_file",
        "listen_addresses",
        "max_replication_slots",
        "max_slot_wal_keep_size",
        "max_wal_senders",
        "port",
        "primary_conninfo",
        "primary_slot_name",
        "promote_trigger_file",
        "recovery_target_timeline",
        "restore_command",
        "shared_preload_libraries",
        "session_preload_libraries",
        "local_preload_libraries",
        "timezone",
        "log_timezone",
        "wal_keep_size",
        "wal_level",
        "wal_log_hints",
        "archive_command",
        "archive_library",
        "archive_mode",
    }
)
_RUN_PREFIXES = ("unix_socket_", "recovery_", "log_destination", "logging_collector", "log_directory", "log_filename")

# Exact names that guard security, the audit trail or acknowledged commits.
_GUARDED = frozenset(
    {
        "allow_in_place_tablespaces",
        "allow_system_table_mods",
        "authentication_timeout",
        "db_user_namespace",
        "deadlock_timeout",
        "dynamic_library_path",
        "full_page_writes",
        "fsync",
        "ignore_checksum_failure",
        "ignore_invalid_pages",
        "ignore_system_indexes",
        "compute_query_id",
        "log_connections",
        "log_disconnections",
        "log_line_prefix",
        "log_lock_waits",
        "log_statement",
        "password_encryption",
        "rds.accepted_password_auth_method",
        "rds.force_autovacuum_logging_level",
        "rds.force_ssl",
        "row_security",
        "search_path",
        "synchronize_seqscans",
        "synchronous_commit",
        "synchronous_standby_names",
        "track_io_timing",
        "zero_damaged_pages",
    }
)
# parameter -> what setting it would do
_HARMFUL = {
    "archive_cleanup_command": "the server would run it as a command of the system",
    "backslash_quote": "clients and server could differ about quoting, and take text for SQL",
    "data_sync_retry": "after a failed write to disk the server would go on, and acknowledged commits could be lost",
    "default_transaction_read_only": "the primary would refuse writes, also those that set up roles and grants",
    "event_triggers": "it can switch off the audit trail of changes of structure",
    "extension_destdir": "the server would load code from another folder",
    "jit_provider": "it names a library that every session would load",
    "lo_compat_privileges": "it switches off the check of privileges on large objects",
    "log_min_error_statement": "it can keep failed statements out of the log, or put others in, passwords and all",
    "log_min_messages": "it can keep the audit trail out of the log",
    "session_replication_role": "it switches off triggers, and with them foreign keys and the audit trail",
    "standard_conforming_strings": "clients and server could differ about quoting, and take text for SQL",
}
_GUARDED_PREFIXES = ("ssl", "krb_", "pgaudit.", "pg_stat_statements.", "pam_", "ldap", "debug_")


def reason_to_refuse(parameter: str) -> Refusal | None:
    """Say why a parameter (small letters) is refused, or `None` where it is free to set."""
    if setting := _DERIVED.get(parameter):
        return Refusal("it follows from another setting", f"set {setting} of the cluster instead")
    if parameter in _RUN or parameter.startswith(_RUN_PREFIXES):
        return Refusal("what runs the servers sets it", _LEAVE_OUT)
    if harm := _HARMFUL.get(parameter):
        return Refusal(harm, _LEAVE_OUT)
    if parameter in _GUARDED or parameter.startswith(_GUARDED_PREFIXES):
        return Refusal("it guards security, the audit trail or acknowledged commits", _LEAVE_OUT)
    return None
