"""What is watched of MongoDB (spec 5.1.2): by Atlas's own alerts, and by Prometheus what Atlas has no alert for.

Part of the one list, `metrics.METRICS`. Each of the specification's lines is one `Metric` with its words. Names of
metrics: Atlas Administration API, "Create One Alert Configuration"; units of rates are those of a second.
"""

from components.monitoring.watches import AtlasWatch, Limit, Metric, PrometheusWatch, Sources
from settings.cloud.monitoring import MongodbAlarmSettings
from settings.derived import mongodb_connections

__all__ = ["MONGODB"]


def _m(sources: Sources) -> MongodbAlarmSettings:
    return sources.monitoring.mongodb


def _atlas(key: str, metric: str, limit: Limit, units: str = "RAW", *, below: bool = False) -> AtlasWatch:
    return AtlasWatch(key=key, metric=metric, limit=limit, units=units, below=below)


_CONNECTIONS = (
    Metric(
        group="Connection Metrics",
        name="Current connections",
        meaning="More connections than the pools of all services may open: a client runs too often, or leaks them.",
        watches=(
            _atlas(
                "connections",
                "CONNECTIONS",
                lambda s: mongodb_connections(s.mongodb) * _m(s).connections_percent / 100,
            ),
        ),
    ),
    Metric(
        group="Connection Metrics",
        name="Available connections",
        meaning="Few connections are left of those that the cluster's tier takes: raise the tier or shrink the pools.",
        watches=(_atlas("connections-left", "CONNECTIONS_PERCENT", lambda s: _m(s).connections_percent),),
    ),
    Metric(
        group="Connection Metrics",
        name="Connection creation rate",
        meaning="Connections are made all the time: a client has no pool, or its connections break.",
        watches=(
            PrometheusWatch(
                key="mongodb-connections-created",
                expression="max by (instance) (rate(mongodb_connections_totalCreated{$atlas}[5m])) > $limit",
                limit=lambda s: _m(s).connections_created_per_s,
                unit="connections/s",
                databases=("mongodb",),
            ),
        ),
    ),
)

_OPERATIONS = (
    Metric(
        group="Operation Performance",
        name="Operation latency",
        meaning="Operations are slow. Atlas's Query Profiler names them; look at indexes, then at the disk.",
        watches=(
            _atlas("read-latency", "AVG_READ_EXECUTION_TIME", lambda s: _m(s).latency_ms, "MILLISECONDS"),
            _atlas("write-latency", "AVG_WRITE_EXECUTION_TIME", lambda s: _m(s).latency_ms, "MILLISECONDS"),
            _atlas("command-latency", "AVG_COMMAND_EXECUTION_TIME", lambda s: _m(s).latency_ms, "MILLISECONDS"),
        ),
    ),
    Metric(
        group="Operation Performance",
        name="Read/write throughput",
        meaning="More operations than were ever planned for: a loop in a client, or growth that needs a larger tier.",
        watches=(
            _atlas("queries", "OPCOUNTER_QUERY", lambda s: _m(s).operations_per_s),
            _atlas("inserts", "OPCOUNTER_INSERT", lambda s: _m(s).operations_per_s),
            _atlas("updates", "OPCOUNTER_UPDATE", lambda s: _m(s).operations_per_s),
            _atlas("deletes", "OPCOUNTER_DELETE", lambda s: _m(s).operations_per_s),
        ),
    ),
    Metric(
        group="Operation Performance",
        name="Index usage",
        meaning="Queries look at far more than they return, or sort without an index: Performance Advisor names one.",
        watches=(
            _atlas(
                "scanned-per-returned",
                "QUERY_TARGETING_SCANNED_OBJECTS_PER_RETURNED",
                lambda s: _m(s).scanned_per_returned,
            ),
            _atlas("sorts-without-index", "OPERATIONS_SCAN_AND_ORDER", lambda s: _m(s).sorts_without_index_per_s),
        ),
    ),
    Metric(
        group="Operation Performance",
        name="Collection scan rate",
        meaning="Very many documents are looked at: collections are read from end to end.",
        watches=(
            _atlas("scanned-documents", "QUERY_EXECUTOR_SCANNED_OBJECTS", lambda s: _m(s).scanned_documents_per_s),
        ),
    ),
)

