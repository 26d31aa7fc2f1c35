"""Connection strings (spec 4.1.1): MongoDB URIs that work as they are, in any driver."""

from collections.abc import Sequence
from urllib.parse import quote

import pulumi

from settings.mongodb import MongodbPoolSettings

__all__ = ["administrator_uri", "connection_uri", "secret_uri"]


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

    Every part may hold any character. Options are those of spec 4.1.1, under the names of the URI's specification:
    https://www.mongodb.com/docs/manual/reference/connection-string-options/
    """
    options = {
        "replicaSet": replica_set,
        "authSource": "admin",
        "authMechanism": "SCRAM-SHA-256",
        "tls": "true",
        "tlsCAFile": ca_file,
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
    hosts: Sequence[str],
    replica_set: str,
    database: str,
    ca_file: str,
    pool: MongodbPoolSettings,
) -> pulumi.Output[str]:
    """Return the same for a password that arrives late, as a secret."""
    return pulumi.Output.secret(password).apply(
        lambda text: connection_uri(
            user=user,
            password=text,
            hosts=hosts,
            replica_set=replica_set,
            database=database,
            ca_file=ca_file,
            pool=pool,
        )
    )


def administrator_uri(hosts: Sequence[str], replica_set: str) -> str:
    """Return the URI of whoever logs in by a certificate; it names nobody and holds no secret."""
    return f"mongodb://{','.join(hosts)}/?replicaSet={quote(replica_set, safe='')}&tls=true"
