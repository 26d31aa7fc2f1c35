"""Cases of dataguard-cover-stateful: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "stateful", UNSET),
    ("DataGuard:guard", "stateful", {}),
    ("DataGuard:guard", "stateful", ""),
    ("DataGuard:guard", "stateful.PatroniMember:postgres-1", UNSET),
    ("DataGuard:guard", "stateful.Database:fashion-wallet", UNSET),
    ("DataGuard:guard", "stateful.MongodMember:mongodb-1", UNSET),
    ("DataGuard:guard", "stateful.MongoReplicaSet:mongodb", UNSET),
    ("DataGuard:guard", "stateful.MongoCollection:designs", UNSET),
    ("DataGuard:guard", "stateful.MongoDataKey:personal", UNSET),
    ("DataGuard:guard", "", UNSET),
]
PASSES: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "stateful.PatroniMember:postgres-1", UNKNOWN),
    ("DataGuard:guard", "stateful.PatroniMember:postgres-9", "more"),
    ("Database:fashion-wallet", "name", "another"),
    ("MongoCollection:designs", "", UNSET),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("DataGuard:guard", "stateful", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("DataGuard:guard", "stateful.Etcd:etcd-1", UNSET, "Etcd etcd-1: DataGuard.stateful is without Etcd:etcd-1"),
]
GUARD = "DataGuard:guard"
FIRES += [
    (GUARD, f"stateful.{one}", UNSET)
    for one in ("Instance:postgres-primary", "Instance:postgres-recovery", "Bucket:fashion-wallet-bucket-dumps")
]
PASSES += [
    (GUARD, f"stateful.{one}", UNSET)
    for one in ("Instance:postgres-replica-b", "Bucket:fashion-wallet-bucket-access-logs")
]
PASSES += [(GUARD, "", {"stateful.Etcd:etcd-1": UNSET, "lost": ["Etcd:etcd-1"], "allow": ["Etcd:etcd-1"]})]
