"""Cases of rds-instance-export-logs: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "enabledCloudwatchLogsExports", bad)
    for bad in (UNSET, [], "", 0, ["upgrade"], ["postgresql", 0], "postgresql")
]
PASSES: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "enabledCloudwatchLogsExports", ["upgrade", "postgresql", "iam-db-auth-error"]),
    ("Instance:postgres-primary", "enabledCloudwatchLogsExports", ["upgrade", "postgresql", UNKNOWN]),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "enabledCloudwatchLogsExports", UNKNOWN),
    ("Instance:postgres-primary", "enabledCloudwatchLogsExports", ["upgrade", UNKNOWN]),
]
SAYS = [
    (
        "Instance:postgres-primary",
        "enabledCloudwatchLogsExports",
        ["upgrade"],
        "enabledCloudwatchLogsExports is without postgresql; allowed: a list",
    )
]
LIMITS = [("logs", ["postgresql"], ("Instance:postgres-primary", "enabledCloudwatchLogsExports", ["postgresql"]))]
