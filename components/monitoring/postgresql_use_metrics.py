"""What is watched of how PostgreSQL is used (spec 5.1.1): its connections and its queries.

Part of the one list, `metrics.METRICS`. Each of the specification's lines is one `Metric` with its words.
"""

from components.monitoring.watches import (
    CloudWatchWatch,
    InsightsWatch,
    LogWatch,
    Metric,
    PrometheusWatch,
    Sources,
)
from settings.cloud.monitoring import PostgresqlAlarmSettings
from settings.derived import server_connections

__all__ = ["POSTGRESQL_USE"]

_MAX_CONNECTIONS = 'on (pod) max by (pod) (cnpg_pg_settings_setting{$pods,name="max_connections"})'


def _p(sources: Sources) -> PostgresqlAlarmSettings:
    return sources.monitoring.postgresql


def _share_of_connections(sources: Sources, percent: int) -> float:
    return server_connections(sources.postgres) * percent / 100


_CONNECTIONS = (
    Metric(
        group="Connection Metrics",
        name="Active connections",
        meaning="Too many connections are open or busy. Look for slow statements and locks, then for a wrong pool.",
        watches=(
            CloudWatchWatch(
                key="connections",
                metric="DatabaseConnections",
                limit=lambda s: _share_of_connections(s, _p(s).connections_percent),
                unit="connections",
            ),
            InsightsWatch(
                key="active-connections",
                expression="{db.state.active_count}",
                limit=lambda s: _share_of_connections(s, _p(s).active_connections_percent),
                unit="connections",
            ),
            PrometheusWatch(
                key="connections",
                expression=f"100 * sum by (pod) (cnpg_backends_total{{$pods}}) / {_MAX_CONNECTIONS} > $limit",
                limit=lambda s: _p(s).connections_percent,
                unit="% of max_connections",
            ),
            PrometheusWatch(
                key="active-connections",
                expression='100 * sum by (pod) (cnpg_backends_total{$pods,state="active"}) '
                f"/ {_MAX_CONNECTIONS} > $limit",
                limit=lambda s: _p(s).active_connections_percent,
                unit="% of max_connections",
            ),
        ),
    ),
    Metric(
        group="Connection Metrics",
        name="Idle connections",
        meaning="Many connections do nothing. A client leaks them, or its pool is larger than it needs.",
        watches=(
            InsightsWatch(
                key="idle-connections",
                expression="{db.state.idle_count}+{db.state.idle_in_transaction_count}",
                limit=lambda s: _share_of_connections(s, _p(s).idle_connections_percent),
                unit="connections",
            ),
            PrometheusWatch(
                key="idle-connections",
                expression='100 * sum by (pod) (cnpg_backends_total{$pods,state=~"idle.*"}) '
                f"/ {_MAX_CONNECTIONS} > $limit",
                limit=lambda s: _p(s).idle_connections_percent,
                unit="% of max_connections",
            ),
        ),
    ),
    Metric(
        group="Connection Metrics",
        name="Connection wait time",
        meaning="Clients wait for a connection of the pooler. The pool is used up: look for long transactions.",
        watches=(
            CloudWatchWatch(
                key="connection-wait",
                metric="DatabaseConnectionsBorrowLatency",
                limit=lambda s: _p(s).connection_wait_ms * 1000.0,
                unit="µs",
                missing="notBreaching",
                proxy=True,
            ),
            PrometheusWatch(
                key="connection-wait",
                expression="1000 * max by (pod) (cnpg_pgbouncer_pools_maxwait{$poolers}) > $limit",
                limit=lambda s: _p(s).connection_wait_ms,
                unit="ms",
            ),
        ),
    ),
    Metric(
        group="Connection Metrics",
        name="Connection errors",
        meaning="Connections are refused or break. Look in the log for who, and why: password, limit, certificate.",
        watches=(
            LogWatch(
                key="connection-errors",
                pattern='?"password authentication failed" ?"remaining connection slots" ?"no pg_hba.conf entry" '
                '?"too many connections for" ?"could not accept SSL connection" ?"connection to client lost"',
                limit=lambda s: _p(s).connection_errors,
                unit="errors",
            ),
            CloudWatchWatch(
                key="proxy-connection-errors",
                metric="DatabaseConnectionsSetupFailed",
                limit=lambda s: _p(s).connection_errors,
                unit="errors",
                statistic="Sum",
                missing="notBreaching",
                proxy=True,
            ),
            CloudWatchWatch(
                key="proxy-login-errors",
                metric="ClientConnectionsSetupFailedAuth",
                limit=lambda s: _p(s).connection_errors,
                unit="errors",
                statistic="Sum",
                missing="notBreaching",
                proxy=True,
            ),
            PrometheusWatch(
                key="connection-errors",
                expression="sum by (pod) (increase($own_sessions_sessions_fatal{$pods}[5m]) "
                "+ increase($own_sessions_sessions_abandoned{$pods}[5m])) > $limit",
                limit=lambda s: _p(s).connection_errors,
                unit="errors",
                for_="0m",
            ),
        ),
    ),
)

