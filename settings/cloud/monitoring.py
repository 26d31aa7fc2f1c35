"""The settings of monitoring in the cloud: who is told, and when (spec 5.1).

Owns: thresholds that are no settings of the databases themselves. Does not own: the lag that is accepted
(`postgres.maximumLagMs`, `mongodb.maximumLagMs`), what is slow (`slowQueryMs`), the oplog's window
(`mongodb.oplogRetentionH`) and how many connections a server takes: alarms read those where they are. How long logs
are kept is `rds.py`'s.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from settings.base import Model
from settings.checks import Allowed, wrong
from settings.cloud.kubernetes import Image

__all__ = ["BLOAT_EXTENSION", "MongodbAlarmSettings", "MonitoringSettings", "PostgresqlAlarmSettings"]

BLOAT_EXTENSION: Final = "pgstattuple"
"""By which bloat is measured; without it that is not watched."""

_MINUTE_S: Final = 60


def _whole_minutes(value: int) -> int:
    if value % _MINUTE_S:
        raise wrong(
            "is no multiple of 60, as CloudWatch's alarms need it", f"set it to {value // _MINUTE_S * _MINUTE_S}"
        )
    return value


Email = Annotated[
    str,
    Allowed("an e-mail address"),
    StringConstraints(pattern=r"^[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}$"),
]
Emails = Annotated[
    tuple[Email, ...], Field(strict=False, min_length=1, max_length=20), Allowed("a list of e-mail addresses, 1 to 20")
]
Minutes = Annotated[
    int, Field(ge=60, le=3600), Allowed("a multiple of 60 from 60 to 3600"), AfterValidator(_whole_minutes)
]
Labels = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,252}$")],
        Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$")],
    ],
    Allowed("labels of Kubernetes, each with a text"),
]


class PostgresqlAlarmSettings(Model):
    """When PostgreSQL alerts: RDS and the time-series instance alike (spec 5.1.1)."""

    cpu_percent: int = Field(default=80, ge=1, le=100, description="CPU in use.")
    free_memory_percent: int = Field(default=10, ge=1, le=90, description="Memory that must be free.")
    swap_mib: int = Field(default=256, ge=1, le=1_048_576, description="Swap in use.")
    free_storage_percent: int = Field(default=20, ge=1, le=90, description="Disk space that must be free.")
    disk_queue_depth: int = Field(default=64, ge=1, le=10_000, description="Requests that wait for the disk.")
    disk_latency_ms: int = Field(default=20, ge=1, le=10_000, description="Mean time of a read or a write.")
    connections_percent: int = Field(
        default=80, ge=1, le=100, description="Connections in use, of those that the server takes."
    )
    active_connections_percent: int = Field(
        default=50, ge=1, le=100, description="Connections that run a statement, of those that the server takes."
    )
    idle_connections_percent: int = Field(
        default=60,
        ge=1,
        le=100,
        description="Idle connections, of those that the server takes: a leak, or a wrong pool.",
    )
    connection_wait_ms: int = Field(default=1_000, ge=1, le=600_000, description="Wait for a connection of the pooler.")
    connection_errors: int = Field(
        default=10, ge=1, le=100_000, description="Connections that were refused or broke, within five minutes."
    )
    slow_queries: int = Field(
        default=100, ge=1, le=1_000_000, description="Statements in the log of slow ones, within five minutes."
    )
    slow_statements: int = Field(
        default=5, ge=1, le=10_000, description="Different statements whose mean is slow, where no log is read."
    )
    sequential_scans: int = Field(
        default=50,
        ge=1,
        le=1_000_000,
        description="Slow statements whose plan reads a table from end to end, and such reads of tables of more than "
        "10,000 rows (spec 3.6.1), within five minutes.",
    )
    index_usage_percent: int = Field(
        default=50, ge=1, le=100, description="Rows that an index found, of all that were read; less alerts."
    )
    cache_hit_percent: int = Field(default=95, ge=1, le=100, description="Blocks found in the cache (spec 5.1.1).")
    table_bloat_percent: int = Field(default=30, ge=1, le=99, description="Space of a large table that holds nothing.")
    index_bloat_percent: int = Field(default=50, ge=1, le=99, description="Space of a large index that holds nothing.")
    dead_tuples_percent: int = Field(default=20, ge=1, le=99, description="Dead rows of a table, of all it has.")
    stuck_vacuums: int = Field(
        default=5,
        ge=1,
        le=10_000,
        description="Vacuums within five minutes that had to leave dead rows: an old transaction holds them back.",
    )
    wraparound_transactions: int = Field(
        default=500_000_000,
        ge=10_000_000,
        le=1_500_000_000,
        description="Transactions since the oldest that is not frozen. At 2 billion PostgreSQL takes no more writes.",
    )
    recovery_lag_s: int = Field(
        default=300,
        ge=1,
        le=900,
        description="Lag of the replica in the recovery region; the RPO is 900 s (spec 5.2.2).",
    )
    deadlocks: int = Field(default=1, ge=1, le=10_000, description="Deadlocks within five minutes (spec 3.7.2).")
    backup_age_h: int = Field(
        default=36, ge=1, le=720, description="Age of the newest base backup of the time series, which is made daily."
    )
    archive_age_s: int = Field(
        default=300,
        ge=60,
        le=900,
        description="Age of the last WAL file in the archive; the RPO is 900 s (spec 5.2.2).",
    )


class MongodbAlarmSettings(Model):
    """When MongoDB alerts (spec 5.1.2). Rates are means over five minutes, of each member."""

    cpu_percent: int = Field(default=80, ge=1, le=100, description="CPU in use.")
    connections_percent: int = Field(
        default=80, ge=1, le=100, description="Connections in use, of those that a member takes and of those expected."
    )
    connections_created_per_s: int = Field(
        default=20, ge=1, le=100_000, description="New connections: a client without a pool makes one each time."
    )
    latency_ms: int = Field(default=100, ge=1, le=60_000, description="Mean time of a read, a write or a command.")
    operations_per_s: int = Field(
        default=5_000,
        ge=1,
        le=10_000_000,
        description="Reads, and writes, of each kind: more than was ever planned for.",
    )
    scanned_per_returned: int = Field(
        default=1_000, ge=1, le=1_000_000, description="Documents looked at for each one returned: an index is missing."
    )
    sorts_without_index_per_s: int = Field(
        default=20, ge=1, le=1_000_000, description="Sorts for which there was no index."
    )
    scanned_documents_per_s: int = Field(
        default=50_000, ge=1, le=100_000_000, description="Documents looked at: collections read from end to end."
    )
    cache_read_mib_per_s: int = Field(
        default=100, ge=1, le=100_000, description="Read into WiredTiger's cache: what is in use does not fit."
    )
    cache_dirty_mib: int = Field(
        default=512, ge=1, le=1_048_576, description="Of WiredTiger's cache not yet on disk: writes outrun the disk."
    )
    refused_writes_per_s: int = Field(
        default=1, ge=1, le=100_000, description="Errors that clients cause; what a validator refuses is one."
    )
    memory_resident_mib: int = Field(default=6_144, ge=64, le=16_777_216, description="Memory of the process.")
    disk_used_percent: int = Field(default=80, ge=1, le=99, description="Disk space in use.")
    network_mib_per_s: int = Field(default=100, ge=1, le=100_000, description="Network traffic, in each direction.")
    snapshot_late_h: int = Field(default=12, ge=1, le=720, description="How late a snapshot may be.")
    page_faults_per_s: int = Field(
        default=50, ge=1, le=1_000_000, description="Page faults: memory is short, or the system's swap is in use."
    )


class MonitoringSettings(Model):
    """Alarms, and whom they tell."""

    alert_emails: Emails = Field(
        description="Who is told. Each address must confirm the mail that AWS sends once, or hears nothing."
    )
    period_s: Minutes = Field(default=60, description="Length of the period that one value is the mean of.")
    evaluation_periods: int = Field(default=5, ge=1, le=100, description="Periods that an alarm looks at.")
    datapoints_to_alarm: int = Field(
        default=3, ge=1, le=100, description="Of those, how many must be bad for an alert."
    )
    repeat_min: int = Field(
        default=60, ge=5, le=1440, description="How often Atlas repeats an alert while its cause stays."
    )
    prometheus_labels: Labels = Field(
        default_factory=dict,
        description="Labels of PrometheusRule and ScrapeConfig, by which the cluster's Prometheus finds them, "
        "say `{release: kube-prometheus-stack}`. Prometheus must reach cloud.mongodb.com and the members on Atlas.",
    )
    exporter_image: Image = Field(
        default="quay.io/prometheuscommunity/postgres-exporter:v0.17.1",
        description="Image of postgres_exporter, which looks inside RDS for what CloudWatch cannot: bloat, dead rows.",
    )
    postgresql: PostgresqlAlarmSettings = Field(
        default_factory=PostgresqlAlarmSettings, description="Thresholds of PostgreSQL, on RDS and in Kubernetes."
    )
    mongodb: MongodbAlarmSettings = Field(default_factory=MongodbAlarmSettings, description="Thresholds of MongoDB.")