_HEALTH = (
    Metric(
        group="Database Health",
        name="Replication lag",
        meaning="A secondary is behind: reads of it are old, and majority writes wait. Look at its disk and network.",
        watches=(
            _atlas(
                "replication-lag",
                "OPLOG_SLAVE_LAG_MASTER_TIME",
                lambda s: s.mongodb.maximum_lag_ms / 1000,
                "SECONDS",
            ),
            AtlasWatch(key="no-primary", event="NO_PRIMARY"),
        ),
    ),
    Metric(
        group="Database Health",
        name="Oplog window",
        meaning="The oplog holds less time than a member may be away. Raise its size, or find what writes so much.",
        watches=(
            _atlas("oplog-window", "OPLOG_MASTER_TIME", lambda s: s.mongodb.oplog_retention_h, "HOURS", below=True),
            AtlasWatch(
                key="oplog-running-out",
                event="REPLICATION_OPLOG_WINDOW_RUNNING_OUT",
                limit=lambda _: 1,
                units="HOURS",
                below=True,
            ),
        ),
    ),
    Metric(
        group="Database Health",
        name="WiredTiger cache",
        meaning="What is in use does not fit into the cache, or changes are not written out fast enough.",
        watches=(
            _atlas("cache-reads", "CACHE_BYTES_READ_INTO", lambda s: _m(s).cache_read_mib_per_s, "MEGABYTES"),
            _atlas("cache-dirty", "CACHE_USAGE_DIRTY", lambda s: _m(s).cache_dirty_mib, "MEGABYTES"),
        ),
    ),
    Metric(
        group="Database Health",
        name="Document validation errors",
        meaning="Writes are refused: by a validator, by a unique index. Services count them by collection and reason.",
        # Each write that a validator refuses is one of them (seen on mongod 6.0).
        watches=(_atlas("refused-writes", "ASSERT_USER", lambda s: _m(s).refused_writes_per_s),),
    ),
    Metric(
        group="Backup monitoring",
        name="Snapshots",
        meaning="A snapshot failed or is late, or a restore failed (spec 5.2.2). Atlas's backup page says why.",
        watches=(
            AtlasWatch(key="snapshot-failed", event="CPS_SNAPSHOT_FAILED"),
            AtlasWatch(
                key="snapshot-late", event="CPS_SNAPSHOT_BEHIND", limit=lambda s: _m(s).snapshot_late_h, units="HOURS"
            ),
            AtlasWatch(key="restore-failed", event="CPS_RESTORE_FAILED"),
        ),
    ),
)

_RESOURCES = (
    Metric(
        group="Resource Usage",
        name="CPU utilization",
        meaning="The processor is busy. Look for scans before taking a larger tier.",
        watches=(_atlas("cpu", "NORMALIZED_SYSTEM_CPU_USER", lambda s: _m(s).cpu_percent),),
    ),
    Metric(
        group="Resource Usage",
        name="Memory usage",
        meaning="The process uses most of the member's memory: many connections, large sorts, or too small a tier.",
        watches=(_atlas("memory", "MEMORY_RESIDENT", lambda s: _m(s).memory_resident_mib, "MEGABYTES"),),
    ),
    Metric(
        group="Resource Usage",
        name="Disk space",
        meaning="The disk fills up. Look at which collection grows, and at indexes that nobody uses.",
        watches=(_atlas("disk-space", "DISK_PARTITION_SPACE_USED_DATA", lambda s: _m(s).disk_used_percent),),
    ),
    Metric(
        group="Resource Usage",
        name="Network I/O",
        meaning="Much traffic: large documents are read whole, or a client repeats itself.",
        watches=(
            _atlas("network-in", "NETWORK_BYTES_IN", lambda s: _m(s).network_mib_per_s, "MEGABYTES"),
            _atlas("network-out", "NETWORK_BYTES_OUT", lambda s: _m(s).network_mib_per_s, "MEGABYTES"),
        ),
    ),
    Metric(
        group="Resource Usage",
        name="Page faults",
        meaning="Memory is short: the system reads back what it had put away.",
        watches=(_atlas("page-faults", "EXTRA_INFO_PAGE_FAULTS", lambda s: _m(s).page_faults_per_s),),
    ),
)

MONGODB: tuple[Metric, ...] = (*_CONNECTIONS, *_OPERATIONS, *_HEALTH, *_RESOURCES)
"""The lines of spec 5.1.2, and what 5.2.2 adds."""
