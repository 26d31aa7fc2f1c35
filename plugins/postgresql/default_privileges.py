"""Privileges of one role on what another will make."""

from typing import ClassVar, Final

from psycopg import sql

from plugins.base import CheckFailure, Props, ProviderError
from plugins.base.fields import Field, Fields
from plugins.postgresql.acl import default_privileges_held, every_privilege
from plugins.postgresql.catalogue import role_exists, role_oid, schema_exists
from plugins.postgresql.connections import Connection
from plugins.postgresql.entity import Entity
from plugins.postgresql.membership import as_member_of
from plugins.postgresql.privileges import check_privileges, grants_on, spelled, statements

__all__ = ["DefaultPrivileg", "DefaultPrivileges"]

_TYPES: Final = ("table", "sequence", "function", "routine", "type", "schema")


class DefaultPrivileges(Entity):
    """`postgresql:index/defaultPrivileges:DefaultPrivileges`. Without a schema: anywhere in the database."""

    token = "postgresql:index/defaultPrivileges:DefaultPrivileges"
    noun = "default privileges"
    fields: ClassVar[Fields] = {
        "role": Field(kind="text", required=True, replaces=True),
        "database": Field(kind="text", required=True, replaces=True),
        "owner": Field(kind="text", required=True, replaces=True),
        "schema": Field(kind="text", replaces=True, unset=""),
        "objectType": Field(kind="text", required=True, replaces=True, allowed=_TYPES),
        "privileges": Field(kind="set", required=True),
        "withGrantOption": Field(kind="flag", default=False, replaces=True),
    }

    def check_whole(self, inputs: Props) -> list[CheckFailure]:
        """Check what goes with the object type."""
        failures = []
        if inputs["objectType"] == "schema" and inputs.get("schema", "") != "":
            reason = "schema: leave it out for the object type schema, which lies in no schema"
            failures.append(CheckFailure("schema", reason))
        kind, option = inputs["objectType"], inputs["withGrantOption"]
        return failures + check_privileges(kind, inputs["privileges"], inputs["role"], option)

    def identity(self, props: Props, settings_database: str) -> str:  # noqa: ARG002
        """Return role, database, schema, owner and object type."""
        names = ("role", "database", "schema", "owner", "objectType")
        return "_".join(str(props.get(name) or "noschema") for name in names)

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Refuse: the id does not tell where one name ends."""
        raise ProviderError("default privileges cannot be imported; declare them: what is so already does not change")

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:  # noqa: ARG002
        """Grant what is wanted and revoke the rest, in one transaction."""
        kind = inputs["objectType"]
        parts: list[sql.Composable] = [
            sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {}").format(sql.Identifier(inputs["owner"])),
        ]
        if inputs.get("schema"):
            parts.append(sql.SQL("IN SCHEMA {}").format(sql.Identifier(inputs["schema"])))
        start = sql.SQL(" ").join(parts)

        def phrase(verb: str, privileges: sql.Composable, preposition: str, grantee: sql.Composable) -> sql.Composed:
            action = sql.SQL("{} {} ON {}S").format(sql.SQL(verb), privileges, sql.SQL(kind.upper()))
            return sql.SQL("{} {} {} {}").format(start, action, sql.SQL(preposition), grantee)

        with as_member_of(connection, [inputs["owner"]]):
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
        """Read the catalogue; gone with either role or the schema."""
        role, schema = role_oid(connection, wanted["role"]), wanted.get("schema") or None
        if role is None or not role_exists(connection, wanted["owner"]):
            return None
        if schema is not None and not schema_exists(connection, schema):
            return None
        held = [default_privileges_held(connection, wanted["objectType"], wanted["owner"], schema, role)]
        every = every_privilege(connection, wanted["objectType"])
        privileges, option = wanted["privileges"], wanted.get("withGrantOption", False)
        names = ("role", "database", "owner", "schema", "objectType")
        return {
            **{name: wanted[name] for name in names if name in wanted},
            "privileges": spelled(privileges, every, held),
            "withGrantOption": grants_on(privileges, wanted_option=option, every=every, held=held),
        }

    def change(self, connection: Connection, state: Props, news: Props) -> None:  # noqa: ARG002
        """Only the privileges change in place."""
        self.make(connection, news, again=True)

    def drop(self, connection: Connection, state: Props) -> None:
        """Revoke everything; nothing is left to revoke where a role or the schema are gone."""
        if self.find(connection, state) is not None:
            self.make(connection, {**state, "privileges": [], "withGrantOption": False}, again=True)


class DefaultPrivileg(DefaultPrivileges):
    """`postgresql:index/defaultPrivileg:DefaultPrivileg`: the same under its old, deprecated name."""

    token = "postgresql:index/defaultPrivileg:DefaultPrivileg"
