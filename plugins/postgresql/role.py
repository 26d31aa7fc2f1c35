"""Roles: attributes, settings, memberships, password."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from psycopg import errors as pg
from psycopg import sql

from plugins.base import CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields, in_order_of
from plugins.postgresql import scram
from plugins.postgresql.catalogue import role_exists, rows
from plugins.postgresql.connections import Connection, Server
from plugins.postgresql.entity import Entity
from plugins.postgresql.errors import StatementError
from plugins.postgresql.membership import as_member_of, is_superuser

__all__ = ["Role"]

# Property, keyword, column of pg_roles.
_FLAGS: Final = (
    ("superuser", "SUPERUSER", "rolsuper"),
    ("createDatabase", "CREATEDB", "rolcreatedb"),
    ("createRole", "CREATEROLE", "rolcreaterole"),
    ("inherit", "INHERIT", "rolinherit"),
    ("login", "LOGIN", "rolcanlogin"),
    ("replication", "REPLICATION", "rolreplication"),
    ("bypassRowLevelSecurity", "BYPASSRLS", "rolbypassrls"),
)
# Property and server setting; 0 and "" mean the server's default.
_SETTINGS: Final = (
    ("statementTimeout", "statement_timeout"),
    ("idleInTransactionSessionTimeout", "idle_in_transaction_session_timeout"),
    ("assumeRole", "role"),
)
_LISTED: Final = 10
_QUOTED_NAME: Final = re.compile(r'"((?:[^"]|"")*)"|([^,\s]+)')


class Role(Entity):
    """`postgresql:index/role:Role`. Left out, `roles` is not managed, so that GrantRole can be; `[]` means none."""

    token = "postgresql:index/role:Role"
    secrets = frozenset({"password"})
    noun = "role"
    autonamed = True
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", required=True),
        "password": Field(kind="text", secret=True),
        "roles": Field(kind="set", unset=[]),
        "searchPaths": Field(kind="list", default=[]),
        "encryptedPassword": Field(kind="flag", default=True, local=True),
        "validUntil": Field(kind="text", default="infinity"),
        "connectionLimit": Field(kind="number", default=-1, least=-1),
        "statementTimeout": Field(kind="number", default=0, least=0),
        "idleInTransactionSessionTimeout": Field(kind="number", default=0, least=0),
        "assumeRole": Field(kind="text", default=""),
        "skipDropRole": Field(kind="flag", default=False, local=True),
        "skipReassignOwned": Field(kind="flag", default=False, local=True),
        **{name: Field(kind="flag", default=name == "inherit") for name, _, _ in _FLAGS},
    }

    def check_whole(self, inputs: Props) -> list[CheckFailure]:
        """Refuse what no PostgreSQL of today can do."""
        if inputs["encryptedPassword"] is False:
            reason = "encryptedPassword: got false, allowed is true: no PostgreSQL since 10 stores passwords in clear"
            return [CheckFailure("encryptedPassword", reason)]
        return []

    def identity(self, props: Props, settings_database: str) -> str:  # noqa: ARG002
        """Return the name."""
        return str(props.get("name"))

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Take the id as the name; an imported role brings its memberships."""
        return {"name": id_, "roles": []}

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:
        """Create the role with nothing, then give it everything as a change."""
        if not (again and role_exists(connection, inputs["name"])):
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(inputs["name"])))
        self.change(connection, {"name": inputs["name"]}, inputs)

    def change(self, connection: Connection, state: Props, news: Props) -> None:
        """Set every attribute, whatever the recorded state says of it."""
        name = sql.Identifier(news["name"])
        renamed = state["name"] != news["name"]
        if renamed and not (role_exists(connection, news["name"]) and not role_exists(connection, state["name"])):
            connection.execute(sql.SQL("ALTER ROLE {} RENAME TO {}").format(sql.Identifier(state["name"]), name))
        connection.execute(sql.SQL("ALTER ROLE {} WITH {}").format(name, _attributes(connection, news)))
        if "password" in news and (renamed or news["password"] != state.get("password")):
            secret = _stored_form(connection, news["name"], news["password"])
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, secret))
        for property_, setting in _SETTINGS:
            value = sql.Literal(str(news[property_])) if news[property_] else None
            _set(connection, name, setting, value)
        paths = sql.SQL(", ").join(sql.Identifier(path) for path in news["searchPaths"])
        _set(connection, name, "search_path", paths if news["searchPaths"] else None)
        _set_memberships(connection, state, news)

    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Read the catalogue; the password only as a superuser, and only where the program sets one."""
        columns = sql.SQL(", ").join(sql.Identifier(column) for _, _, column in _FLAGS)
        query = sql.SQL(
            "SELECT oid, rolconnlimit, coalesce(rolconfig, '{{}}'), coalesce(rolvaliduntil::text, 'infinity'), {} "
            "FROM pg_catalog.pg_roles WHERE rolname = %s",
        ).format(columns)
        found = rows(connection, query, [wanted["name"]])
        if not found:
            return None
        oid, limit, config, until, *flags = found[0]
        settings = dict(item.split("=", 1) for item in config)
        outputs: Props = {name: value for (name, _, _), value in zip(_FLAGS, flags, strict=True)}
        outputs |= {
            "name": wanted["name"],
            "connectionLimit": limit,
            "validUntil": _spelled_until(connection, until, wanted.get("validUntil")),
            "statementTimeout": _milliseconds(connection, settings.get("statement_timeout")),
            "idleInTransactionSessionTimeout": _milliseconds(
                connection,
                settings.get("idle_in_transaction_session_timeout"),
            ),
            "assumeRole": settings.get("role", ""),
            "searchPaths": _names(settings.get("search_path", "")),
            "roles": in_order_of(wanted["roles"], _memberships(connection, oid)) if "roles" in wanted else [],
            "encryptedPassword": True,
            "skipDropRole": wanted.get("skipDropRole", False),
            "skipReassignOwned": wanted.get("skipReassignOwned", False),
        }
        if "password" in wanted:
            outputs["password"] = _password_found(connection, wanted["name"], wanted["password"])
        return outputs

    def drop(self, connection: Connection, state: Props) -> None:
        """As the official plugin: hand over what it owns in the provider's own database, then drop it."""
        if not role_exists(connection, state["name"]):
            return
        name = sql.Identifier(state["name"])
        if not state.get("skipReassignOwned"):
            with as_member_of(connection, [state["name"]]):
                connection.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(name))
                connection.execute(sql.SQL("DROP OWNED BY {}").format(name))
        if not state.get("skipDropRole"):
            connection.execute(sql.SQL("DROP ROLE {}").format(name))

    def explain(self, error: StatementError, props: Props, server: Server, ctx: Context) -> str:
        """List what still depends on the role, database by database: the server only counts what lies elsewhere."""
        if not isinstance(error.cause, pg.DependentObjectsStillExist):
            return str(error)
        try:
            listed = _dependents(server, str(props["name"]), ctx)
        except ProviderError:
            return str(error)
        return (
            f"{error.cause.diag.message_primary}: {'; '.join(listed)}. Give what it owns to another role "
            "(REASSIGN OWNED BY … TO …), and revoke what it was granted (DROP OWNED BY …), in each of those databases"
        )


