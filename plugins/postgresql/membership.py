"""Rights that an administrator lacks who is no superuser, as on a managed service: held for some statements only.

Whoever may create roles may also join them, and so get the rights of their owners. The official plugin does the same.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from psycopg import sql

from plugins.postgresql.catalogue import rows
from plugins.postgresql.connections import Connection

__all__ = ["as_member_of", "is_superuser"]


def is_superuser(connection: Connection) -> bool:
    """Say whether the connected user is one."""
    query = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"
    return bool(rows(connection, query)[0][0])


@contextmanager
def as_member_of(connection: Connection, roles: Iterable[str]) -> Iterator[None]:
    """Belong to these roles inside the block, unless the user has their rights already.

    Superusers among them, and roles that are not there, are left out: the statement's own error says more. In a
    transaction that fails there is nothing to give back.
    """
    joined = _missing(connection, sorted(set(roles)))
    for role in joined:
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
    try:
        yield
    except BaseException:
        if connection.autocommit and not connection.closed:
            _leave(connection, joined)
        raise
    _leave(connection, joined)


def _missing(connection: Connection, roles: list[str]) -> list[str]:
    query = (
        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (%s) AND NOT rolsuper "
        "AND NOT pg_catalog.pg_has_role(current_user, oid, 'USAGE') ORDER BY rolname"
    )
    return [str(name) for (name,) in rows(connection, query, [roles])]


def _leave(connection: Connection, joined: list[str]) -> None:
    for role in joined:
        connection.execute(sql.SQL("REVOKE {} FROM CURRENT_USER").format(sql.Identifier(role)))
