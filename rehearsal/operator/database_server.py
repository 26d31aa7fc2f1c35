"""The real server that stands for all instances of the Cluster, set up as the operator would set them up.

It has no second instance, no volumes and no pooler. Parameters that need a restart are left as they are.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from rehearsal.operator.notes import Notes

__all__ = ["DatabaseServer"]

_PORT = 5432
_TIMEOUT_S = 5
_BEGIN, _END = "# what the operator wrote, begin", "# what the operator wrote, end"
_FIXED = ("hostssl postgres streaming_replica all cert", "hostssl replication streaming_replica all cert")
_EXPORTER, _REPLICATION = "cnpg_metrics_exporter", "streaming_replica"
_RESTART = "postmaster"
# A parameter of one of these prefixes has the operator load and make the extension itself.
_MANAGED_EXTENSIONS = ("pg_stat_statements", "pgaudit")
_ATTRIBUTES = {
    "login": "LOGIN",
    "inherit": "INHERIT",
    "createrole": "CREATEROLE",
    "createdb": "CREATEDB",
    "superuser": "SUPERUSER",
    "replication": "REPLICATION",
    "bypassrls": "BYPASSRLS",
}


@dataclass(frozen=True, kw_only=True)
class DatabaseServer:
    """The server of `servers.json`, as its superuser."""

    address: str
    user: str
    password: str
    trusted: Path
    """The authorities that the rehearsal itself trusts."""
    notes: Notes

    def serve_certificates(self, files: Mapping[str, str]) -> None:
        """Write certificates and keys (`ssl_cert_file`, `ssl_key_file`, `ssl_ca_file`) and load them.

        Whoever trusted the server before still does: its new authority joins theirs.
        """
        authority = files["server_ca"]
        known = self.trusted.read_text(encoding="utf-8")
        if authority.strip() not in known:
            with self.trusted.open("a", encoding="utf-8") as stream:
                stream.write(f"{authority.rstrip()}\n")
        with self._connected() as connection:
            folder = Path(_one(connection, "SHOW data_directory"))
            for name in ("ssl_cert_file", "ssl_key_file", "ssl_ca_file"):
                _write_beside(folder, f"operator-{name}.pem", files[name])
                self._alter_system(connection, name, str(folder / f"operator-{name}.pem"))
            connection.execute("SELECT pg_reload_conf()")

    def allow(self, rules: Sequence[str]) -> None:
        """Put the rules before those that are there: the operator's own first."""
        with self._connected() as connection:
            path = Path(_one(connection, "SHOW hba_file"))
            before = path.read_text(encoding="utf-8")
            old = re.sub(rf"{_BEGIN}\n.*?{_END}\n", "", before, flags=re.DOTALL)
            block = "\n".join([_BEGIN, *_FIXED, *rules, _END])
            if f"{block}\n{old}" != before:
                path.write_text(f"{block}\n{old}", encoding="utf-8")
                connection.execute("SELECT pg_reload_conf()")

    def set_parameters(self, parameters: Mapping[str, str]) -> None:
        """Set what can be set while the server runs; note the rest."""
        with self._connected() as connection:
            rows = connection.execute("SELECT name, context FROM pg_settings").fetchall()
            contexts = {str(name): str(context) for name, context in rows}
            skipped = []
            for name, value in sorted(parameters.items()):
                if contexts.get(name, _RESTART) == _RESTART:
                    skipped.append(name)
                else:
                    self._alter_system(connection, name, value)
            connection.execute("SELECT pg_reload_conf()")
        if skipped:
            self.notes.add(
                "timescale: parameters that need a restart or that this machine's PostgreSQL does not have are not set "
                f"on the real server: {', '.join(skipped)}"
            )

    def initialise(self, initdb: Mapping[str, Any]) -> None:
        """Do what the operator does when it makes the first instance; once."""
        database, owner = initdb["database"], initdb["owner"]
        with self._connected() as connection:
            if _one(connection, "SELECT count(*) FROM pg_database WHERE datname = %s", database):
                return
            for role, more in ((_EXPORTER, "IN ROLE pg_monitor"), (_REPLICATION, "REPLICATION"), (owner, "")):
                self._make_role(connection, role, more)
            for statement in initdb.get("postInitSQL", []):
                connection.execute(str(statement).encode())
            made = sql.SQL(
                "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}"
            ).format(
                sql.Identifier(database),
                sql.Identifier(owner),
                *(sql.Literal(initdb[name]) for name in ("encoding", "localeCollate", "localeCType")),
            )
            connection.execute(made)

    @staticmethod
    def _make_role(connection: psycopg.Connection, role: str, more: str) -> None:
        if not _one(connection, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN ").format(sql.Identifier(role)) + sql.SQL(_literal(more)))

    def manage_roles(self, roles: Sequence[Mapping[str, Any]]) -> None:
        """Give each managed role its attributes."""
        with self._connected() as connection:
            for role in roles:
                self._make_role(connection, role["name"], "")
                words = [word if role.get(name) else f"NO{word}" for name, word in _ATTRIBUTES.items()]
                altered = sql.SQL("ALTER ROLE {} ").format(sql.Identifier(role["name"]))
                connection.execute(altered + sql.SQL(_literal(" ".join(words))))

    def make_extensions(self, database: str, extensions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Make the extensions of a database that this machine has; return the operator's report on each."""
        report = []
        with self._connected(database) as connection:
            offered = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions").fetchall()}
            for extension in extensions:
                name = extension["name"]
                if name in offered:
                    made = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}").format(
                        sql.Identifier(name), sql.Identifier(extension.get("schema", "public"))
                    )
                    connection.execute(made)
                    report.append({"name": name, "applied": True})
                else:
                    text = f"timescale: this machine's PostgreSQL does not have the extension {name}; it was not made"
                    self.notes.add(text)
                    report.append({"name": name, "applied": False, "message": f"rehearsal: {text}"})
        return report

    def own(self, database: str, owner: str) -> None:
        """Have the owner own the database."""
        with self._connected() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), sql.Identifier(owner))
            )

    def manage_extensions(self, database: str, parameters: Mapping[str, str]) -> None:
        """Make those that the operator makes by itself because a parameter of theirs is set."""
        wanted = [name for name in _MANAGED_EXTENSIONS if any(key.startswith(f"{name}.") for key in parameters)]
        self.make_extensions(database, [{"name": name} for name in wanted])

    def clear(self, database: str) -> None:
        """Remove what a cluster's volumes took with them: the database, and every role beside the superuser."""
        with self._connected() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
            rows = connection.execute(
                "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND NOT rolsuper"
            ).fetchall()
            for (role,) in rows:
                connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            connection.execute("DROP SCHEMA IF EXISTS pgbouncer CASCADE")
            for (role,) in rows:
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))

    @staticmethod
    def _alter_system(connection: psycopg.Connection, name: str, value: str) -> None:
        # A name with a dot is one word to ALTER SYSTEM, and two to the quoting of identifiers.
        quoted = sql.SQL(".").join(sql.Identifier(part) for part in name.split("."))
        connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(quoted, sql.Literal(value)))

    @contextmanager
    def _connected(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        """Open a connection on which every statement commits itself; one at a time."""
        connection = psycopg.connect(
            host=self.address,
            port=_PORT,
            user=self.user,
            password=self.password,
            dbname=database,
            sslmode="verify-full",
            sslrootcert=str(self.trusted),
            connect_timeout=_TIMEOUT_S,
            autocommit=True,
        )
        with connection:
            yield connection


def _literal(words: str) -> Any:
    """Return words of SQL that stand in this file; the type checker wants them to be literals."""
    return words


def _one(connection: psycopg.Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values or None).fetchone()
    return row[0] if row else None


def _write_beside(folder: Path, name: str, text: str) -> None:
    """Write a file that belongs to whom the folder belongs to, and that nobody else reads."""
    owner, path = folder.stat(), folder / name
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    os.chown(path, owner.st_uid, owner.st_gid)
