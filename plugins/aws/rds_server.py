"""The real server on this machine that stands behind an instance: its address, and who its administrator is.

An administrator of RDS is no superuser: it may create roles and databases, owns `postgres` and `template1`, and may
create extensions that PostgreSQL leaves to superusers; those are put into template0 beforehand, where every database
has them from. No password is in any text or log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import sql

from plugins.aws.clients import Aws
from plugins.base import Props, ProviderError

__all__ = ["PORT", "address_of", "forget", "set_password", "set_up", "wipe"]

PORT: Final = 5432
_KIND: Final = "rds-addresses"
_EXTENSIONS: Final = ("pg_stat_statements", "pgaudit", "pgstattuple")
"""Those in use that RDS lets its administrator create and PostgreSQL only a superuser."""
_GROUPS: Final = ("rds_superuser", "rds_iam", "rds_replication", "rds_password")
_TIMEOUT_S: Final = 10


def address_of(aws: Aws, identifier: str, inputs: Props) -> str:
    """Return the address of an instance: the primary's server, or for each replica the next one, and then the last."""
    source = inputs.get("replicateSourceDb")
    servers = aws.servers["postgres"]
    if source is None:
        return str(servers["primary"])
    with aws.store.locked(_KIND):
        kept = aws.store.get(_KIND, identifier)
        if kept is None:
            taken = {props["host"] for props in aws.store.all(_KIND).values()}
            hosts = list(servers["replicas"]) or [servers["primary"]]
            kept = {"host": next((host for host in hosts if host not in taken), hosts[-1])}
            aws.store.put(_KIND, identifier, kept)
    return str(kept["host"])


def forget(aws: Aws, identifier: str) -> None:
    """Give the address of a replica that is gone to the next one."""
    aws.store.remove(_KIND, identifier)


def set_up(aws: Aws, username: str, password: str) -> None:
    """Make the administrator, or take over the one that an attempt left, with what RDS gives it."""
    with _superuser(aws, "postgres") as connection:
        for group in _GROUPS:
            _create_role(connection, group)
        _create_role(connection, username)
        role = sql.Identifier(username)
        connection.execute(
            sql.SQL("ALTER ROLE {} WITH LOGIN CREATEROLE CREATEDB NOSUPERUSER NOREPLICATION NOBYPASSRLS").format(role)
        )
        _set_password(connection, username, password)
        connection.execute(sql.SQL("GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION"))
        connection.execute(sql.SQL("GRANT rds_superuser TO {}").format(role))
        for database in ("postgres", "template1"):
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), role),
            )
        connection.execute("ALTER DATABASE template0 ALLOW_CONNECTIONS true")
    try:
        with _superuser(aws, "template0") as connection:
            for extension in _EXTENSIONS:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(sql.Identifier(extension))
                )
    finally:
        with _superuser(aws, "postgres") as connection:
            connection.execute("ALTER DATABASE template0 ALLOW_CONNECTIONS false")


def set_password(aws: Aws, username: str, password: str) -> None:
    """Give the administrator another password."""
    with _superuser(aws, "postgres") as connection:
        _set_password(connection, username, password)


def wipe(aws: Aws) -> None:
    """Take away what a deleted instance took with it: databases, and all roles but those of the server itself."""
    with _superuser(aws, "postgres") as connection:
        databases = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        for (name,) in connection.execute(databases).fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        for database in ("postgres", "template1"):
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(sql.Identifier(database)))
        roles = "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND NOT rolreplication AND rolname !~ '^pg_'"
        for (name,) in connection.execute(roles).fetchall():
            connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def _create_role(connection: psycopg.Connection[Any], name: str) -> None:
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchall():
        connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))


def _set_password(connection: psycopg.Connection[Any], username: str, password: str) -> None:
    """Send a verifier, so that no log of the server ever has the password."""
    verifier = connection.pgconn.encrypt_password(password.encode(), username.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(username), sql.Literal(verifier.decode())))


@contextmanager
def _superuser(aws: Aws, database: str) -> Iterator[psycopg.Connection[Any]]:
    servers = aws.servers
    login = servers["postgres"]["superuser"]
    host = servers["postgres"]["primary"]
    try:
        with psycopg.connect(
            host=host,
            port=servers["postgres"].get("port", PORT),
            dbname=database,
            user=login["user"],
            password=login["password"],
            sslmode="verify-full",
            sslrootcert=servers["ca_file"],
            connect_timeout=_TIMEOUT_S,
            autocommit=True,
        ) as connection:
            yield connection
    except psycopg.Error as error:
        raise ProviderError(
            f"the server behind the instance, {host}, did not do what RDS would: {' '.join(str(error).split())}. It "
            "must be the rehearsal's own, with pg_stat_statements and pgaudit in shared_preload_libraries"
        ) from None
