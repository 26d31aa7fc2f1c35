"""Cases of walletdb-require-tls-1-3: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "minimumTlsVersion", "TLSv1.2"),
    ("PatroniMember:postgres-1", "minimumTlsVersion", UNSET),
    ("PatroniMember:postgres-1", "minimumTlsVersion", ""),
    ("PatroniMember:postgres-1", "minimumTlsVersion", 0),
    ("PatroniCluster:postgres", "minimumTlsVersion", "TLSv1.2"),
    ("PatroniCluster:postgres", "minimumTlsVersion", UNSET),
    ("PatroniCluster:postgres", "parameters.ssl_min_protocol_version", "TLSv1"),
    ("PatroniCluster:postgres", "parameters.ssl_min_protocol_version", ""),
    ("PatroniMember:postgres-2", "parameters.ssl", "off"),
    ("PatroniMember:postgres-2", "parameters.ssl", False),
    ("PatroniMember:postgres-2", "parameters.ssl", ""),
    ("PgBouncer:pgbouncer", "minimumTlsVersion", "tlsv1.3"),
    ("PgBouncer:pgbouncer", "minimumTlsVersion", UNSET),
    ("HAProxy:haproxy", "minimumTlsVersion", "TLSv1.1"),
    ("MongodMember:mongodb-2", "minimumTlsVersion", "TLSv1.2"),
    ("MongodMember:mongodb-2", "minimumTlsVersion", ""),
    ("MongodMember:mongodb-2", "minimumTlsVersion", UNSET),
]
PASSES: list[tuple[str, str, object]] = [
    ("PatroniCluster:postgres", "parameters.ssl_min_protocol_version", "TLSv1.3"),
    ("PatroniCluster:postgres", "parameters.ssl", "on"),
    ("PatroniCluster:postgres", "parameters", UNSET),
    ("HAProxy:haproxy", "minimumTlsVersion", UNSET),
    ("MongoReplicaSet:mongodb", "minimumTlsVersion", UNSET),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "minimumTlsVersion", UNKNOWN),
    ("PatroniCluster:postgres", "parameters.ssl_min_protocol_version", UNKNOWN),
    ("PatroniCluster:postgres", "parameters.ssl", UNKNOWN),
    ("MongodMember:mongodb-2", "minimumTlsVersion", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("PatroniMember:postgres-1", "minimumTlsVersion", "TLSv1.2", "minimumTlsVersion is TLSv1.2; allowed: TLSv1.3."),
]
FIRES += [
    ("HAProxy:haproxy", "", {"minimumTlsVersion": UNSET, "parameters": {"ssl_min_protocol_version": "TLSv1.2"}}),
    ("PatroniCluster:postgres", "parameters", {"ssl_min_protocol_version": "TLSv1.3", "ssl": "off"}),
]
SAYS += [("PatroniCluster:postgres", "parameters.ssl", "off", "postgres: parameters.ssl is off; allowed: on.")]
