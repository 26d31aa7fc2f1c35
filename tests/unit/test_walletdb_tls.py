"""TLS and deadlines, against small servers of this test's own: frozen, silent, expired, unknown, too old."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import ipaddress
import json
import socket
import ssl
import tempfile
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from walletdb.config import HostPort, ReplicaSet, ReplicaSetMember
from walletdb.deadline import Deadline, Job, run_all
from walletdb.errors import DeniedError, NoAnswerError, ProbeError
from walletdb.probes import certificates, mongodb, postgres, supervisor
from walletdb.tls import Identity, direct_tls, https_json, parse_certificate, postgres_tls

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
BODY = {"state": "running"}


class Authority:
    """A CA in a folder, which makes one file with key and certificate for each name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("test CA")
        self.file = folder / "ca.crt"
        certificate = self._builder(self.name, self.key, NOW + 365 * DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file.write_bytes(_pem(certificate.sign(self.key, hashes.SHA256())))

    def make(self, name: str, *, ends: dt.datetime = NOW + 30 * DAY, address: str = "127.0.0.1") -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        builder = self._builder(_name(name), key, ends).add_extension(names, critical=False)
        path = self.folder / f"{name}.pem"
        path.touch(0o600)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(_pem(builder.sign(self.key, hashes.SHA256())) + secret)
        return path

    def identity(self) -> Identity:
        own = self.make("client")
        context = ssl.create_default_context(cafile=self.file)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(own)
        return Identity(self.file, own, own, context)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, ends: dt.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 365 * DAY)
            .not_valid_after(ends)
        )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextlib.contextmanager
def _listening(talk: Callable[[socket.socket], None] | None) -> Iterator[HostPort]:
    """A listener that hands each connection to `talk`; None: it accepts nobody, as a stopped process does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, talk), daemon=True) if talk else None
        if thread:
            thread.start()
        try:
            yield HostPort(host="127.0.0.1", port=listener.getsockname()[1])
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            if thread:
                thread.join(10)


def _accept(listener: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                with contextlib.suppress(OSError):
                    talk(connection)


def _postgres(certificate: Path, maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Callable[[socket.socket], None]:
    """Speaks PostgreSQL's start of TLS, then says nothing more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.maximum_version = maximum

    def talk(connection: socket.socket) -> None:
        assert len(connection.recv(8)) == 8
        connection.sendall(b"S")
        with context.wrap_socket(connection, server_side=True) as secure:
            while secure.recv(100):
                pass

    return talk


