"""Privileges of one role on one kind of object."""

from typing import ClassVar, Final

from psycopg import sql

from plugins.base import UNKNOWN, CheckFailure, Props, ProviderError
from plugins.base.fields import Field, Fields, in_order_of
from plugins.postgresql.acl import every_privilege, held_on_database, held_on_objects, held_on_schema, owners, targets
from plugins.postgresql.catalogue import database_exists, role_oid
from plugins.postgresql.connections import Connection, Server
from plugins.postgresql.entity import Entity
from plugins.postgresql.membership import as_member_of
from plugins.postgresql.privileges import Held, check_privileges, grants_on, spelled, statements

__all__ = ["Grant"]

_WHOLE: Final = ("database", "schema")  # types that are an object themselves, not all objects in a schema
_TYPES: Final = (*_WHOLE, "table", "sequence", "function", "procedure", "routine")


class Grant(Entity):
    """`postgresql:index/grant:Grant`. It owns all privileges of its role on its objects: `privileges=[]` is none.

    Not here, and refused: the object types column, foreign_data_wrapper and foreign_server.
    """

    token = "postgresql:index/grant:Grant"
    noun = "grant"
    fields: ClassVar[Fields] = {
        "role": Field(kind="text", required=True, replaces=True),
        "database": Field(kind="text", required=True, replaces=True),
        "schema": Field(kind="text", replaces=True, unset=""),
        "objectType": Field(kind="text", required=True, replaces=True, allowed=_TYPES),
        "objects": Field(kind="set", default=[], replaces=True),
        "privileges": Field(kind="set", required=True),
        "withGrantOption": Field(kind="flag", default=False, replaces=True),
    }

    def check_whole(self, inputs: Props) -> list[CheckFailure]:
        """Check what goes with the object type."""
        kind, schema, failures = inputs["objectType"], inputs.get("schema", ""), []
        if kind == "database" and schema != "":
            reason = "schema: a database has none; leave it out for the object type database"
            failures.append(CheckFailure("schema", reason))
        if kind not in ("database", UNKNOWN) and schema == "":
            failures.append(CheckFailure("schema", f"schema: missing, and a grant on the object type {kind} needs it"))
        if kind in _WHOLE and inputs["objects"] != []:
            reason = f"objects: got {inputs['objects']}, allowed is none: a {kind} is the object itself"
            failures.append(CheckFailure("objects", reason))
        option = inputs["withGrantOption"]
        return failures + check_privileges(kind, inputs["privileges"], inputs["role"], option)

    def identity(self, props: Props, settings_database: str) -> str:  # noqa: ARG002
        """Return role, database, schema, object type and objects."""
        parts = [props.get("role"), props.get("database")]
        if props.get("objectType") != "database":
            parts.append(props.get("schema"))
        objects = props.get("objects") or []
        return "_".join(str(part) for part in [*parts, props.get("objectType"), *sorted(map(str, objects))])

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Refuse: the id does not tell where one name ends."""
        raise ProviderError("grants cannot be imported; declare it: granting what is granted changes nothing")

    def database(self, props: Props, server: Server) -> str:
        """Connect to the schema's database; rights on databases are shared, so they are written from one place."""
        return server.settings.database if props["objectType"] == "database" else str(props["database"])

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:  # noqa: ARG002
        """Grant what is wanted and revoke the rest, in one transaction."""
        kind = inputs["objectType"]
        on = self._on(connection, inputs)

        def phrase(verb: str, privileges: sql.Composable, preposition: str, grantee: sql.Composable) -> sql.Composed:
            return sql.SQL("{} {} ON {} {} {}").format(sql.SQL(verb), privileges, on, sql.SQL(preposition), grantee)

        with as_member_of(connection, owners(connection, kind, inputs["database"], inputs.get("schema", ""))):
            for statement in statements(
                inputs["privileges"],
                kind,
                every_privilege(connection, kind),
                inputs["role"],
                phrase,
                grant_option=inputs["withGrantOption"],
            ):
                connection.execute(statement)

    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Read the access lists; gone with its role, its database, its schema, or any object it names."""
        held = self._held(connection, wanted)
        if held is None:
            return None
        every = every_privilege(connection, wanted["objectType"])
        privileges, option = wanted["privileges"], wanted.get("withGrantOption", False)
        return {
            **{name: wanted[name] for name in ("role", "database", "schema", "objectType") if name in wanted},
            "objects": in_order_of(wanted.get("objects"), wanted.get("objects", [])),
            "privileges": spelled(privileges, every, held),
            "withGrantOption": grants_on(privileges, wanted_option=option, every=every, held=held),
        }

    def change(self, connection: Connection, state: Props, news: Props) -> None:  # noqa: ARG002
        """Only the privileges change in place."""
        self.make(connection, news, again=True)

    def drop(self, connection: Connection, state: Props) -> None:
        """Revoke everything; nothing is left to revoke where role or object are gone."""
        if self._held(connection, state) is not None:
            self.make(connection, {**state, "privileges": [], "withGrantOption": False}, again=True)

    def _held(self, connection: Connection, props: Props) -> list[Held] | None:
        role, kind = role_oid(connection, props["role"]), props["objectType"]
        if role is None:
            return None
        if kind == "database":
            return held_on_database(connection, props["database"], role)
        in_schema = held_on_schema(connection, props["schema"], role)
        if kind == "schema" or in_schema is None:
            return in_schema
        return held_on_objects(connection, kind, props["schema"], props.get("objects", []), role)

    def _on(self, connection: Connection, props: Props) -> sql.Composable:
        kind = props["objectType"]
        keyword = sql.SQL(kind.upper())
        if kind == "database":
            if not database_exists(connection, props["database"]):
                raise ProviderError(f"there is no database {props['database']!r}: give this resource depends_on it")
            return sql.SQL("{} {}").format(keyword, sql.Identifier(props["database"]))
        if kind == "schema":
            return sql.SQL("{} {}").format(keyword, sql.Identifier(props["schema"]))
        if not props.get("objects"):
            return sql.SQL("ALL {}S IN SCHEMA {}").format(keyword, sql.Identifier(props["schema"]))
        names = targets(connection, kind, props["schema"], props["objects"])
        return sql.SQL("{} {}").format(keyword, sql.SQL(", ").join(names))