def _attributes(connection: Connection, news: Props) -> sql.Composed:
    """Return the attributes that differ from what the role has: to name some at all takes a superuser."""
    columns = sql.SQL(", ").join(sql.Identifier(column) for _, _, column in _FLAGS)
    query = sql.SQL("SELECT {} FROM pg_catalog.pg_roles WHERE rolname = %s").format(columns)
    has = rows(connection, query, [news["name"]])[0]
    flags = [
        sql.SQL(keyword if news[name] else f"NO{keyword}")
        for (name, keyword, _), now in zip(_FLAGS, has, strict=True)
        if news[name] != now
    ]
    limit = sql.SQL("CONNECTION LIMIT {}").format(sql.Literal(news["connectionLimit"]))
    until = sql.SQL("VALID UNTIL {}").format(sql.Literal(news["validUntil"] or "infinity"))
    return sql.SQL(" ").join([*flags, limit, until])


def _stored_form(connection: Connection, user: str, password: str) -> sql.Composable:
    """Return what follows PASSWORD: a verifier made here, so that no log of the server ever has the password."""
    if password.upper() == "NULL":
        return sql.SQL("NULL")
    if scram.is_hashed(password):
        return sql.Literal(password)
    verifier = connection.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256")
    return sql.Literal(verifier.decode())


