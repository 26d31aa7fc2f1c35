"""The one list of what is watched: it has every line of the specification, and each watch is told from all others."""

import json
import re

import pytest

from components.monitoring.atlas import alerts
from components.monitoring.kubernetes import rule_group
from components.monitoring.metrics import METRICS, MONGODB, POSTGRESQL, watches
from components.monitoring.queries import PREFIX, queries
from components.monitoring.watches import (
    AtlasWatch,
    CloudWatchWatch,
    Database,
    InsightsWatch,
    LogWatch,
    PrometheusWatch,
    Sources,
)
from settings import ClusterSettings, MongodbSettings, TimescaleSettings
from settings.cloud.monitoring import MonitoringSettings

SOURCES = Sources(
    monitoring=MonitoringSettings(alert_emails=("oncall@example.com",)),
    postgres=ClusterSettings(),
    timescale=TimescaleSettings(),
    mongodb=MongodbSettings(),
)

POSTGRESQL_LINES = {  # spec 5.1.1
    "Connection Metrics": ("Active connections", "Idle connections", "Connection wait time", "Connection errors"),
    "Query Performance": (
        "Slow query log (> 200ms)",
        "Query execution plans",
        "Index usage statistics",
        "Cache hit ratio (> 95% target)",
    ),
    "Database Health": ("Table bloat", "Index bloat", "Dead tuples", "Transaction wraparound", "Replication lag"),
    "Resource Usage": ("CPU utilization", "Memory usage", "Disk I/O", "Disk space"),
}
MONGODB_LINES = {  # spec 5.1.2
    "Connection Metrics": ("Current connections", "Available connections", "Connection creation rate"),
    "Operation Performance": ("Operation latency", "Read/write throughput", "Index usage", "Collection scan rate"),
    "Database Health": ("Replication lag", "Oplog window", "WiredTiger cache", "Document validation errors"),
    "Resource Usage": ("Memory usage", "Disk space", "Network I/O", "Page faults"),
}
LINES = [
    (group, line, database)
    for lines_of, databases in ((POSTGRESQL_LINES, ("postgres", "timescale")), (MONGODB_LINES, ("mongodb",)))
    for group, lines in lines_of.items()
    for line in lines
    for database in databases
]


@pytest.mark.parametrize("group,line,database", LINES)
def test_every_line_of_the_specification_has_a_watch_of_every_database(
    group: str, line: str, database: Database
) -> None:
    part = MONGODB if database == "mongodb" else POSTGRESQL
    (metric,) = [one for one in part if (one.group, one.name) == (group, line)]
    assert database in metric.databases


def test_the_specification_s_own_numbers_are_the_limits() -> None:
    limits = {
        (type(watch).__name__, watch.key): watch.limit(SOURCES)
        for _, watch in watches(CloudWatchWatch | InsightsWatch | PrometheusWatch)
    }
    assert limits["CloudWatchWatch", "replica-lag"] == 1
    assert limits["PrometheusWatch", "replica-lag"] == 1
    assert limits["InsightsWatch", "cache-hits"] == 95
    assert limits["PrometheusWatch", "cache-hits"] == 95
    assert limits["CloudWatchWatch", "cpu"] == 80
    # Four users' pools of 100 and 20 reserved: spec 3.1.1.
    assert limits["CloudWatchWatch", "connections"] == 420 * 80 / 100


def test_each_watch_can_be_told_from_all_others_of_its_kind() -> None:
    aws = [watch.key for _, watch in watches(CloudWatchWatch | InsightsWatch | LogWatch)]
    atlas = [watch.key for _, watch in watches(AtlasWatch)]
    rules = [(watch.key, database) for _, watch in watches(PrometheusWatch) for database in watch.databases]
    for keys in (aws, atlas, rules):
        assert len(set(keys)) == len(keys) > 0


def test_every_meaning_says_what_to_do_and_fits_into_a_description() -> None:
    for metric in METRICS:
        assert metric.meaning.endswith(".")
        assert 40 < len(metric.meaning) <= 140
        assert metric.watches


def test_every_limit_is_a_number_of_the_settings() -> None:
    for metric in METRICS:
        for watch in metric.watches:
            if watch.limit is not None:
                assert watch.limit(SOURCES) >= 0, metric.name


def test_arithmetic_names_counters_that_performance_insights_has() -> None:
    operands = {operand for _, watch in watches(InsightsWatch) for operand in watch.operands}
    assert operands == {
        "db.Cache.blks_hit",
        "db.IO.blks_read",
        "db.SQL.tup_fetched",
        "db.SQL.tup_returned",
        "db.state.active_count",
        "db.state.idle_count",
        "db.state.idle_in_transaction_count",
        "os.fileSys.usedPercent",
        "os.memory.total",
        "FreeableMemory",
    }
    hits = next(watch for _, watch in watches(InsightsWatch) if watch.key == "cache-hits")
    assert hits.formula({"db.Cache.blks_hit": "m1", "db.IO.blks_read": "m2"}) == "100*m1/(m1+m2)"


