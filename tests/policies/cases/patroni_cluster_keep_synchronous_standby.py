"""Cases of patroni-cluster-keep-synchronous-standby: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("PatroniCluster:postgres", "synchronousStandbys", 0),
    ("PatroniCluster:postgres", "synchronousStandbys", UNSET),
    ("PatroniCluster:postgres", "synchronousStandbys", ""),
    ("PatroniCluster:postgres", "synchronousStandbys", True),
    ("PatroniMember:postgres-3", "synchronousStandbys", 0),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", "off"),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", "local"),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", ""),
    ("PatroniMember:postgres-3", "parameters.synchronous_commit", False),
]
PASSES: list[tuple[str, str, object]] = [
    ("PatroniCluster:postgres", "synchronousStandbys", 2),
    ("PatroniCluster:timescale", "synchronousStandbys", UNSET),
    ("PatroniCluster:postgres", "parameters.synchronous_commit", "remote_apply"),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("PatroniCluster:postgres", "synchronousStandbys", UNKNOWN),
    ("PatroniMember:postgres-1", "parameters.synchronous_commit", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("PatroniCluster:postgres", "synchronousStandbys", 0, "synchronousStandbys is 0; allowed: at least 1, as the"),
]
