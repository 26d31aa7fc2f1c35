"""Access lists as the catalogues have them, with the server's built-in defaults where nothing is recorded."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import sql

from plugins.base import ProviderError
from plugins.postgresql.catalogue import rows
from plugins.postgresql.connections import Connection
from plugins.postgresql.privileges import Held

__all__ = [
    "default_privileges_held",
    "every_privilege",
    "held_on_database",
    "held_on_objects",
    "held_on_schema",
    "owners",
    "targets",
]

# Letters of acldefault() and of pg_default_acl.defaclobjtype, which differ for sequences.
DEFAULT_LETTERS: Final = {
    "database": "d",
    "schema": "n",
    "table": "r",
    "sequence": "s",
    "function": "f",
    "procedure": "f",
    "routine": "f",
    "type": "T",
}
_RECORDED_LETTERS: Final = {**DEFAULT_LETTERS, "sequence": "S"}
# What GRANT … ON ALL TABLES covers: tables, partitioned and foreign tables, views, materialised views.
_RELATION_KINDS: Final = {"table": ["r", "p", "f", "v", "m"], "sequence": ["S"]}
_ROUTINE_KINDS: Final = {"function": ["f", "a", "w"], "procedure": ["p"], "routine": ["f", "a", "w", "p"]}
# One row an object; the role by oid, 0 for PUBLIC.
_HELD: Final = sql.SQL(
    "ARRAY(SELECT a.privilege_type FROM pg_catalog.aclexplode({acl}) a WHERE a.grantee = %(role)s), "
    "ARRAY(SELECT a.privilege_type FROM pg_catalog.aclexplode({acl}) a WHERE a.grantee = %(role)s AND a.is_grantable), "
    "{owner} = %(role)s",
)


def every_privilege(connection: Connection, object_type: str) -> frozenset[str]:
    """Return all privileges that this server knows for a type of object: what an owner has by default."""
    query = "SELECT privilege_type FROM pg_catalog.aclexplode(pg_catalog.acldefault(%s, 10::oid)) WHERE grantee = 10"
    return frozenset(str(name) for (name,) in rows(connection, query, [DEFAULT_LETTERS[object_type]]))


def held_on_database(connection: Connection, name: str, role: int) -> list[Held] | None:
    """Return what the role holds on the database, None where there is none of that name."""
    query = sql.SQL("SELECT {} FROM pg_catalog.pg_database WHERE datname = %(name)s")
    return _held(connection, query.format(_columns("datacl", "d", "datdba")), {"name": name, "role": role}) or None


def held_on_schema(connection: Connection, name: str, role: int) -> list[Held] | None:
    """Return what the role holds on the schema, None where there is none of that name."""
    query = sql.SQL("SELECT {} FROM pg_catalog.pg_namespace WHERE nspname = %(name)s")
    return _held(connection, query.format(_columns("nspacl", "n", "nspowner")), {"name": name, "role": role}) or None


def held_on_objects(
    connection: Connection,
    object_type: str,
    schema: str,
    objects: Sequence[str],
    role: int,
) -> list[Held] | None:
    """Return what the role holds on each named object of a schema, or on all; None if a named one is gone."""
    parameters: dict[str, Any] = {"schema": schema, "role": role, "objects": list(objects)}
    if object_type in _RELATION_KINDS:
        parameters["kinds"] = _RELATION_KINDS[object_type]
        columns = _columns("relacl", DEFAULT_LETTERS[object_type], "relowner")
        some = sql.SQL("AND c.relname = ANY (%(objects)s)" if objects else "")
        query = sql.SQL(
            "SELECT {} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %(schema)s AND c.relkind::text = ANY (%(kinds)s) {}",
        ).format(columns, some)
    else:
        parameters["kinds"] = _ROUTINE_KINDS[object_type]
        if objects:
            oids = [_routine(connection, schema, item, parameters["kinds"]) for item in objects]
            parameters["objects"] = [oid for oid in oids if oid is not None]
        some = sql.SQL("AND p.oid = ANY (%(objects)s)" if objects else "")
        query = sql.SQL(
            "SELECT {} FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = %(schema)s AND p.prokind::text = ANY (%(kinds)s) {}",
        ).format(_columns("proacl", "f", "proowner"), some)
    found = _held(connection, query, parameters)
    return None if len(found) < len(set(objects)) else found


def owners(connection: Connection, object_type: str, database: str, schema: str) -> list[str]:
    """Return who owns what a grant is on: the database, the schema, or any object of the type in it."""
    parameters: list[Any]
    if object_type == "database":
        query, parameters = "SELECT datdba FROM pg_catalog.pg_database WHERE datname = %s", [database]
    elif object_type == "schema":
        query, parameters = "SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = %s", [schema]
    elif object_type in _RELATION_KINDS:
        query = (
            "SELECT c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind::text = ANY (%s)"
        )
        parameters = [schema, _RELATION_KINDS[object_type]]
    else:
        query = (
            "SELECT p.proowner FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = %s AND p.prokind::text = ANY (%s)"
        )
        parameters = [schema, _ROUTINE_KINDS[object_type]]
    names = f"SELECT DISTINCT pg_catalog.pg_get_userbyid(o.owner) FROM ({query}) AS o (owner)"  # noqa: S608
    return [str(name) for (name,) in rows(connection, names, parameters)]


def targets(connection: Connection, object_type: str, schema: str, objects: Sequence[str]) -> list[sql.Composable]:
    """Return the named objects as a GRANT has them. Raises ProviderError for a routine that is not there."""
    if object_type in _RELATION_KINDS:
        return [sql.Identifier(schema, name) for name in objects]
    found: list[sql.Composable] = []
    for name in objects:
        oid = _routine(connection, schema, name, _ROUTINE_KINDS[object_type])
        if oid is None:
            raise ProviderError(
                f"no {object_type} {schema}.{name}, or several of that name. Allowed is its name, or name and argument "
                "types as in get_auth(text). Create it first: give this resource depends_on it",
            )
        found.append(sql.SQL(str(rows(connection, _SIGNATURE, [oid])[0][0])))
    return found


# The server's own quoting of a routine's name and argument types: the one text that becomes SQL as it is.
_SIGNATURE: Final = (
    "SELECT pg_catalog.format('%%I.%%I(%%s)', n.nspname, p.proname, "
    "pg_catalog.pg_get_function_identity_arguments(p.oid)) FROM pg_catalog.pg_proc p "
    "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = %s"
)


def _routine(connection: Connection, schema: str, name: str, kinds: list[str]) -> int | None:
    """Return the oid of a routine named `name` or `name(type, …)`; None where there is none, or several."""
    bare, parenthesis, arguments = name.partition("(")
    if parenthesis:
        # The server parses the signature, which stays a value on the way there.
        query = (
            "SELECT p.oid FROM pg_catalog.pg_proc p WHERE p.prokind::text = ANY (%(kinds)s) AND p.oid = "
            "pg_catalog.to_regprocedure("
            "pg_catalog.format('%%I.%%I(', %(schema)s::text, %(bare)s::text) || %(arguments)s)"
        )
    else:
        query = (
            "SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
            "WHERE p.prokind::text = ANY (%(kinds)s) AND n.nspname = %(schema)s AND p.proname = %(bare)s"
        )
    parameters = {"kinds": kinds, "schema": schema, "bare": bare.strip(), "arguments": arguments}
    found = rows(connection, query, parameters)
    return int(found[0][0]) if len(found) == 1 else None


def default_privileges_held(
    connection: Connection, object_type: str, owner: str, schema: str | None, role: int
) -> Held:
    """Return what the role will hold on objects that `owner` makes, in a schema or (None) anywhere.

    Privileges for a schema are added to those for anywhere, which begin with the server's built-in ones.
    """
    base = sql.SQL("NULL::aclitem[]") if schema else sql.SQL("pg_catalog.acldefault(%(built_in)s, o.oid)")
    place = sql.SQL(
        "(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = %(schema)s)" if schema else "0",
    )
    query = sql.SQL(
        "SELECT ARRAY(SELECT a.privilege_type FROM pg_catalog.aclexplode(x.acl) a WHERE a.grantee = %(role)s), "
        "ARRAY(SELECT a.privilege_type FROM pg_catalog.aclexplode(x.acl) a "
        "WHERE a.grantee = %(role)s AND a.is_grantable) FROM pg_catalog.pg_roles o, LATERAL "
        "(SELECT coalesce((SELECT d.defaclacl FROM pg_catalog.pg_default_acl d "
        "WHERE d.defaclrole = o.oid AND d.defaclobjtype = %(recorded)s AND d.defaclnamespace = {}), {}) AS acl) x "
        "WHERE o.rolname = %(owner)s",
    ).format(place, base)
    parameters = {
        "role": role,
        "owner": owner,
        "schema": schema,
        "built_in": DEFAULT_LETTERS[object_type],
        "recorded": _RECORDED_LETTERS[object_type],
    }
    found = rows(connection, query, parameters)
    if not found:
        return Held(frozenset(), frozenset())
    return Held(frozenset(found[0][0]), frozenset(found[0][1]))


def _columns(acl: str, letter: str, owner: str) -> sql.Composed:
    """Return what `Held` is made of, from the columns of a catalogue that hold access list and owner."""
    recorded, by = sql.Identifier(acl), sql.Identifier(owner)
    effective = sql.SQL("coalesce({}, pg_catalog.acldefault({}, {}))").format(recorded, sql.Literal(letter), by)
    return _HELD.format(acl=effective, owner=by)


def _held(connection: Connection, query: sql.Composed, parameters: dict[str, Any]) -> list[Held]:
    found = rows(connection, query, parameters)
    return [Held(frozenset(has), frozenset(may), own) for has, may, own in found]
