"""TLS towards every server: TLS 1.3 only, chain and host name verified, our client certificate shown."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import http.client
import json
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from walletdb.config import Config, HostPort
from walletdb.deadline import Deadline
from walletdb.errors import ConfigError, ProbeError

__all__ = [
    "Answer",
    "Identity",
    "Peer",
    "PeerCertificate",
    "direct_tls",
    "https_json",
    "parse_certificate",
    "postgres_tls",
]

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""PostgreSQL's request to start TLS: length and the code 1234.5679 of the protocol's message SSLRequest."""

_MAX_BODY = 4 * 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class PeerCertificate:
    """What a certificate says, wherever it was seen."""

    subject: str
    not_before: dt.datetime
    not_after: dt.datetime
    fingerprint: str


@dataclasses.dataclass(frozen=True, slots=True)
class Peer:
    """A finished handshake: the certificate's chain and host name were accepted."""

    tls_version: str
    cipher: str
    latency_ms: float
    certificate: PeerCertificate


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, decoded JSON (text where it is none), and who gave it."""

    status: int
    body: object
    peer: Peer


@dataclasses.dataclass(frozen=True)
class Identity:
    """The files that prove who we are and say whom we trust."""

    ca_file: Path
    certificate: Path
    key: Path
    context: ssl.SSLContext = dataclasses.field(repr=False)

    @classmethod
    def load(cls, config: Config) -> Identity:
        """Read the three files once.

        Raises:
            ConfigError: one is missing, unreadable or no certificate.
        """
        try:
            context = ssl.create_default_context(cafile=str(config.ca_file))
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.load_cert_chain(config.client_certificate, config.client_key)
        except (OSError, ssl.SSLError) as error:
            denied = isinstance(error, PermissionError)
            files = f"{config.ca_file}, {config.client_certificate}, {config.client_key}"
            raise ConfigError(
                "the client certificate or the CA cannot be used",
                got=str(error),
                allowed=f"readable PEM files: {files}",
                fix="run it as the user who ran `make up`" if denied else "`make up` writes them anew",
            ) from error
        return cls(config.ca_file, config.client_certificate, config.client_key, context)


def parse_certificate(data: bytes) -> PeerCertificate:
    """Read a certificate, DER or PEM (the first of a chain).

    Raises:
        ProbeError: it is neither.
    """
    try:
        pem = b"-----BEGIN" in data
        certificate = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise ProbeError(f"no certificate: {error}") from error
    digest = certificate.fingerprint(hashes.SHA256())
    return PeerCertificate(
        certificate.subject.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        digest.hex(),
    )


@contextlib.contextmanager
def postgres_tls(address: HostPort, identity: Identity, deadline: Deadline) -> Iterator[tuple[ssl.SSLSocket, Peer]]:
    """Connect, ask for TLS as PostgreSQL's clients do, and yield the socket and who answered.

    A certificate that is not accepted is fetched once more without verifying, so that the error can show it; such a
    peer gets nothing from us.

    Raises:
        ProbeError: refused, timed out, or no TLS 1.3.
    """

    def start() -> socket.socket:
        raw = _connect(address, deadline)
        try:
            raw.sendall(_SSL_REQUEST)
            reply = raw.recv(1)
        except BaseException:
            raw.close()
            raise
        if reply != b"S":
            raw.close()
            said = "closed the connection: no server stands behind it" if not reply else "does not offer TLS"
            raise ProbeError(f"{address} {said}")
        return raw

    with _secured(start, address, identity, deadline) as secured:
        yield secured


def direct_tls(address: HostPort, identity: Identity, deadline: Deadline) -> Peer:
    """Connect to a server that speaks TLS from the first byte, shake hands and leave.

    Raises:
        ProbeError: as `postgres_tls`.
    """
    with _secured(lambda: _connect(address, deadline), address, identity, deadline) as (_, peer):
        return peer


@contextlib.contextmanager
def _secured(
    start: Callable[[], socket.socket], address: HostPort, identity: Identity, deadline: Deadline
) -> Iterator[tuple[ssl.SSLSocket, Peer]]:
    """Shake hands on the connection that `start` makes; it is made once more to look at a bad certificate."""
    with _named(address, deadline):
        began = time.monotonic()
        raw = start()
        try:
            secure = identity.context.wrap_socket(raw, server_hostname=address.host)
        except ssl.SSLCertVerificationError as error:
            raw.close()
            raise ProbeError(_unverified(error, _peek(start()))) from error
        except BaseException:
            raw.close()
            raise
        with secure:
            yield secure, _peer(secure, began)


def https_json(url: str, identity: Identity, deadline: Deadline, *, method: str = "GET", body: object = None) -> Answer:
    """One HTTPS request with our certificate.

    Raises:
        ProbeError: refused, timed out, TLS failed or the answer is no HTTP.
    """
    parts = urlsplit(url)
    address = HostPort(host=parts.hostname or "", port=parts.port or 443)
    with _named(address, deadline):
        began = time.monotonic()
        connection = http.client.HTTPSConnection(
            address.host, address.port, timeout=deadline.remaining_s(), context=identity.context
        )
        try:
            connection.connect()
            secure = connection.sock
            if not isinstance(secure, ssl.SSLSocket):  # pragma: no cover - HTTPSConnection always wraps
                raise ProbeError(f"{url}: no TLS")
            peer = _peer(secure, began)
            payload = None if body is None else json.dumps(body)
            secure.settimeout(deadline.remaining_s())
            connection.request(method, parts.path or "/", payload, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            text = reply.read(_MAX_BODY).decode("utf-8", "replace")
        except ssl.SSLCertVerificationError as error:
            raise ProbeError(_unverified(error, _peek(_connect(address, deadline)))) from error
        finally:
            connection.close()
    try:
        return Answer(reply.status, json.loads(text), peer)
    except ValueError:
        return Answer(reply.status, text.strip(), peer)


def _connect(address: HostPort, deadline: Deadline) -> socket.socket:
    return socket.create_connection((address.host, address.port), deadline.remaining_s())


@contextlib.contextmanager
def _named(address: HostPort, deadline: Deadline) -> Iterator[None]:
    """Turn what the operating system says into a text with the address."""
    try:
        yield
    except TimeoutError as error:
        raise deadline.missed() from error
    except ssl.SSLError as error:
        raise ProbeError(f"{address} {_refused(error)}") from error
    except (OSError, http.client.HTTPException) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ProbeError(f"{address} {said}") from error


def _refused(error: ssl.SSLError) -> str:
    """OpenSSL's reason in words; an alert is what the other side said."""
    reason = (error.reason or str(error)).lower().replace("_", " ")
    if "protocol version" in reason or "unsupported protocol" in reason:
        return "offers no TLS 1.3"
    if "alert certificate" in reason or "unknown ca" in reason or "certificate required" in reason:
        return f"does not accept our client certificate: {reason}"
    return f"TLS failed: {reason}"


def _peer(secure: ssl.SSLSocket, began: float) -> Peer:
    latency_ms = (time.monotonic() - began) * 1000
    cipher = secure.cipher()
    certificate = parse_certificate(secure.getpeercert(binary_form=True) or b"")
    return Peer(secure.version() or "", cipher[0] if cipher else "", round(latency_ms, 1), certificate)


def _peek(raw: socket.socket) -> PeerCertificate | None:
    """The certificate a peer shows, not verified; None when it cannot be had."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with contextlib.suppress(OSError, ProbeError), raw, context.wrap_socket(raw) as secure:
        return parse_certificate(secure.getpeercert(binary_form=True) or b"")
    return None


def _unverified(error: ssl.SSLCertVerificationError, shown: PeerCertificate | None) -> str:
    text = f"certificate not accepted: {error.verify_message}"
    if shown is None:
        return text
    minute = "%Y-%m-%d %H:%M"
    return f"{text} ({shown.subject}, valid from {shown.not_before:{minute}} until {shown.not_after:{minute}} UTC)"
