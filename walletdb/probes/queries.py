"""The questions asked in SQL, each one row with one JSON value, for PostgreSQL 15 and newer."""

from __future__ import annotations

from typing import Final

__all__ = ["ENDPOINT", "REPLAYED", "SERVER", "WRITE"]

SERVER: Final = """
SELECT jsonb_build_object(
    'in_recovery', recovery.active,
    'version', split_part(current_setting('server_version'), ' ', 1),
    'timeline', CASE WHEN recovery.active
        THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
            (SELECT timeline_id FROM pg_control_checkpoint()))
        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
    'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
    'tls_version', tls.version,
    'cipher', tls.cipher,
    'data_directory', current_setting('data_directory'),
    'settings', jsonb_build_object(
        'data_checksums', current_setting('data_checksums'),
        'ssl_min_protocol_version', current_setting('ssl_min_protocol_version'),
        'password_encryption', current_setting('password_encryption')),
    'pending_restart', (SELECT jsonb_agg(name ORDER BY name) FROM pg_settings
        WHERE pending_restart AND NOT starts_with(name, 'recovery_target')),
    'lsn', CASE WHEN NOT recovery.active THEN pg_current_wal_lsn() - '0/0' END,
    'standbys', (SELECT jsonb_agg(
        jsonb_build_object('name', application_name, 'state', state, 'sync_state', sync_state)
        ORDER BY application_name)
        FROM pg_stat_replication WHERE state <> 'backup'),
    'received', CASE WHEN recovery.active THEN pg_last_wal_receive_lsn() - '0/0' END,
    'replayed', CASE WHEN recovery.active THEN pg_last_wal_replay_lsn() - '0/0' END,
    'replay_age_s', CASE WHEN recovery.active
        THEN round(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 3) END,
    'replay_paused', CASE WHEN recovery.active THEN pg_is_wal_replay_paused() ELSE false END,
    'receiver', (SELECT status FROM pg_stat_wal_receiver))
FROM (SELECT pg_is_in_recovery() AS active) AS recovery,
    (SELECT version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls
"""
"""What a member says of itself (ServerView). Positions in the WAL are bytes; some functions fail on a replica.

A leader that was promoted keeps its recovery targets as pending once Patroni takes them from the file; they say nothing
about a server that runs, and Patroni writes them anew before the next recovery.
"""

ENDPOINT: Final = """
SELECT jsonb_build_object(
    'host', host(inet_server_addr()),
    'port', inet_server_port(),
    'in_recovery', pg_is_in_recovery(),
    'tls_version', tls.version,
    'cipher', tls.cipher,
    'timescaledb_available', EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb'),
    'timescaledb_installed', (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'))
FROM (SELECT version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls
"""
"""Who answers here (EndpointView)."""

REPLAYED: Final = "SELECT to_jsonb(pg_last_wal_replay_lsn() - '0/0' >= %s)"
"""Has this replica replayed up to that byte?"""

WRITE: Final = "SELECT to_jsonb(pg_logical_emit_message(true, 'walletdb', 'is this server writable?')::text)"
"""A commit that leaves nothing but WAL; fails on a replica."""
