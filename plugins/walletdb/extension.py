"""An extension that is used where the server offers it, and whose absence is said plainly where not."""

from __future__ import annotations

import dataclasses

import psycopg
from psycopg import sql
from typing_extensions import override

from localproc.layout import StackDirectory
from localproc.service import RUNNING
from plugins.base.errors import ProviderError
from plugins.base.properties import Props
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names
from plugins.walletdb.inputs import build, checked, translated

__all__ = ["OptionalExtension"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """An extension of a database, reached through the writer of its cluster as the superuser."""

    directory: str
    host: str
    port: int
    database: str
    extension: str
    required: bool

    def connect(self) -> psycopg.Connection[tuple[str | None, ...]]:
        directory = translated(lambda: StackDirectory.open(self.directory))
        return psycopg.connect(
            host=self.host,
            port=self.port,
            dbname=self.database,
            user="postgres",
            sslmode="verify-full",
            sslrootcert=str(directory.ca_file),
            sslcert=str(directory.root / "admin.crt"),
            sslkey=str(directory.root / "admin.key"),
            connect_timeout=10,
            autocommit=True,
        )

    def installed(self, connection: psycopg.Connection[tuple[str | None, ...]]) -> str | None:
        """Version that is installed in the database; None when it is not."""
        query = "SELECT extversion FROM pg_extension WHERE extname = %s"
        row = connection.execute(query, [self.extension]).fetchone()
        return row[0] if row else None

    def offered(self, connection: psycopg.Connection[tuple[str | None, ...]]) -> bool:
        """Whether the server has it to install."""
        query = "SELECT name FROM pg_available_extensions WHERE name = %s"
        return connection.execute(query, [self.extension]).fetchone() is not None

    def ensure(self) -> Props:
        """Create it if the server offers it."""
        with self.connect() as connection:
            offered = self.offered(connection)
            if offered:
                command = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(self.extension))
                connection.execute(command)
            elif self.required:
                msg = (
                    f"the server at {self.host}:{self.port} does not offer the extension {self.extension}, which this "
                    "stack requires; use a server that has it, or make it optional in the stack's settings"
                )
                raise ProviderError(msg)
            return {"available": offered, "version": self.installed(connection) or "", "status": RUNNING}


class OptionalExtension(Resource):
    """Outputs `available` and `version` (empty where it is not available)."""

    token = "walletdb:index:OptionalExtension"

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        return news, checked(Wanted, news)

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        drifted = () if state.get("status") == RUNNING else ("status",)
        moved = tuple(name for name in ("database", "extension") if old_inputs.get(name) != news.get(name))
        return Diff(changes=tuple(sorted({*changed_names(old_inputs, news), *drifted})), replaces=moved)

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        return f"{inputs['database']}.{inputs['extension']}", self.update("", {}, inputs, ctx)

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        try:
            return {**news, **build(Wanted, news).ensure()}
        except psycopg.Error as error:
            msg = f"cannot look after extension {news['extension']} in {news['database']}: {error}"
            raise ProviderError(msg) from error

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        wanted = build(Wanted, state)
        try:
            with wanted.connect() as connection:
                found = {"version": wanted.installed(connection) or "", "available": wanted.offered(connection)}
        except psycopg.Error as error:
            ctx.log("warning", f"{wanted.host}:{wanted.port} does not answer, the recorded state is kept: {error}")
            return id_, inputs, state
        except ProviderError:
            return None
        changed = [name for name, value in found.items() if value != state.get(name)]
        return id_, inputs, {**state, **found, "status": f"changed: {', '.join(changed)}" if changed else RUNNING}

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """It stays: dropping it would drop the tables that use it, and it goes with its database."""
