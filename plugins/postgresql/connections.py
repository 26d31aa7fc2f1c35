"""Connections to the server: bounded in number and time, retried while a fail-over is under way, writes serialised.

Every write holds an advisory lock of its database until it commits. PostgreSQL fails concurrent changes of one
catalogue row with "tuple concurrently updated" instead of waiting, and parallel grants meet in such rows all the time
(pulumi/pulumi-postgresql 126). What lies in shared catalogues (roles, memberships, databases and grants on them) is
always written from one database, so that its lock serialises those too, over all plugin processes.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors as pg
from psycopg.conninfo import make_conninfo

from plugins.base import Context, ProviderError
from plugins.postgresql.connection_settings import ConnectionSettings
from plugins.postgresql.errors import (
    DatabaseMissingError,
    StatementError,
    UnreachableError,
    UntrustedError,
    describe,
    is_passing,
    is_untrusted,
    names_missing_database,
)

__all__ = ["Connection", "Server"]

Connection = psycopg.Connection[tuple[Any, ...]]
_Result = TypeVar("_Result")

_LOCK_KEY: Final = 0x77_61_6C_6C_65_74_64_62  # any constant; these bytes say "walletdb"
_RETRY_FOR_S: Final = 30.0
_RETRY_EVERY_S: Final = 0.5
# A fail-over moves the address to another server: an attempt that hangs is worth less than the next one.
_ATTEMPT_S: Final = 5
_UNBOUNDED: Final = 1_000_000
_SESSION: Final = (
    "SELECT set_config('statement_timeout', %(ms)s, false), set_config('lock_timeout', %(ms)s, false), "
    "set_config('idle_in_transaction_session_timeout', '0', false)"
)


class Server:
    """The server that the provider's settings name. Safe to use from many threads."""

    def __init__(self, settings: ConnectionSettings) -> None:
        """Connect to nothing yet."""
        self.settings = settings
        self._slots = threading.BoundedSemaphore(settings.max_connections or _UNBOUNDED)

    def read(self, database: str, ctx: Context, work: Callable[[Connection], _Result]) -> _Result:
        """Run `work` in a transaction that cannot write, after one attempt to connect.

        Raises UnreachableError, UntrustedError, DatabaseMissingError, StatementError.
        """
        with self._slots, self._connected(database, ctx) as connection:
            connection.read_only = True
            try:
                return work(connection)
            except psycopg.OperationalError as error:
                if connection.closed:
                    raise UnreachableError(self._unreachable(database, error)) from None
                raise StatementError(describe(error), error) from None
            except psycopg.Error as error:
                raise StatementError(describe(error), error) from None

    def write(
        self,
        database: str,
        ctx: Context,
        work: Callable[[Connection, bool], _Result],
        *,
        transaction: bool = True,
    ) -> _Result:
        """Run `work(connection, again)` under the lock and commit; without `transaction` each statement commits itself.

        A lost, starting or just demoted server is tried again for up to 30 s. `again` tells `work` that an earlier
        attempt may have been committed without this side knowing.
        Raises UnreachableError, UntrustedError, DatabaseMissingError, StatementError.
        """
        deadline = time.monotonic() + min(_RETRY_FOR_S, ctx.remaining_s())
        again = False
        while True:
            try:
                with self._slots, self._connected(database, ctx) as connection:
                    before, again = again, True
                    return self._locked(connection, partial(work, connection, before), transaction=transaction)
            except UnreachableError as error:
                if time.monotonic() >= deadline or ctx.cancelled.is_set():
                    raise
                ctx.log("info", f"waiting for the server: {error}", ephemeral=True)
                ctx.cancelled.wait(_RETRY_EVERY_S)

    def _locked(self, connection: Connection, work: Callable[[], _Result], *, transaction: bool) -> _Result:
        database = connection.info.dbname
        try:
            connection.autocommit = not transaction
            # Without a transaction the lock belongs to the session, and the session ends with this call.
            lock = "pg_advisory_xact_lock" if transaction else "pg_advisory_lock"
            connection.execute(f"SELECT {lock}(%s)", [_LOCK_KEY])
            result = work()
            connection.commit()
        except psycopg.Error as error:
            if connection.closed or isinstance(error, pg.ReadOnlySqlTransaction):
                raise UnreachableError(self._unreachable(database, error)) from None
            raise StatementError(describe(error), error) from None
        return result

    @contextmanager
    def _connected(self, database: str, ctx: Context) -> Iterator[Connection]:
        with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
            try:
                connection = psycopg.connect(self._conninfo(database, Path(folder)))
            except psycopg.OperationalError as error:
                raise self._connection_error(database, error) from None
        try:
            with connection.transaction():
                connection.execute(_SESSION, {"ms": str(max(1000, int(ctx.remaining_s() * 1000)))})
            yield connection
        finally:
            connection.close()

    def _conninfo(self, database: str, folder: Path) -> str:
        settings = self.settings
        return make_conninfo(
            host=settings.host,
            port=settings.port,
            user=settings.username,
            password=settings.password or None,
            dbname=database,
            sslmode=settings.sslmode,
            connect_timeout=max(2, min(settings.connect_timeout_s or _ATTEMPT_S, _ATTEMPT_S)),
            application_name="pulumi stand-in for postgresql",
            gssencmode="disable",
            **self._files(folder),
        )

    def _files(self, folder: Path) -> dict[str, str]:
        """Return the certificate options; certificates given as text become files that live while connecting."""
        settings = self.settings
        if not settings.client_inline:
            paths = {
                "sslrootcert": settings.sslrootcert,
                "sslcert": settings.client_certificate,
                "sslkey": settings.client_key,
            }
            return {name: path for name, path in paths.items() if path}
        texts = {
            "sslkey": settings.client_key,
            "sslcert": settings.client_certificate,
            "sslrootcert": settings.sslrootcert,
        }
        options = {}
        for name, text in texts.items():
            if text:
                path = folder / name
                path.touch(mode=0o600)
                path.write_text(text, encoding="utf-8")
                options[name] = str(path)
        return options

    def _connection_error(self, database: str, error: psycopg.OperationalError) -> ProviderError:
        if is_passing(error):
            return UnreachableError(self._unreachable(database, error))
        cause = " ".join(str(error).split())
        if names_missing_database(error, database):
            return DatabaseMissingError(f"{self.settings} has no database {database!r}")
        kind = UntrustedError if is_untrusted(error) else ProviderError
        return kind(
            f"cannot connect to database {database!r} of {self.settings}: {cause}. "
            "Correct the settings of the postgresql provider (host, port, username, password, sslmode, sslrootcert, "
            "clientcert)",
        )

    def _unreachable(self, database: str, error: psycopg.Error) -> str:
        cause = " ".join(str(error).split())
        return (
            f"no PostgreSQL server answers as it should at {self.settings} (database {database!r}): {cause}. "
            "Start the server, or correct host and port of the postgresql provider"
        )
