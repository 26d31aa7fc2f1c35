"""Extensions."""

from typing import ClassVar

from psycopg import sql

from plugins.base import Props
from plugins.base.fields import Field, Fields
from plugins.postgresql.catalogue import rows, split_id
from plugins.postgresql.connections import Connection
from plugins.postgresql.entity import Entity

__all__ = ["Extension"]


class Extension(Entity):
    """`postgresql:index/extension:Extension`. One that is there already is taken over."""

    token = "postgresql:index/extension:Extension"
    noun = "extension"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", required=True, replaces=True),
        "database": Field(kind="text", replaces=True),
        "schema": Field(kind="text"),
        "version": Field(kind="text"),
        "createCascade": Field(kind="flag", default=False, local=True),
        "dropCascade": Field(kind="flag", default=False, local=True),
    }

    def identity(self, props: Props, settings_database: str) -> str:
        """Return database and name."""
        return f"{props.get('database') or settings_database}.{props.get('name')}"

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Split the id."""
        database, name = split_id(id_, "database.extension")
        return {"database": database, "name": name}

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:  # noqa: ARG002
        """Create the extension, or bring the one that is there to the wanted schema and version."""
        parts: list[sql.Composable] = [
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(inputs["name"]))
        ]
        if "schema" in inputs:
            parts.append(sql.SQL("SCHEMA {}").format(sql.Identifier(inputs["schema"])))
        if "version" in inputs:
            parts.append(sql.SQL("VERSION {}").format(sql.Identifier(inputs["version"])))
        if inputs["createCascade"]:
            parts.append(sql.SQL("CASCADE"))
        connection.execute(sql.SQL(" ").join(parts))
        self.change(connection, inputs, inputs)

    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Read the catalogue."""
        query = (
            "SELECT n.nspname, e.extversion FROM pg_catalog.pg_extension e "
            "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = %s"
        )
        found = rows(connection, query, [wanted["name"]])
        if not found:
            return None
        return {
            "name": wanted["name"],
            "database": connection.info.dbname,
            "schema": found[0][0],
            "version": found[0][1],
            "createCascade": wanted.get("createCascade", False),
            "dropCascade": wanted.get("dropCascade", False),
        }

    def change(self, connection: Connection, state: Props, news: Props) -> None:  # noqa: ARG002
        """Move it to another schema, update it to another version."""
        name = sql.Identifier(news["name"])
        found = self.find(connection, news) or {}
        if "schema" in news and news["schema"] != found.get("schema"):
            connection.execute(sql.SQL("ALTER EXTENSION {} SET SCHEMA {}").format(name, sql.Identifier(news["schema"])))
        if "version" in news and news["version"] != found.get("version"):
            version = sql.Identifier(news["version"])
            connection.execute(sql.SQL("ALTER EXTENSION {} UPDATE TO {}").format(name, version))

    def drop(self, connection: Connection, state: Props) -> None:
        """Drop the extension; with what depends on it only where `dropCascade` says so."""
        mode = sql.SQL("CASCADE" if state.get("dropCascade") else "RESTRICT")
        connection.execute(sql.SQL("DROP EXTENSION IF EXISTS {} {}").format(sql.Identifier(state["name"]), mode))
