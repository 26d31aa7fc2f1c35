"""Connection strings (spec 4.1.1): MongoDB URIs that work as they are, in any driver."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import pulumi

from settings.mongodb import MongodbPoolSettings

__all__ = ["Seeds", "administrator_uri", "connection_uri", "secret_uri", "seeds_of"]


class Seeds(NamedTuple):
    """Where a replica set is found: addresses of members, and the set's name."""

    hosts: tuple[str, ...]
    replica_set: str


def connection_uri(
    *,
    user: str,
    password: str,
    hosts: Sequence[str],
    replica_set: str,
    database: str,
    ca_file: str,
    pool: MongodbPoolSettings,
) -> str:
    """Return a URI that verifies the servers' certificates and names, waits for a majority and retries once.

    Every part may hold any character; without `ca_file` the client trusts the authorities of its machine. Options are
    those of spec 4.1.1, under the names of the URI's specification:
    https://www.mongodb.com/docs/manual/reference/connection-string-options/
    """
    options = {
        "replicaSet": replica_set,
        "authSource": "admin",
        "authMechanism": "SCRAM-SHA-256",
        "tls": "true",
        **({"tlsCAFile": ca_file} if ca_file else {}),
        "w": "majority",
        "journal": "true",
        "wTimeoutMS": pool.write_timeout_ms,
        "readConcernLevel": "majority",
        "readPreference": "primaryPreferred",
        "retryWrites": "true",
        "retryReads": "true",
        "maxPoolSize": pool.max_pool_size,
        "minPoolSize": pool.min_pool_size,
        "maxIdleTimeMS": pool.max_idle_time_ms,
        "serverSelectionTimeoutMS": pool.server_selection_timeout_ms,
        "socketTimeoutMS": pool.socket_timeout_ms,
        "connectTimeoutMS": pool.connect_timeout_ms,
    }
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    query = "&".join(f"{name}={quote(str(value), safe='/')}" for name, value in options.items())
    return f"mongodb://{login}@{','.join(hosts)}/{quote(database, safe='')}?{query}"


def secret_uri(
    *,
    user: str,
    password: pulumi.Input[str],
    hosts: pulumi.Input[Sequence[str]],
    replica_set: pulumi.Input[str],
    database: str,
    ca_file: str,
    pool: MongodbPoolSettings,
) -> pulumi.Output[str]:
    """Return the same for a password, and perhaps addresses, that arrive late, as a secret."""
    late = {"password": pulumi.Output.secret(password), "hosts": hosts, "replica_set": replica_set}
    return pulumi.Output.all(**late).apply(
        lambda arrived: connection_uri(user=user, database=database, ca_file=ca_file, pool=pool, **arrived)
    )


def administrator_uri(hosts: Sequence[str], replica_set: str) -> str:
    """Return the URI of whoever logs in by a certificate; it names nobody and holds no secret."""
    return f"mongodb://{','.join(hosts)}/?replicaSet={quote(replica_set, safe='')}&tls=true"


def seeds_of(connection_string: str) -> Seeds:
    """Return where a service's own connection string (`mongodb://host:port,…/?replicaSet=…`) leads.

    Raises:
        ValueError: it is of another shape, such as `mongodb+srv`; it is not repeated, for it may hold a password.
    """
    parts = urlsplit(connection_string)
    hosts = tuple(host for host in parts.netloc.rpartition("@")[2].split(",") if host)
    names = parse_qs(parts.query).get("replicaSet", [])
    if parts.scheme != "mongodb" or not hosts or len(names) != 1:
        raise ValueError(
            "the cluster's connection string is not as expected: "
            f"got scheme {parts.scheme or 'none'}, {len(hosts)} hosts, {len(names)} replica sets; "
            "allowed is mongodb://host:port,…/?replicaSet=name"
        )
    return Seeds(hosts, names[0])
