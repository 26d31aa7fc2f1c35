"""Cases of database-require-alarms: resource, property, value."""

from policies.values import UNKNOWN, UNSET

ALARM = "MetricAlarm:postgres-primary-CPUUtilization"
LAG = "MetricAlarm:postgres-replica-b-ReplicaLag"
FIRES: list[tuple[str, str, object]] = [
    (ALARM, "", UNSET),
    (LAG, "", UNSET),
    *((ALARM, "metricName", bad) for bad in (UNSET, "", "CPUCreditBalance", 0)),
    *((ALARM, "dimensions", bad) for bad in (UNSET, {}, "", {"DBInstanceIdentifier": "another"})),
]
PASSES: list[tuple[str, str, object]] = [
    (
        "MetricAlarm:postgres-primary-FreeStorageSpace",
        "",
        {
            "metricName": UNSET,
            "dimensions": UNSET,
            "metricQueries": [{"expression": "DB_PERF_INSIGHTS('RDS', 'db-PRIMARY', 'os.fileSys.usedPercent.avg')"}],
        },
    ),
    ("MetricAlarm:postgres-primary-FreeStorageSpace", "metricName", "os.fileSys.usedPercent"),
    (
        ALARM,
        "",
        {
            "metricName": UNSET,
            "dimensions": UNSET,
            "metricQueries": [
                {
                    "metric": {
                        "metricName": "CPUUtilization",
                        "dimensions": {"DBInstanceIdentifier": "fashion-wallet-prod"},
                    }
                }
            ],
        },
    ),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (ALARM, "metricName", UNKNOWN),
    (ALARM, "dimensions", UNKNOWN),
    (ALARM, "", {"metricName": UNSET, "metricQueries": UNKNOWN}),
    ("Instance:postgres-primary", "", {"replicateSourceDb": UNKNOWN}),
]
SAYS = [
    (ALARM, "", UNSET, "Instance postgres-primary: an alarm on CPUUtilization is not there; allowed: a MetricAlarm")
]
LIMITS = [
    ("metrics", ["DatabaseConnections"], (ALARM, "metricName", "")),
    ("replicaMetrics", [], (LAG, "metricName", "")),
]
LEARNED = {"metricName": "CPUUtilization", "dimensions": {"DBInstanceIdentifier": UNKNOWN}}
FIRES += [(ALARM, "", {**LEARNED, "@depends.dimensions": ["Instance:postgres-replica-b"]})]
PASSES += [(ALARM, "", {**LEARNED, "@depends.dimensions": ["Instance:postgres-primary"]})]
CANNOT_TELL += [(ALARM, "", LEARNED), (ALARM, "", {"metricName": UNSET, "metricQueries": [{"expression": UNKNOWN}]})]
