"""What is watched of PostgreSQL's health and of what it uses up (spec 5.1.1).

Part of the one list, `metrics.METRICS`. Each of the specification's lines is one `Metric` with its words.
"""

from typing import Final

from components.monitoring.watches import (
    CloudWatchWatch,
    Database,
    InsightsWatch,
    LogWatch,
    Metric,
    PrometheusWatch,
    Sources,
)
from settings.cloud.monitoring import PostgresqlAlarmSettings

__all__ = ["POSTGRESQL_HEALTH"]

_MIB = 1024 * 1024
_BOTH: Final[tuple[Database, ...]] = ("postgres", "timescale")


def _p(sources: Sources) -> PostgresqlAlarmSettings:
    return sources.monitoring.postgresql


def _lag_s(sources: Sources) -> float:
    return sources.postgres.maximum_lag_ms / 1000


_HEALTH = (
    Metric(
        group="Database Health",
        name="Table bloat",
        meaning="A large table holds much space with nothing in it. Vacuum does not keep up; pg_repack gives it back.",
        watches=(
            PrometheusWatch(
                key="table-bloat",
                expression="max by (schemaname, relname) (last_over_time($own_table_bloat_percent{$pods}[25h])) "
                "> $limit",
                limit=lambda s: _p(s).table_bloat_percent,
                unit="%",
                for_="15m",
                databases=_BOTH,
            ),
        ),
    ),
    Metric(
        group="Database Health",
        name="Index bloat",
        meaning="A large index is mostly empty. REINDEX CONCURRENTLY makes it anew while it is in use.",
        watches=(
            PrometheusWatch(
                key="index-bloat",
                expression="max by (schemaname, relname) (last_over_time($own_index_bloat_percent{$pods}[25h])) "
                "> $limit",
                limit=lambda s: _p(s).index_bloat_percent,
                unit="%",
                for_="15m",
                databases=_BOTH,
            ),
        ),
    ),
    Metric(
        group="Database Health",
        name="Dead tuples",
        meaning="Many dead rows wait for vacuum. Look for an old transaction or an idle slot that holds it back.",
        watches=(
            LogWatch(
                key="dead-tuples",
                pattern='"are dead but not yet removable" -", 0 are dead"',
                limit=lambda s: _p(s).stuck_vacuums,
                unit="vacuums",
                on=("primary",),
            ),
            PrometheusWatch(
                key="dead-tuples",
                expression="max by (schemaname, relname) ($own_large_tables_dead_tuples_percent{$pods}) > $limit",
                limit=lambda s: _p(s).dead_tuples_percent,
                unit="%",
                for_="1h",
                databases=_BOTH,
            ),
        ),
    ),
    Metric(
        group="Database Health",
        name="Transaction wraparound",
        meaning="Old transactions are not frozen. At 2 billion the server takes no more writes: vacuum freeze now.",
        watches=(
            CloudWatchWatch(
                key="wraparound",
                metric="MaximumUsedTransactionIDs",
                limit=lambda s: _p(s).wraparound_transactions,
                unit="transactions",
                statistic="Maximum",
                on=("primary",),
            ),
            PrometheusWatch(
                key="wraparound",
                expression="max by (pod, datname) (cnpg_pg_database_xid_age{$pods}) > $limit",
                limit=lambda s: _p(s).wraparound_transactions,
                unit="transactions",
            ),
        ),
    ),
    Metric(
        group="Database Health",
        name="Replication lag",
        meaning="A replica is behind: readers see old data. Look for long transactions on it, and at its disk.",
        watches=(
            CloudWatchWatch(
                key="replica-lag",
                metric="ReplicaLag",
                limit=_lag_s,
                unit="s",
                statistic="Maximum",
                missing="breaching",  # a replica that says nothing does not follow
                on=("replica",),
            ),
            CloudWatchWatch(
                key="recovery-lag",
                metric="ReplicaLag",
                limit=lambda s: _p(s).recovery_lag_s,
                unit="s",
                statistic="Maximum",
                missing="breaching",
                on=("recovery",),
            ),
            PrometheusWatch(
                key="replica-lag",
                expression="max by (pod) (cnpg_pg_replication_lag{$pods}) > $limit",
                limit=lambda s: s.timescale.maximum_lag_ms / 1000,
                unit="s",
                for_="1m",
            ),
            PrometheusWatch(
                key="replica-stopped",
                expression="max by (pod) (cnpg_pg_replication_in_recovery{$pods}) - on (pod) "
                "max by (pod) (cnpg_pg_replication_is_wal_receiver_up{$pods}) > $limit",
                limit=lambda _: 0,
                unit="stopped",
                for_="1m",
            ),
        ),
    ),
    Metric(
        group="Backup monitoring",
        name="WAL archive",
        meaning="WAL is not archived, so the newest data is in no backup (RPO, spec 5.2.2). See the archiver.",
        watches=(
            PrometheusWatch(
                key="wal-archive",
                expression="max by (pod) (cnpg_pg_stat_archiver_seconds_since_last_archival{$pods}) > $limit",
                limit=lambda s: _p(s).archive_age_s,
                unit="s",
            ),
        ),
    ),
)

