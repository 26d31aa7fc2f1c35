"""Schemas."""

from typing import ClassVar

from psycopg import errors as pg
from psycopg import sql

from plugins.base import Context, Props
from plugins.base.fields import Field, Fields
from plugins.postgresql.catalogue import rows, schema_exists, split_id
from plugins.postgresql.connections import Connection, Server
from plugins.postgresql.entity import Entity
from plugins.postgresql.errors import StatementError
from plugins.postgresql.membership import as_member_of

__all__ = ["Schema"]


class Schema(Entity):
    """`postgresql:index/schema:Schema`. An existing one is taken over (`ifNotExists`), as `public` always is."""

    token = "postgresql:index/schema:Schema"
    noun = "schema"
    autonamed = True
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", required=True),
        "database": Field(kind="text", replaces=True),
        "owner": Field(kind="text"),
        "ifNotExists": Field(kind="flag", default=True, local=True),
        "dropCascade": Field(kind="flag", default=False, local=True),
    }

    def identity(self, props: Props, settings_database: str) -> str:
        """Return database and name."""
        return f"{props.get('database') or settings_database}.{props.get('name')}"

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Split the id."""
        database, name = split_id(id_, "database.schema")
        return {"database": database, "name": name}

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:
        """Create the schema, or take over the one that is there."""
        name = sql.Identifier(inputs["name"])
        known = schema_exists(connection, inputs["name"]) and (inputs["ifNotExists"] or again)
        if not known:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        self._give(connection, inputs)

    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Read the catalogue."""
        query = "SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace WHERE nspname = %s"
        found = rows(connection, query, [wanted["name"]])
        if not found:
            return None
        return {
            "name": wanted["name"],
            "database": connection.info.dbname,
            "owner": found[0][0],
            "ifNotExists": wanted.get("ifNotExists", True),
            "dropCascade": wanted.get("dropCascade", False),
        }

    def change(self, connection: Connection, state: Props, news: Props) -> None:
        """Rename, and give to another owner."""
        old, new = sql.Identifier(state["name"]), sql.Identifier(news["name"])
        if state["name"] != news["name"] and schema_exists(connection, state["name"]):
            connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(old, new))
        self._give(connection, news)

    def _give(self, connection: Connection, props: Props) -> None:
        found = self.find(connection, props) or {}
        if "owner" in props and props["owner"] != found.get("owner"):
            names = sql.Identifier(props["name"]), sql.Identifier(props["owner"])
            with as_member_of(connection, [found["owner"], props["owner"]] if found else []):
                connection.execute(sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(*names))

    def drop(self, connection: Connection, state: Props) -> None:
        """Drop the schema; with what is in it only where `dropCascade` says so."""
        mode = sql.SQL("CASCADE" if state.get("dropCascade") else "RESTRICT")
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} {}").format(sql.Identifier(state["name"]), mode))

    def explain(self, error: StatementError, props: Props, server: Server, ctx: Context) -> str:
        """Add what to do about a schema that is not empty."""
        if not isinstance(error.cause, pg.DependentObjectsStillExist):
            return super().explain(error, props, server, ctx)
        diagnostic = error.cause.diag
        return (
            f"{diagnostic.message_primary}: {diagnostic.message_detail}. Move or drop these first, or set dropCascade "
            "to true and update, to drop them with the schema"
        )
