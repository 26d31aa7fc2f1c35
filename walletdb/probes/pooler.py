"""PgBouncer, as far as it can be seen without a password.

Its console (SHOW POOLS) needs a user with a password, and walletdb.json holds none: numbers of clients and servers are
not shown. What is: TLS, the certificate, the latency, and whether the pooler reaches the server behind it. For the last
we begin to log in as a user that exists and stop at the password: PgBouncer asks for one only after it fetched the
user's secret from the server.
"""

from __future__ import annotations

import dataclasses
import ssl
import struct

from walletdb.config import HostPort
from walletdb.deadline import Deadline
from walletdb.errors import NoAnswerError, ProbeError
from walletdb.tls import Identity, Peer, postgres_tls

__all__ = ["NOT_SHOWN", "PoolerView", "parse_login", "probe", "startup_message"]

NOT_SHOWN = "numbers of clients and servers: PgBouncer's console needs a password, and walletdb holds none"

_PROBE_USER = "operator"
"""The login role for people; every stack has it, and it has a password, so PgBouncer must look it up."""
_PROTOCOL_3 = 196608
_HEADER = struct.Struct("!cI")
_MAX_MESSAGE = 4096


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PoolerView:
    """The pooler behind a handshake. `reaches_server` False comes with the reason in `error`."""

    reaches_server: bool
    error: str | None = None


def probe(address: HostPort, database: str, identity: Identity, deadline: Deadline) -> tuple[PoolerView, Peer]:
    """Shake hands, begin to log in, read one message and leave.

    Raises:
        ProbeError: no connection, or no TLS 1.3.
    """
    with postgres_tls(address, identity, deadline) as (secure, peer):
        try:
            secure.settimeout(deadline.remaining_s())
            secure.sendall(startup_message(_PROBE_USER, database))
            return parse_login(_message(secure)), peer
        except (TimeoutError, NoAnswerError):
            waited = f"takes connections, but reached no server within {deadline.seconds:g} s"
            return PoolerView(reaches_server=False, error=waited), peer


def startup_message(user: str, database: str) -> bytes:
    """PostgreSQL's first message, protocol 3.0."""
    body = b"".join(part.encode() + b"\0" for part in ("user", user, "database", database)) + b"\0"
    return struct.pack("!ii", 8 + len(body), _PROTOCOL_3) + body


def parse_login(message: tuple[bytes, bytes]) -> PoolerView:
    """Read (type, body) of the first answer: a request for the password is good, an error says what is wrong."""
    kind, body = message
    if kind == b"R":
        return PoolerView(reaches_server=True)
    if kind == b"E":
        fields = {field[:1]: field[1:].decode("utf-8", "replace") for field in body.split(b"\0") if field}
        return PoolerView(reaches_server=False, error=fields.get(b"M", "an error without a text"))
    return PoolerView(reaches_server=False, error=f"unexpected message {kind!r}")


def _message(secure: ssl.SSLSocket) -> tuple[bytes, bytes]:
    kind, length = _HEADER.unpack(_exactly(secure, _HEADER.size))
    return kind, _exactly(secure, min(max(length - 4, 0), _MAX_MESSAGE))


def _exactly(secure: ssl.SSLSocket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = secure.recv(size - len(data))
        if not part:
            raise ProbeError("the pooler closed the connection during the log-in")
        data += part
    return data
