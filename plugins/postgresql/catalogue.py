"""Small questions to the server's catalogues that several resource types ask."""

from typing import Any, Final

from plugins.base import ProviderError
from plugins.postgresql.connections import Connection

__all__ = ["PUBLIC", "database_exists", "role_exists", "role_oid", "rows", "schema_exists", "split_id"]

PUBLIC: Final = "public"
_PUBLIC_OID: Final = 0


def rows(connection: Connection, query: Any, parameters: Any = None) -> list[tuple[Any, ...]]:
    """Run a query and return all its rows."""
    return connection.execute(query, parameters).fetchall()


def role_exists(connection: Connection, name: str) -> bool:
    """Say whether there is a role of that name; PUBLIC always is."""
    return role_oid(connection, name) is not None


def role_oid(connection: Connection, name: str) -> int | None:
    """Return the oid by which access lists name a role (0 for PUBLIC), None where there is no such role."""
    if name == PUBLIC:
        return _PUBLIC_OID
    found = rows(connection, "SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %s", [name])
    return int(found[0][0]) if found else None


def schema_exists(connection: Connection, name: str) -> bool:
    """Say whether the connected database has a schema of that name."""
    return bool(rows(connection, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", [name]))


def database_exists(connection: Connection, name: str) -> bool:
    """Say whether the server has a database of that name."""
    return bool(rows(connection, "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s", [name]))


def split_id(id_: str, shape: str) -> tuple[str, str]:
    """Split an imported id `database.name`; `shape` says in an error what it should look like."""
    database, dot, name = id_.partition(".")
    if not (database and dot and name):
        raise ProviderError(f"got the id {id_!r}, allowed is {shape}")
    return database, name
