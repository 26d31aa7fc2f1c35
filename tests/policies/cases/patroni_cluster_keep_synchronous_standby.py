"""Cases of patroni-cluster-keep-synchronous-standby: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "clusters.postgres.synchronousStandbys", 0),
    ("DataGuard:guard", "clusters.postgres.synchronousStandbys", UNSET),
    ("DataGuard:guard", "clusters.postgres.synchronousStandbys", ""),
    ("DataGuard:guard", "clusters.postgres.parameters", {"synchronous_commit": "off"}),
    ("PatroniCluster:postgres", "synchronousStandbys", 0),
    ("PatroniCluster:postgres", "synchronousStandbys", UNSET),
    ("PatroniCluster:postgres", "synchronousStandbys", ""),
    ("PatroniCluster:postgres", "synchronousStandbys", True),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", "off"),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", "local"),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", ""),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", False),
]
PASSES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "clusters.postgres.synchronousStandbys", 2),
    ("DataGuard:guard", "clusters.timescale.synchronousStandbys", UNSET),
    ("PatroniCluster:postgres", "synchronousStandbys", 2),
    ("PatroniCluster:timescale", "synchronousStandbys", UNSET),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", "remote_apply"),
    ("PatroniMember:postgres-3", "synchronousStandbys", 0),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "clusters", UNKNOWN),
    ("DataGuard:guard", "clusters.postgres", UNKNOWN),
    ("DataGuard:guard", "clusters.timescale.members", UNKNOWN),
    ("PatroniCluster:postgres", "scope", UNKNOWN),
    ("PatroniCluster:postgres", "synchronousStandbys", UNKNOWN),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    (
        "DataGuard:guard",
        "clusters.postgres.synchronousStandbys",
        0,
        "clusters.postgres.synchronousStandbys is 0; allowed: at least 1, as the scope has 2 replicas.",
    ),
    ("PatroniCluster:postgres", "synchronousStandbys", 0, "synchronousStandbys is 0; allowed: at least 1, as the"),
]
SAYS += [
    (
        "DataGuard:guard",
        "clusters.postgres.parameters",
        {"synchronous_commit": "off"},
        "clusters.postgres.parameters.synchronous_commit is off; allowed: on, remote_write or remote_apply.",
    ),
    (
        "DataGuard:guard",
        "clusters.postgres",
        {"members": ["postgres-1", "postgres-2"], "synchronousStandbys": 0},
        "allowed: at least 1, as the scope has 1 replica.",
    ),
]
FIRES += [("DataGuard:guard", "clusters.timescale", {"members": ["timescale-1", "timescale-2"]})]
