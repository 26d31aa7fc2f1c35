"""Cases of dataguard-forbid-data-loss: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "lost", ["PatroniMember:postgres-1"]),
    ("DataGuard:guard", "lost", [""]),
    ("DataGuard:guard", "lost", [0]),
    ("DataGuard:guard", "lost", UNSET),
    ("DataGuard:guard", "lost", ""),
    ("DataGuard:guard", "lost", 0),
    ("DataGuard:guard", "", {"lost": ["Etcd:etcd-1", "Etcd:etcd-2"], "allow": ["Etcd:etcd-2"]}),
    ("DataGuard:guard", "", {"lost": ["Etcd:etcd-1"], "allow": UNSET}),
]
PASSES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "allow", UNSET),
    ("DataGuard:guard", "", {"lost": ["Etcd:etcd-1"], "allow": ["Etcd:etcd-1"]}),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "lost", UNKNOWN),
    ("DataGuard:guard", "lost", [UNKNOWN]),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("DataGuard:guard", "lost", ["Database:x"], "Database:x is about to be replaced or deleted, and the database with"),
]
FIRES += [
    ("DataGuard:guard", "", {"lost": ["Etcd:etcd-1", "Etcd:etcd-2"], "allow": ["Etcd:etcd-1"]}),
    ("DataGuard:guard", "", {"lost": ["Etcd:etcd-1"], "allow": []}),
]
CANNOT_TELL += [
    ("DataGuard:guard", "", {"lost": ["Etcd:etcd-1"], "allow": UNKNOWN}),
    ("DataGuard:guard", "", {"lost": ["Etcd:etcd-1"], "allow": [UNKNOWN]}),
]
SAYS += [
    (
        "DataGuard:guard",
        "lost",
        ["Other:a:b"],
        "about to be replaced or deleted, and the data it holds with it",
    ),
    ("DataGuard:guard", "lost", UNSET, "DataGuard guard: lost is unset; allowed: a list"),
]