# Atlas Administration API: metrics of a host that an alert may be about, and events.
ATLAS_METRICS = """
    ASSERT_MSG ASSERT_REGULAR ASSERT_USER ASSERT_WARNING AVG_COMMAND_EXECUTION_TIME AVG_READ_EXECUTION_TIME
    AVG_WRITE_EXECUTION_TIME CACHE_BYTES_READ_INTO CACHE_BYTES_WRITTEN_FROM CACHE_USAGE_DIRTY CACHE_USAGE_USED
    COMPUTED_MEMORY CONNECTIONS CONNECTIONS_PERCENT CURSORS_TOTAL_OPEN CURSORS_TOTAL_TIMED_OUT DB_DATA_SIZE_TOTAL
    DB_STORAGE_TOTAL DISK_PARTITION_SPACE_USED_DATA DISK_PARTITION_UTILIZATION_DATA DOCUMENT_DELETED DOCUMENT_INSERTED
    DOCUMENT_RETURNED DOCUMENT_UPDATED EXTRA_INFO_PAGE_FAULTS GLOBAL_LOCK_CURRENT_QUEUE_READERS
    GLOBAL_LOCK_CURRENT_QUEUE_TOTAL GLOBAL_LOCK_CURRENT_QUEUE_WRITERS MEMORY_RESIDENT MEMORY_VIRTUAL NETWORK_BYTES_IN
    NETWORK_BYTES_OUT NETWORK_NUM_REQUESTS NORMALIZED_SYSTEM_CPU_STEAL NORMALIZED_SYSTEM_CPU_USER OPCOUNTER_CMD
    OPCOUNTER_DELETE OPCOUNTER_GETMORE OPCOUNTER_INSERT OPCOUNTER_QUERY OPCOUNTER_UPDATE OPERATIONS_SCAN_AND_ORDER
    OPLOG_MASTER_LAG_TIME_DIFF OPLOG_MASTER_TIME OPLOG_RATE_GB_PER_HOUR OPLOG_SLAVE_LAG_MASTER_TIME
    QUERY_EXECUTOR_SCANNED QUERY_EXECUTOR_SCANNED_OBJECTS QUERY_TARGETING_SCANNED_OBJECTS_PER_RETURNED
    QUERY_TARGETING_SCANNED_PER_RETURNED RESTARTS_IN_LAST_HOUR TICKETS_AVAILABLE_READS TICKETS_AVAILABLE_WRITES
"""
ATLAS_EVENTS = ("CPS_RESTORE_FAILED", "CPS_SNAPSHOT_BEHIND", "CPS_SNAPSHOT_FAILED", "NO_PRIMARY")


def test_alerts_of_atlas_are_in_its_own_words() -> None:
    found = {alert.name: alert for alert in alerts(SOURCES)}
    assert len(found) == len(list(watches(AtlasWatch)))
    for alert in found.values():
        if alert.metric:
            assert alert.metric in ATLAS_METRICS.split()
            assert alert.threshold is not None
            assert alert.mode == "AVERAGE"
        else:
            assert alert.event_type in (*ATLAS_EVENTS, "REPLICATION_OPLOG_WINDOW_RUNNING_OUT")
    lag, window = found["replication-lag"], found["oplog-window"]
    assert (lag.metric, lag.operator, lag.threshold, lag.units) == (
        "OPLOG_SLAVE_LAG_MASTER_TIME",
        "GREATER_THAN",
        10,
        "SECONDS",
    )
    assert (window.operator, window.threshold, window.units) == ("LESS_THAN", 24, "HOURS")
    assert found["no-primary"].threshold is None


@pytest.mark.parametrize("database", ["postgres", "timescale", "mongodb"])
def test_rules_of_prometheus_have_every_word_replaced(database: Database) -> None:
    group = rule_group(database, SOURCES, stack="prod", namespace="fashion-wallet", atlas_cluster="fw")
    rules = group["rules"]
    assert len(rules) == sum(database in watch.databases for _, watch in watches(PrometheusWatch))
    assert len({rule["alert"] for rule in rules}) == len(rules) > 0
    for rule in rules:
        assert "$" not in rule["expr"]
        assert re.search(r" (>|<|>=) [0-9.e+]+$", rule["expr"])
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert rule["expr"].count("{") == rule["expr"].count("}")
        assert re.fullmatch(r"[0-9]+[mh]", rule["for"])
        assert rule["labels"]["database"] == database
        if database != "mongodb":
            assert 'namespace="fashion-wallet"' in rule["expr"]


def test_a_rule_says_what_is_wrong_and_what_to_do() -> None:
    rules = {rule["alert"]: rule for rule in _rules("timescale")}
    lag = rules["FashionWalletTimescaleReplicaLag"]
    assert lag["expr"] == (
        'max by (pod) (cnpg_pg_replication_lag{namespace="fashion-wallet",pod=~"timescale-[0-9]+"}) > 1'
    )
    assert lag["for"] == "1m"
    assert lag["annotations"]["summary"] == "timescale: Replication lag: more than 1 s"
    assert lag["annotations"]["description"].startswith("A replica is behind")
    bloat = {rule["alert"]: rule for rule in _rules("postgres")}["FashionWalletPostgresTableBloat"]
    assert (
        'fashion_wallet_table_bloat_percent{namespace="fashion-wallet",container="postgres-exporter"}'
        in (bloat["expr"])
    )
    assert "cnpg_" not in bloat["expr"]


def _rules(database: Database) -> list[dict[str, dict[str, str]]]:
    rules: list[dict[str, dict[str, str]]] = rule_group(database, SOURCES, stack="prod", namespace="fashion-wallet")[
        "rules"
    ]
    return rules


def test_rules_ask_only_for_what_the_queries_give() -> None:
    given = {
        f"{PREFIX}_{name.removeprefix(PREFIX + '_')}_{column}"
        for name, query in json.loads(queries(database="d", slow_query_ms=200)).items()
        for metric in query["metrics"]
        for column, described in metric.items()
        if described["usage"] != "LABEL"
    }
    for _, watch in watches(PrometheusWatch):
        for asked in re.findall(r"\$own(\w+)", watch.expression):
            assert PREFIX + asked in given
