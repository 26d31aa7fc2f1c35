"""Cases of patroni-cluster-keep-replicas: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-3", "scope", UNSET),
    ("PatroniMember:postgres-3", "scope", ""),
    ("PatroniMember:postgres-3", "scope", 0),
    ("PatroniMember:timescale-1", "", UNSET),
    ("PatroniMember:postgres-3", "", UNSET),
    ("PatroniMember:postgres-3", "scope", "timescale2"),
]
PASSES: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-3", "name", "another"),
    ("PatroniCluster:timescale", "", UNSET),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-3", "scope", UNKNOWN),
    ("PatroniMember:timescale-1", "scope", UNKNOWN),
    ("PatroniCluster:postgres", "scope", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("PatroniMember:postgres-3", "", UNSET, "scope postgres is 1 (of 2 members); allowed: at least 2."),
]
