"""Cases of walletdb-listen-on-loopback: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "listenAddress", "0.0.0.0"),  # noqa: S104 - the wrong value
    ("PatroniMember:postgres-1", "listenAddress", "::"),
    ("PatroniMember:postgres-1", "listenAddress", "*"),
    ("PatroniMember:postgres-1", "listenAddress", ""),
    ("PatroniMember:postgres-1", "listenAddress", UNSET),
    ("PatroniMember:postgres-1", "listenAddress", 0),
    ("PatroniMember:postgres-1", "listenAddress", "127.0.0.1,192.168.1.5"),
    ("PatroniMember:postgres-1", "listenAddress", "127.0.0.1,"),
    ("PatroniMember:postgres-1", "listenAddress", "::ffff:10.0.0.1"),
    ("PatroniMember:postgres-1", "listenAddress", "db.example.com"),
    ("PatroniMember:postgres-1", "parameters.listen_addresses", "*"),
    ("PatroniCluster:postgres", "parameters.listen_addresses", ""),
    ("PatroniCluster:postgres", "listenAddress", "10.0.0.1"),
    ("Etcd:etcd-1", "listenAddress", "10.0.0.1"),
    ("HAProxy:haproxy", "listenAddress", UNSET),
    ("PgBouncer:pgbouncer", "listenAddress", "10.0.0.1"),
    ("MongodMember:mongodb-1", "listenAddress", "0.0.0.0"),  # noqa: S104 - the wrong value
    ("MongodMember:mongodb-1", "listenAddress", "127.0.0.1,10.0.0.1"),
    ("MongodMember:mongodb-1", "listenAddress", ""),
    ("MongodMember:mongodb-1", "listenAddress", UNSET),
]
PASSES: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "listenAddress", "127.0.0.53"),
    ("PatroniMember:postgres-1", "listenAddress", "::1"),
    ("PatroniMember:postgres-1", "listenAddress", "localhost"),
    ("PatroniMember:postgres-1", "listenAddress", "127.0.0.1, ::1"),
    ("PatroniMember:postgres-1", "listenAddress", "::ffff:127.0.0.1"),
    ("PatroniMember:postgres-1", "parameters.listen_addresses", "127.0.0.1"),
    ("MongodMember:mongodb-1", "listenAddress", "127.0.0.1,::1"),
    ("MongoReplicaSet:mongodb", "listenAddress", UNSET),
    ("RandomPassword:password", "length", 64),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "listenAddress", UNKNOWN),
    ("PatroniMember:postgres-1", "parameters", UNKNOWN),
    ("MongodMember:mongodb-1", "listenAddress", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("Etcd:etcd-1", "listenAddress", "10.0.0.1", "listenAddress is 10.0.0.1; allowed: a loopback address"),
]
