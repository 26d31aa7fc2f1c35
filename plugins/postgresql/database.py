"""Databases."""

from typing import Any, ClassVar

from psycopg import sql

from plugins.base import Props
from plugins.base.fields import Field, Fields
from plugins.postgresql.catalogue import database_exists, rows
from plugins.postgresql.connections import Connection
from plugins.postgresql.entity import Entity
from plugins.postgresql.membership import as_member_of

__all__ = ["Database"]

_DEFAULT = "DEFAULT"


class Database(Entity):
    """`postgresql:index/database:Database`. Without a template it is made from template0, in UTF8."""

    token = "postgresql:index/database:Database"
    noun = "database"
    autonamed = True
    transaction = False  # CREATE, DROP and ALTER … TABLESPACE refuse to run in one
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", required=True),
        "owner": Field(kind="text"),
        "template": Field(kind="text", replaces=True),
        "encoding": Field(kind="text", replaces=True),
        "lcCollate": Field(kind="text", replaces=True),
        "lcCtype": Field(kind="text", replaces=True),
        "tablespaceName": Field(kind="text"),
        "connectionLimit": Field(kind="number", default=-1, least=-1),
        "allowConnections": Field(kind="flag", default=True),
        "isTemplate": Field(kind="flag"),
    }

    def identity(self, props: Props, settings_database: str) -> str:  # noqa: ARG002
        """Return the name."""
        return str(props.get("name"))

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Take the id as the name."""
        return {"name": id_}

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:
        """Create the database."""
        if again and database_exists(connection, inputs["name"]):
            return
        parts = [
            sql.SQL("CREATE DATABASE {}").format(sql.Identifier(inputs["name"])),
            sql.SQL("TEMPLATE {}").format(_name_or_default(inputs.get("template", "template0"))),
            sql.SQL("ENCODING {}").format(_text_or_default(inputs.get("encoding", "UTF8"))),
        ]
        if "owner" in inputs:
            parts.append(sql.SQL("OWNER {}").format(sql.Identifier(inputs["owner"])))
        for property_, keyword in (("lcCollate", "LC_COLLATE"), ("lcCtype", "LC_CTYPE")):
            if property_ in inputs:
                parts.append(sql.SQL("{} {}").format(sql.SQL(keyword), _text_or_default(inputs[property_])))
        if "tablespaceName" in inputs:
            parts.append(sql.SQL("TABLESPACE {}").format(_name_or_default(inputs["tablespaceName"])))
        parts.append(_options(inputs))
        with as_member_of(connection, [inputs["owner"]] if "owner" in inputs else []):
            connection.execute(sql.SQL(" ").join(parts))

    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Read the catalogue; the template is nowhere recorded, so it stays what was said."""
        query = (
            "SELECT pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, "
            "d.datctype, t.spcname, d.datconnlimit, d.datallowconn, d.datistemplate "
            "FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace "
            "WHERE d.datname = %s"
        )
        found = rows(connection, query, [wanted["name"]])
        if not found:
            return None
        owner, encoding, collate, ctype, tablespace, limit, allow, is_template = found[0]
        return {
            "name": wanted["name"],
            "owner": owner,
            "template": wanted.get("template", "template0"),
            "encoding": _as_said(wanted.get("encoding"), encoding),
            "lcCollate": _as_said(wanted.get("lcCollate"), collate),
            "lcCtype": _as_said(wanted.get("lcCtype"), ctype),
            "tablespaceName": _as_said(wanted.get("tablespaceName"), tablespace),
            "connectionLimit": limit,
            "allowConnections": allow,
            "isTemplate": is_template,
        }

    def change(self, connection: Connection, state: Props, news: Props) -> None:
        """Rename it, give it to another owner, move it, set its options: each only where it differs from what is."""
        old, new = sql.Identifier(state["name"]), sql.Identifier(news["name"])
        if state["name"] != news["name"] and database_exists(connection, state["name"]):
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new))
        found = self.find(connection, news) or {}
        if news.get("owner", found.get("owner")) != found.get("owner"):
            with as_member_of(connection, [found["owner"], news["owner"]]):
                connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(new, sql.Identifier(news["owner"])))
        if news.get("tablespaceName", found.get("tablespaceName")) != found.get("tablespaceName"):
            place = sql.Identifier(news["tablespaceName"])
            connection.execute(sql.SQL("ALTER DATABASE {} SET TABLESPACE {}").format(new, place))
        connection.execute(sql.SQL("ALTER DATABASE {} WITH {}").format(new, _options(news)))

    def drop(self, connection: Connection, state: Props) -> None:
        """Drop the database and end its sessions, as the official plugin does."""
        if not database_exists(connection, state["name"]):
            return
        name = sql.Identifier(state["name"])
        connection.execute(sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE false").format(name))
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _options(props: Props) -> sql.Composed:
    parts = [
        sql.SQL("ALLOW_CONNECTIONS {}").format(sql.Literal(props["allowConnections"])),
        sql.SQL("CONNECTION LIMIT {}").format(sql.Literal(props["connectionLimit"])),
    ]
    if "isTemplate" in props:
        parts.append(sql.SQL("IS_TEMPLATE {}").format(sql.Literal(props["isTemplate"])))
    return sql.SQL(" ").join(parts)


def _name_or_default(value: str) -> sql.Composable:
    return sql.SQL(_DEFAULT) if value.upper() == _DEFAULT else sql.Identifier(value)


def _text_or_default(value: str) -> sql.Composable:
    return sql.SQL(_DEFAULT) if value.upper() == _DEFAULT else sql.Literal(value)


def _as_said(wanted: Any, found: str) -> str:
    """Keep DEFAULT and another spelling of the same name (utf8, UTF-8): they are what the program will say again."""
    if not isinstance(wanted, str):
        return found

    def plain(name: str) -> str:
        return "".join(sign for sign in name.lower() if sign.isalnum())

    return wanted if wanted.upper() == _DEFAULT or plain(wanted) == plain(found) else found