def _mongod(certificate: Path, maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Callable[[socket.socket], None]:
    """Speaks TLS from the first byte, then says nothing more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.maximum_version = maximum

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            while secure.recv(100):
                pass

    return talk


def _shake(address: HostPort, identity: Identity, seconds: float = 3) -> tuple[str, str]:
    with postgres_tls(address, identity, Deadline.after(seconds)) as (_, peer):
        return peer.tls_version, peer.certificate.subject


def test_a_good_server_shows_version_and_certificate(authority: Authority) -> None:
    with _listening(_postgres(authority.make("server"))) as address:
        assert _shake(address, authority.identity()) == ("TLSv1.3", "CN=server")


@pytest.mark.parametrize(
    "ends,name,said",
    [
        (NOW - DAY, "127.0.0.1", "certificate has expired.*CN=server, valid from .* until "),
        (NOW + DAY, "10.9.9.9", "IP address mismatch.*CN=server"),
    ],
)
def test_a_certificate_that_is_not_accepted_is_shown(
    authority: Authority, ends: dt.datetime, name: str, said: str
) -> None:
    server = authority.make("server", ends=ends, address=name)
    with _listening(_postgres(server)) as address, pytest.raises(ProbeError, match=said):
        _shake(address, authority.identity())


def test_another_ca_is_not_accepted(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    server = Authority(tmp_path / "other").make("server")
    with _listening(_postgres(server)) as address, pytest.raises(ProbeError, match="certificate not accepted"):
        _shake(address, authority.identity())


def test_older_tls_is_refused(authority: Authority) -> None:
    server = _postgres(authority.make("server"), ssl.TLSVersion.TLSv1_2)
    with _listening(server) as address, pytest.raises(ProbeError, match=r"offers no TLS 1\.3"):
        _shake(address, authority.identity())


@pytest.mark.parametrize(
    "answer,said", [(b"N", "does not offer TLS"), (b"", "no server stands behind it")], ids=["no TLS", "no server"]
)
def test_a_listener_without_tls_or_server(authority: Authority, answer: bytes, said: str) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(8)
        connection.sendall(answer)

    with _listening(talk) as address, pytest.raises(ProbeError, match=said):
        _shake(address, authority.identity())


def test_a_closed_port_is_named(authority: Authority) -> None:
    with _listening(None) as address:
        pass
    with pytest.raises(ProbeError, match=f"{address} Connection refused"):
        _shake(address, authority.identity())


def test_a_frozen_server_costs_the_deadline_and_no_more(authority: Authority) -> None:
    began = time.monotonic()
    with _listening(None) as address, pytest.raises(NoAnswerError, match=r"no answer within 0\.3 s"):
        _shake(address, authority.identity(), 0.3)
    assert time.monotonic() - began < 5


def test_a_server_that_falls_silent_after_tls_is_given_up(authority: Authority) -> None:
    with (
        _listening(_postgres(authority.make("server"))) as address,
        pytest.raises(ProbeError, match="no answer within"),
    ):
        postgres.server(address, authority.identity(), Deadline.after(0.5))


def test_tls_from_the_first_byte(authority: Authority) -> None:
    with _listening(_mongod(authority.make("server"))) as address:
        peer = direct_tls(address, authority.identity(), Deadline.after(3))
    assert (peer.tls_version, peer.certificate.subject) == ("TLSv1.3", "CN=server")


@pytest.mark.parametrize(
    "maximum,name,said",
    [
        (ssl.TLSVersion.TLSv1_2, "127.0.0.1", r"offers no TLS 1\.3"),
        (ssl.TLSVersion.TLSv1_3, "10.9.9.9", "IP address mismatch.*CN=server"),
    ],
)
def test_a_mongod_that_is_not_as_it_should_be_is_refused(
    authority: Authority, maximum: ssl.TLSVersion, name: str, said: str
) -> None:
    server = _mongod(authority.make("server", address=name), maximum)
    with _listening(server) as address, pytest.raises(ProbeError, match=said):
        direct_tls(address, authority.identity(), Deadline.after(3))


@pytest.mark.parametrize("after_tls", [True, False], ids=["after TLS", "at once"])
def test_a_mongod_that_falls_silent_costs_the_deadline_and_no_more(authority: Authority, *, after_tls: bool) -> None:
    began = time.monotonic()
    with _listening(_mongod(authority.make("server")) if after_tls else None) as address:
        member = ReplicaSetMember(name="mongodb-1", host=address.host, port=address.port)
        replica_set = ReplicaSet(
            name="mongodb",
            database="d",
            election_timeout_ms=1,
            oplog_retention_h=1,
            maximum_lag_ms=1,
            certificate_key_file=authority.make("admin"),
            members=(member,),
        )
        with pytest.raises(NoAnswerError, match=r"no answer within 0\.5 s"):
            mongodb.member(member, replica_set, authority.identity(), Deadline.after(0.5))
    assert time.monotonic() - began < 5


def test_https_reads_json_and_the_certificate(authority: Authority) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = json.dumps(BODY).encode()
            self.send_response(503)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.make("rest"))

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            Handler(secure, ("127.0.0.1", 0), None)  # type: ignore[arg-type]

    with _listening(talk) as address:
        answer = https_json(f"https://{address}/patroni", authority.identity(), Deadline.after(3))
    assert (answer.status, answer.body, answer.peer.certificate.subject) == (503, BODY, "CN=rest")


def test_what_is_no_certificate_is_an_error(tmp_path: Path) -> None:
    for data in (b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        with pytest.raises(ProbeError, match="no certificate"):
            parse_certificate(data)
    (tmp_path / "x.crt").write_bytes(b"rubbish")
    assert certificates.from_disk("x", tmp_path / "x.crt", NOW).error
    assert certificates.from_disk("y", tmp_path / "y.crt", NOW).error == "No such file or directory"


def test_days_left_count_from_now(authority: Authority) -> None:
    found = certificates.from_disk("server", authority.make("server", ends=NOW + 10 * DAY), NOW)
    assert found.days_left == pytest.approx(10, abs=0.01)
    assert found.not_before == (NOW - 365 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose sockets have short paths; the system's limit is 107 bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_the_supervisors_socket(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = short / "s.sock"
    with pytest.raises(ProbeError, match="no supervisor answers"):
        supervisor.probe(path, Deadline.after(1))
    info = {"name": "etcd", "group": "etcd", "start": 1, "now": 2, "statename": "RUNNING", "spawnerr": "", "pid": 5}
    body = xmlrpc.client.dumps(([info],), methodresponse=True).encode()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def talk() -> None:
            connection, _ = listener.accept()
            with connection:
                request = b""
                while b"</methodCall>" not in request:  # it comes in two pieces
                    request += connection.recv(65536)
                head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
                connection.sendall(head.encode() + body)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        assert supervisor.probe(path, Deadline.after(3))[0].name == "etcd"
        thread.join(10)

    def denied(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(supervisor._UnixConnection, "connect", denied)
    with pytest.raises(DeniedError):
        supervisor.probe(path, Deadline.after(1))


def test_jobs_run_side_by_side_and_one_that_hangs_is_left_behind() -> None:
    released = threading.Event()

    def broken(_deadline: Deadline) -> int:
        raise KeyError("x")

    def refused(_deadline: Deadline) -> int:
        raise ProbeError("refused")

    jobs = [Job(lambda _deadline: 1), Job(refused), Job(broken), Job(lambda _deadline: int(released.wait(30)))]
    began = time.monotonic()
    run_all(jobs, 0.2)
    assert time.monotonic() - began < 10
    released.set()
    assert jobs[0].found.value == 1
    assert [job.found.error for job in jobs[:3]] == [None, "refused", "KeyError: 'x'"]


def test_a_job_that_has_not_ended_says_that_it_is_late() -> None:
    released = threading.Event()
    job = Job(lambda _deadline: released.wait(30))
    run_all([job], 0.2)
    assert job.found.error == "no answer within 0.2 s"
    released.set()