def _password_found(connection: Connection, user: str, password: str) -> str:
    """Return the recorded password while the stored one is its, else what is stored."""
    if not is_superuser(connection):
        return password  # pg_authid is closed to others: what is recorded is all there is to know
    query = "SELECT coalesce(rolpassword, '') FROM pg_catalog.pg_authid WHERE rolname = %s"
    stored = str(rows(connection, query, [user])[0][0])
    if stored == "" and password.upper() == "NULL":
        return password
    return password if scram.belongs_to(stored, password, user) else stored


def _set(connection: Connection, role: sql.Identifier, setting: str, value: sql.Composable | None) -> None:
    if value is None:
        statement = sql.SQL("ALTER ROLE {} RESET {}").format(role, sql.SQL(setting))
    else:
        statement = sql.SQL("ALTER ROLE {} SET {} TO {}").format(role, sql.SQL(setting), value)
    connection.execute(statement)


def _memberships(connection: Connection, oid: int) -> list[str]:
    query = "SELECT DISTINCT pg_catalog.pg_get_userbyid(roleid) FROM pg_catalog.pg_auth_members WHERE member = %s"
    return [str(name) for (name,) in rows(connection, query, [oid])]


def _set_memberships(connection: Connection, state: Props, news: Props) -> None:
    oid = rows(connection, "SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %s", [news["name"]])[0][0]
    found = set(_memberships(connection, oid))
    if "roles" in news:
        wanted, unwanted = set(news["roles"]), found - set(news["roles"])
    else:
        wanted, unwanted = set(), found & set(state.get("roles", []))
    member = sql.Identifier(news["name"])
    for role in sorted(unwanted):
        connection.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(role), member))
    for role in sorted(wanted - found):
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), member))


def _spelled_until(connection: Connection, found: str, wanted: Any) -> str:
    """Keep the program's spelling of a time while it means the same: the server shows it in its own zone."""
    if wanted in (None, "", found):
        return str(wanted or found)
    same = rows(connection, "SELECT %s::timestamptz = %s::timestamptz", [found, wanted])[0][0]
    return str(wanted) if same else found


def _milliseconds(connection: Connection, value: str | None) -> int:
    """Return a time setting in milliseconds; by hand it may have been set with a unit."""
    if value is None:
        return 0
    if value.isdigit():
        return int(value)
    query = "SELECT round(extract(epoch FROM %s::interval) * 1000)::bigint"
    return int(rows(connection, query, [value.replace("min", " minutes")])[0][0])


def _names(search_path: str) -> list[str]:
    matches = _QUOTED_NAME.finditer(search_path)
    return [(match[1].replace('""', '"') if match[1] is not None else match[2]) for match in matches]


def _dependents(server: Server, role: str, ctx: Context) -> list[str]:
    """Return one text a database (and one for what is shared) about what depends on the role."""

    def databases(connection: Connection) -> Mapping[int, str]:
        query = (
            "SELECT DISTINCT s.dbid, coalesce(d.datname, '') FROM pg_catalog.pg_shdepend s "
            "LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid "
            "WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass "
            "AND s.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %s)"
        )
        return {int(oid): str(name) for oid, name in rows(connection, query, [role])}

    texts = []
    for oid, name in sorted(server.read(server.settings.database, ctx, databases).items()):

        def objects(connection: Connection, oid: int = oid) -> list[tuple[Any, ...]]:
            query = (
                "SELECT s.deptype = 'o', pg_catalog.pg_describe_object(s.classid, s.objid, s.objsubid) "
                "FROM pg_catalog.pg_shdepend s WHERE s.dbid = %s "
                "AND s.refclassid = 'pg_catalog.pg_authid'::regclass "
                "AND s.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %s) ORDER BY 1 DESC, 2"
            )
            return rows(connection, query, [oid, role])

        found = server.read(name or server.settings.database, ctx, objects)
        lines = [f"{'owns' if owned else 'has rights on'} {what}" for owned, what in found]
        more = f" and {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
        texts.append(f"{f'in database {name}' if name else 'shared'}: {', '.join(lines[:_LISTED])}{more}")
    return texts
