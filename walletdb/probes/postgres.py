"""PostgreSQL over SQL: what a member says of itself, and who answers behind the writer and the reader."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, LiteralString

import psycopg

from walletdb.config import HostPort
from walletdb.deadline import Deadline
from walletdb.errors import ProbeError
from walletdb.probes.queries import ENDPOINT, REPLAYED, SERVER, WRITE
from walletdb.tls import Identity, Peer, postgres_tls

__all__ = [
    "EndpointView",
    "ServerView",
    "Standby",
    "endpoint",
    "flush",
    "parse_endpoint",
    "parse_server",
    "server",
    "session",
    "wait_replayed",
    "write_through",
]

USER = "postgres"
_MAINTENANCE = "postgres"
"""The database every server has; a member is well also while the application's database is not made yet."""
_POLL_S = 0.02
_LIBPQ_MINIMUM_S = 2
"""libpq takes no shorter connect_timeout; the handshake before it has met the deadline by then."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Standby:
    """One line of the leader's pg_stat_replication."""

    name: str
    state: str
    sync_state: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ServerView:
    """A member's own words. Positions in the WAL are bytes since its beginning.

    A leader has `lsn` and `standbys`; a replica has `received`, `replayed`, `replay_age_s` (seconds since the last
    commit it replayed was made), `replay_paused` and `receiver` (its WAL receiver's status).
    """

    in_recovery: bool
    version: str
    timeline: int | None
    system_identifier: str
    tls_version: str
    cipher: str
    data_directory: str
    settings: Mapping[str, str]
    pending_restart: tuple[str, ...]
    lsn: int | None = None
    standbys: tuple[Standby, ...] = ()
    received: int | None = None
    replayed: int | None = None
    replay_age_s: float | None = None
    replay_paused: bool = False
    receiver: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EndpointView:
    """Who answered through an endpoint. `host` and `port` are the server's own, behind any load balancer."""

    host: str
    port: int
    in_recovery: bool
    tls_version: str
    cipher: str
    timescaledb_available: bool
    timescaledb_installed: str | None


def server(address: HostPort, identity: Identity, deadline: Deadline) -> tuple[ServerView, Peer]:
    """Ask a member about itself.

    Raises:
        ProbeError: it cannot be asked.
    """
    with postgres_tls(address, identity, deadline) as (_, peer):
        pass
    with session(address, _MAINTENANCE, identity, deadline) as connection:
        return parse_server(_one(connection, SERVER)), peer


def endpoint(address: HostPort, database: str, identity: Identity, deadline: Deadline) -> tuple[EndpointView, Peer]:
    """Connect through an endpoint and ask who is there.

    Raises:
        ProbeError: nobody answers.
    """
    with postgres_tls(address, identity, deadline) as (_, peer):
        pass
    with session(address, database, identity, deadline) as connection:
        return parse_endpoint(_one(connection, ENDPOINT)), peer


def wait_replayed(
    address: HostPort, position: int, limit_s: float, identity: Identity, deadline: Deadline
) -> float | None:
    """Wait until a replica has replayed up to `position` bytes.

    Returns the seconds it took, 0 when it was there at once, None when `limit_s` was not enough.

    Raises:
        ProbeError: it cannot be asked.
    """
    with session(address, _MAINTENANCE, identity, deadline) as connection:
        began, passed = time.monotonic(), 0.0
        while True:
            reached = _one(connection, REPLAYED, position)
            if reached:
                return passed
            time.sleep(_POLL_S)
            passed = time.monotonic() - began
            if passed >= limit_s:
                return None


def flush(address: HostPort, identity: Identity, deadline: Deadline) -> None:
    """Have a leader write out its WAL up to the end of a record.

    On an idle server the flushed WAL may end inside a record, at the end of a page: replicas cannot replay that record
    before its rest arrives, and would seem to lag for ever. The commit waits for no standby.

    Raises:
        ProbeError: it was not committed in time.
    """
    with session(address, _MAINTENANCE, identity, deadline) as connection:
        connection.execute("SET synchronous_commit = local")
        _one(connection, WRITE)


def write_through(
    address: HostPort, database: str, identity: Identity, deadline: Deadline
) -> tuple[EndpointView, tuple[Standby, ...]]:
    """Commit a real write through an endpoint; who took it, and that server's standbys.

    The write is one message in the WAL: it waits for the synchronous standby as any commit does, and leaves no table.

    Raises:
        ProbeError: it was not committed in time.
    """
    with session(address, database, identity, deadline) as connection:
        _one(connection, WRITE)
        view = parse_endpoint(_one(connection, ENDPOINT))
        return view, parse_server(_one(connection, SERVER)).standbys


@contextlib.contextmanager
def session(address: HostPort, database: str, identity: Identity, deadline: Deadline) -> Iterator[psycopg.Connection]:
    """A connection as the superuser by certificate, cut at the deadline whatever the server does.

    Raises:
        ProbeError: it cannot be opened, breaks or misses the deadline.
    """
    left = deadline.remaining_s()
    missed = threading.Event()
    try:
        with (
            psycopg.connect(
                host=address.host,
                port=address.port,
                dbname=database,
                user=USER,
                sslmode="verify-full",
                sslrootcert=str(identity.ca_file),
                sslcert=str(identity.certificate),
                sslkey=str(identity.key),
                ssl_min_protocol_version="TLSv1.3",
                gssencmode="disable",
                target_session_attrs="any",
                connect_timeout=max(_LIBPQ_MINIMUM_S, math.ceil(left)),
                application_name="walletdb",
                autocommit=True,
            ) as connection,
            _cut_at(deadline, connection, missed),
        ):
            yield connection
    except psycopg.Error as error:
        if missed.is_set() or isinstance(error, psycopg.errors.ConnectionTimeout):
            raise deadline.missed() from error
        raise ProbeError(_first_line(str(error))) from error


@contextlib.contextmanager
def _cut_at(deadline: Deadline, connection: psycopg.Connection, missed: threading.Event) -> Iterator[None]:
    """Shut the socket down at the deadline: a frozen server answers no query and no cancel request.

    Works on a duplicate of the descriptor, so that a number that was closed and given out anew is never hit.
    """
    with socket.socket(fileno=os.dup(connection.fileno())) as wire:

        def cut() -> None:
            missed.set()
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(deadline.remaining_s(), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def parse_server(row: Mapping[str, Any]) -> ServerView:
    """Read the row of SERVER."""
    standbys = tuple(Standby(**line) for line in row["standbys"] or ())
    return ServerView(**{**row, "standbys": standbys, "pending_restart": tuple(row["pending_restart"] or ())})


def parse_endpoint(row: Mapping[str, Any]) -> EndpointView:
    """Read the row of ENDPOINT."""
    return EndpointView(**row)


def _one(connection: psycopg.Connection, query: LiteralString, *parameters: object) -> Any:  # noqa: ANN401 - JSON
    """The only value of the only row."""
    row = connection.execute(query, parameters or None).fetchone()
    if row is None:  # pragma: no cover - every query here gives a row
        raise ProbeError("the server gave no row")
    return row[0]


def _first_line(text: str) -> str:
    """The first line of a libpq error: the others repeat it."""
    line = text.strip().splitlines()[0] if text.strip() else "no text"
    return line.removeprefix("connection failed: ")