_BACKUPS = (
    Metric(
        group="Backup monitoring",
        name="Base backups",
        meaning="The newest base backup is old, or there is none: a restore takes longer. See the operator's events.",
        watches=(
            PrometheusWatch(
                key="base-backup-age",
                expression="(time() - max by (namespace) "
                "(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{$pods})) / 3600 > $limit",
                limit=lambda s: _p(s).backup_age_h,
                unit="h",
                for_="15m",
            ),
        ),
    ),
    Metric(
        group="Backup monitoring",
        name="Dumps and restore tests",
        meaning="A job that makes a dump, or restores one to test it, failed (spec 5.2.2). Its pod's log says why.",
        watches=(
            PrometheusWatch(
                key="jobs-failed",
                expression='max by (job_name) (kube_job_status_failed{namespace="$namespace"}) > $limit',
                limit=lambda _: 0,
                unit="failed pods",
                for_="1m",
            ),
        ),
    ),
)

_RESOURCES = (
    Metric(
        group="Resource Usage",
        name="CPU utilization",
        meaning="The processor is busy. Look for new or slow statements before taking a larger instance.",
        watches=(
            CloudWatchWatch(
                key="cpu",
                metric="CPUUtilization",
                limit=lambda s: _p(s).cpu_percent,
                unit="%",
                missing="breaching",  # an instance that is down says nothing
            ),
            PrometheusWatch(
                key="cpu",
                expression="100 * sum by (pod) "
                '(rate(container_cpu_usage_seconds_total{$pods,container="postgres"}[5m])) / on (pod) sum by (pod) '
                '(kube_pod_container_resource_limits{$pods,container="postgres",resource="cpu"}) > $limit',
                limit=lambda s: _p(s).cpu_percent,
                unit="%",
            ),
        ),
    ),
    Metric(
        group="Resource Usage",
        name="Memory usage",
        meaning="Memory is short. Too many connections, too large a work_mem, or too small an instance.",
        watches=(
            InsightsWatch(
                key="free-memory",
                expression="100*{FreeableMemory}/({os.memory.total}*1024)",
                limit=lambda s: _p(s).free_memory_percent,
                unit="%",
                below=True,
            ),
            CloudWatchWatch(key="swap", metric="SwapUsage", limit=lambda s: _p(s).swap_mib * float(_MIB), unit="bytes"),
            PrometheusWatch(
                key="free-memory",
                expression='100 - 100 * sum by (pod) (container_memory_working_set_bytes{$pods,container="postgres"}) '
                "/ on (pod) sum by (pod) "
                '(kube_pod_container_resource_limits{$pods,container="postgres",resource="memory"}) < $limit',
                limit=lambda s: _p(s).free_memory_percent,
                unit="%",
            ),
        ),
    ),
    Metric(
        group="Resource Usage",
        name="Disk I/O",
        meaning="The disk does not keep up. Look for plans that read too much, checkpoints, and the volume's limits.",
        watches=(
            CloudWatchWatch(
                key="disk-queue", metric="DiskQueueDepth", limit=lambda s: _p(s).disk_queue_depth, unit="requests"
            ),
            CloudWatchWatch(
                key="read-latency", metric="ReadLatency", limit=lambda s: _p(s).disk_latency_ms / 1000, unit="s"
            ),
            CloudWatchWatch(
                key="write-latency", metric="WriteLatency", limit=lambda s: _p(s).disk_latency_ms / 1000, unit="s"
            ),
            PrometheusWatch(
                key="read-latency",
                expression="sum by (pod) (rate(cnpg_pg_stat_database_blk_read_time{$pods}[5m])) "
                "/ on (pod) sum by (pod) (rate(cnpg_pg_stat_database_blks_read{$pods}[5m])) > $limit",
                limit=lambda s: _p(s).disk_latency_ms,
                unit="ms",
            ),
        ),
    ),
    Metric(
        group="Resource Usage",
        name="Disk space",
        meaning="The disk fills up. Look for WAL that a slot or a failing archive holds, then for growing tables.",
        watches=(
            InsightsWatch(
                key="free-storage",
                expression="100-{os.fileSys.usedPercent}",
                limit=lambda s: _p(s).free_storage_percent,
                unit="%",
                below=True,
            ),
            PrometheusWatch(
                key="free-storage",
                expression="100 * min by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes{$volumes}) "
                "/ on (persistentvolumeclaim) "
                "min by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{$volumes}) < $limit",
                limit=lambda s: _p(s).free_storage_percent,
                unit="%",
            ),
        ),
    ),
)

POSTGRESQL_HEALTH: tuple[Metric, ...] = (*_HEALTH, *_BACKUPS, *_RESOURCES)
