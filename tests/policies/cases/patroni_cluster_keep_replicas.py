"""Cases of patroni-cluster-keep-replicas: resource, property, value."""

from policies.values import UNKNOWN, UNSET

TWO = ["postgres-1", "postgres-2"]

FIRES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "clusters", UNSET),
    ("DataGuard:guard", "clusters", ""),
    ("DataGuard:guard", "clusters", []),
    ("DataGuard:guard", "clusters.postgres", ""),
    ("DataGuard:guard", "clusters.postgres.members", TWO),
    ("DataGuard:guard", "clusters.postgres.members", [*TWO, "postgres-2"]),
    ("DataGuard:guard", "clusters.postgres.members", [*TWO, ""]),
    ("DataGuard:guard", "clusters.timescale.members", []),
    ("DataGuard:guard", "clusters.timescale.members", UNSET),
    ("DataGuard:guard", "clusters.postgres2", {"members": TWO, "synchronousStandbys": 1}),
    ("PatroniCluster:postgres", "scope", UNSET),
    ("PatroniCluster:postgres", "scope", ""),
    ("PatroniCluster:postgres", "scope", 0),
    ("PatroniCluster:postgres", "members", [{"name": name} for name in TWO]),
    ("PatroniCluster:postgres", "members", [{}, {}, {}]),
    ("PatroniCluster:postgres", "members", UNSET),
    ("PatroniCluster:timescale", "members", []),
]
PASSES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "clusters", {}),
    ("DataGuard:guard", "clusters.postgres.members", [*TWO, "postgres-3", UNKNOWN]),
    ("PatroniMember:postgres-3", "name", "another"),
    ("PatroniMember:postgres-3", "scope", UNSET),
    ("PatroniCluster:timescale", "", UNSET),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "clusters", UNKNOWN),
    ("DataGuard:guard", "clusters.postgres", UNKNOWN),
    ("DataGuard:guard", "clusters.postgres.members", UNKNOWN),
    ("DataGuard:guard", "clusters.postgres.members", [*TWO, UNKNOWN]),
    ("PatroniCluster:postgres", "scope", UNKNOWN),
    ("PatroniCluster:postgres", "members", [*({"name": name} for name in TWO), {"name": UNKNOWN}]),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("DataGuard:guard", "clusters.postgres.members", TWO, "scope postgres is 1 (of 2 members); allowed: at least 2."),
    ("DataGuard:guard", "clusters", UNSET, "clusters is unset; allowed: a map of every cluster's members and"),
]