_QUERIES = (
    Metric(
        group="Query Performance",
        name="Slow query log (> 200ms)",
        meaning="Many statements are slow. The log has them with their durations; pg_stat_statements has the worst.",
        watches=(
            LogWatch(
                key="slow-queries",
                pattern='"duration: " -"plan:"',
                limit=lambda s: _p(s).slow_queries,
                unit="statements",
            ),
            PrometheusWatch(
                key="slow-statements",
                expression="max by (pod) ($own_statements_slow{$pods}) > $limit",
                limit=lambda s: _p(s).slow_statements,
                unit="statements",
                for_="15m",
            ),
        ),
    ),
    Metric(
        group="Query Performance",
        name="Query execution plans",
        meaning="Plans read large tables from end to end. auto_explain has logged them: an index is missing or unused.",
        watches=(
            LogWatch(
                key="sequential-scans",
                pattern='"plan:" "Seq Scan on"',
                limit=lambda s: _p(s).sequential_scans,
                unit="plans",
            ),
            PrometheusWatch(
                key="sequential-scans",
                expression="sum by (pod) (increase($own_large_tables_seq_scan{$pods}[5m])) > $limit",
                limit=lambda s: _p(s).sequential_scans,
                unit="scans",
            ),
        ),
    ),
    Metric(
        group="Query Performance",
        name="Index usage statistics",
        meaning="Most rows are found by reading tables, not by an index. pg_stat_user_tables says which tables.",
        watches=(
            InsightsWatch(
                key="index-usage",
                expression="100*{db.SQL.tup_fetched}/({db.SQL.tup_returned}+1)",
                limit=lambda s: _p(s).index_usage_percent,
                unit="%",
                below=True,
                missing="notBreaching",
            ),
            PrometheusWatch(
                key="index-usage",
                expression="min by (pod, schemaname, relname) ($own_large_tables_index_usage_percent{$pods}) < $limit",
                limit=lambda s: _p(s).index_usage_percent,
                unit="%",
                for_="1h",
            ),
        ),
    ),
    Metric(
        group="Query Performance",
        name="Cache hit ratio (> 95% target)",
        meaning="Blocks come from the disk: what is in use does not fit into memory, or a plan reads far too much.",
        watches=(
            InsightsWatch(
                key="cache-hits",
                expression="100*{db.Cache.blks_hit}/({db.Cache.blks_hit}+{db.IO.blks_read})",
                limit=lambda s: _p(s).cache_hit_percent,
                unit="%",
                below=True,
                missing="notBreaching",  # a server that nobody asks reads nothing: 0/0 has no value
            ),
            PrometheusWatch(
                key="cache-hits",
                expression="100 * sum by (pod) (rate(cnpg_pg_stat_database_blks_hit{$pods}[5m])) "
                "/ on (pod) (sum by (pod) (rate(cnpg_pg_stat_database_blks_hit{$pods}[5m])) "
                "+ on (pod) sum by (pod) (rate(cnpg_pg_stat_database_blks_read{$pods}[5m]))) < $limit",
                limit=lambda s: _p(s).cache_hit_percent,
                unit="%",
                for_="15m",
            ),
        ),
    ),
    Metric(
        group="Query Performance",
        name="Deadlocks",
        meaning="Transactions waited for each other and one was ended (spec 3.7.2). The log names both statements.",
        watches=(
            LogWatch(
                key="deadlocks",
                pattern='"deadlock detected"',
                limit=lambda s: _p(s).deadlocks,
                unit="deadlocks",
                on=("primary",),
            ),
            PrometheusWatch(
                key="deadlocks",
                expression="sum by (pod) (increase(cnpg_pg_stat_database_deadlocks{$pods}[5m])) >= $limit",
                limit=lambda s: _p(s).deadlocks,
                unit="deadlocks",
                for_="0m",
            ),
        ),
    ),
)

POSTGRESQL_USE: tuple[Metric, ...] = (*_CONNECTIONS, *_QUERIES)
