"""Cases of dataguard-forbid-stale-allowance: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "allow", ["PatroniMember:postgres-1"]),
    ("DataGuard:guard", "allow", [""]),
    ("DataGuard:guard", "allow", 0),
    ("DataGuard:guard", "allow", "PatroniMember:postgres-1"),
]
PASSES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "allow", UNSET),
    ("DataGuard:guard", "allow", []),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "allow", UNKNOWN),
    ("DataGuard:guard", "allow", [UNKNOWN]),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("DataGuard:guard", "allow", ["Etcd:x"], "allow is Etcd:x, which this update does not lose"),
]
SAYS += [("DataGuard:guard", "allow", 0, "DataGuard guard: allow is 0; allowed: a list of ids of `lost`.")]
CANNOT_TELL += [
    ("DataGuard:guard", "", {"allow": ["Etcd:etcd-1"], "lost": UNKNOWN}),
    ("DataGuard:guard", "", {"allow": ["Etcd:etcd-1"], "lost": [UNKNOWN]}),
]
