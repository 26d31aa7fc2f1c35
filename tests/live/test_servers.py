"""The running servers: topology, transport, settings, and that no secret lies about."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import ssl
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from localproc import identity
from tests.fixtures.cluster import Cluster
from tests.fixtures.live_stack import LiveStack

pytestmark = pytest.mark.live

OFFSETS_WITH_PLAIN_TLS = {"etcd": 0, "Patroni of member 1": 21, "Patroni of member 2": 23, "Patroni of time series": 51}
OFFSETS_OF_POSTGRES = {"writer": 10, "reader": 11, "pooler": 12, "member 1": 20, "member 3": 24, "time series": 40}


def handshake(stack: LiveStack, offset: int, version: str, *, starttls: bool) -> str:
    """What OpenSSL's client says of a handshake with this version only, with the administrator's certificate."""
    root = stack.directory
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{stack.port_base + offset}", version, "-brief"]
    command += ["-CAfile", str(root / "ca.crt"), "-verify_return_error", "-verify_ip", "127.0.0.1"]
    command += ["-cert", str(root / "admin.crt"), "-key", str(root / "admin.key")]
    command += ["-starttls", "postgres"] if starttls else []
    done = subprocess.run(command, input="", capture_output=True, text=True, check=False, timeout=20)
    return done.stdout + done.stderr


@pytest.mark.parametrize("offset", OFFSETS_WITH_PLAIN_TLS.values(), ids=OFFSETS_WITH_PLAIN_TLS)
def test_control_traffic_is_tls_1_3_and_nothing_less(stack: LiveStack, offset: int) -> None:
    said = handshake(stack, offset, "-tls1_3", starttls=False)
    assert "Protocol version: TLSv1.3" in said
    assert "Verification: OK" in said
    assert "Protocol version" not in handshake(stack, offset, "-tls1_2", starttls=False)


@pytest.mark.parametrize("offset", OFFSETS_OF_POSTGRES.values(), ids=OFFSETS_OF_POSTGRES)
def test_database_traffic_is_tls_1_3_and_nothing_less(stack: LiveStack, offset: int) -> None:
    said = handshake(stack, offset, "-tls1_3", starttls=True)
    assert "Protocol version: TLSv1.3" in said
    assert "Verification: OK" in said
    assert "Protocol version" not in handshake(stack, offset, "-tls1_2", starttls=True)


@pytest.mark.parametrize("offset", [0, 21], ids=["etcd", "Patroni"])
def test_control_traffic_needs_a_client_certificate(stack: LiveStack, offset: int) -> None:
    context = ssl.create_default_context(cafile=str(stack.directory / "ca.crt"))

    connection = http.client.HTTPSConnection("127.0.0.1", stack.port_base + offset, context=context, timeout=5)

    def ask() -> None:
        connection.request("GET", "/health")
        connection.getresponse()

    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask()
    connection.close()


def test_two_replicas_stream_and_one_is_synchronous(stack: LiveStack) -> None:
    with stack.admin() as connection:
        rows = connection.execute("SELECT state, sync_state FROM pg_stat_replication ORDER BY sync_state").fetchall()
        assert [state for state, _ in rows] == ["streaming", "streaming"]
        assert sorted(sync for _, sync in rows) == ["async", "sync"]
        encrypted = connection.execute(
            "SELECT bool_and(s.ssl), min(s.version) FROM pg_stat_ssl s JOIN pg_stat_replication r USING (pid)"
        ).fetchone()
        assert encrypted == (True, "TLSv1.3")


def test_what_is_written_through_the_writer_is_read_through_the_reader(stack: LiveStack) -> None:
    with stack.admin() as writer, stack.admin(stack.port_base + 11) as reader:
        writer.execute("CREATE TABLE noted AS SELECT pg_is_in_recovery() AS on_replica")
        try:
            deadline = time.monotonic() + 10
            query = "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'noted')"
            while reader.execute(query).fetchone() != (True,):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert reader.execute("SELECT on_replica, pg_is_in_recovery() FROM noted").fetchone() == (False, True)
        finally:
            writer.execute("DROP TABLE noted")


@pytest.mark.parametrize("mebibytes", [0, 24], ids=["for long", "far"])
def test_a_replica_that_lags_leaves_the_reader_port(stack: LiveStack, mebibytes: int) -> None:
    """One of two replicas stops replaying (Patroni would undo a mere `pg_wal_replay_pause`): reads go to the other."""
    cluster = Cluster.of(stack)
    cluster.until_whole()
    lagging, other = sorted(name for name in cluster.ports if name != cluster.leader())
    replaying = next(
        process for process in cluster.postmaster(lagging).children() if "startup" in " ".join(process.cmdline())
    )
    with stack.admin() as primary:
        primary.execute("CREATE TABLE ballast (filler text)")
        replaying.suspend()
        try:
            primary.execute("INSERT INTO ballast VALUES ('x')")
            for _ in range(mebibytes):
                primary.execute("INSERT INTO ballast SELECT repeat('x', 1000) FROM generate_series(1, 1000)")
            assert reads(stack, {cluster.ports[other]}) == {cluster.ports[other]}
        finally:
            replaying.resume()
            primary.execute("DROP TABLE ballast")
    both = {cluster.ports[lagging], cluster.ports[other]}
    assert reads(stack, both) == both


def test_a_session_on_a_replica_that_is_too_old_ends(stack: LiveStack) -> None:
    """Otherwise a pool would read yesterday's data for as long as it keeps its connections."""
    cluster = Cluster.of(stack)
    cluster.until_whole()
    assert len(reads(stack, {cluster.ports[name] for name in cluster.ports if name != cluster.leader()})) == 2
    with stack.admin(stack.port_base + 11) as reader, stack.admin() as primary:
        port = reader.execute("SELECT inet_server_port()").fetchone()
        lagging = next(name for name, known in cluster.ports.items() if (known,) == port)
        replaying = next(
            process for process in cluster.postmaster(lagging).children() if "startup" in " ".join(process.cmdline())
        )
        replaying.suspend()
        try:
            primary.execute("SELECT pg_logical_emit_message(true, 'test', 'x')")
            with pytest.raises(psycopg.OperationalError):
                reader.execute("SELECT pg_sleep(20)")
        finally:
            replaying.resume()


def reads(stack: LiveStack, wanted: set[int]) -> set[int]:
    """Server ports that eight connections through the reader port land on, as soon as they are the wanted ones."""
    deadline = time.monotonic() + 20
    while True:
        rows = []
        with contextlib.ExitStack() as connections, contextlib.suppress(psycopg.OperationalError):
            # Side by side, so that they are spread; a replica that leaves takes its sessions along.
            for _ in range(8):
                connection = connections.enter_context(stack.admin(stack.port_base + 11))
                rows.append(connection.execute("SELECT inet_server_port()").fetchone())
        seen = {row[0] for row in rows if row}
        if seen == wanted or time.monotonic() > deadline:
            return seen
        time.sleep(0.5)


def until_logged(stack: LiveStack, text: str) -> None:
    """Wait for a text in the servers' logs, which reach their files through the supervisor."""
    deadline = time.monotonic() + 20
    while True:
        logs = "".join(log.read_text(errors="replace") for log in (stack.directory / "log").glob("postgres-*.log"))
        if text in logs:
            return
        assert time.monotonic() < deadline, f"no {text!r} in the logs, which end: {logs[-1000:]}"
        time.sleep(0.2)


def test_changes_of_structure_are_audited(stack: LiveStack) -> None:
    with stack.admin() as connection:
        connection.execute("CREATE TABLE audited_by_pgaudit (id int)")
        connection.execute("DROP TABLE audited_by_pgaudit")
    until_logged(stack, "AUDIT: SESSION,1,1,DDL,CREATE TABLE")


def test_settings_that_the_specification_gives(stack: LiveStack) -> None:
    wanted = {
        "data_checksums": "on",
        "statement_timeout": "30s",
        "lock_timeout": "5s",
        "log_min_duration_statement": "200ms",
        "log_lock_waits": "on",
        "password_encryption": "scram-sha-256",
        "ssl_min_protocol_version": "TLSv1.3",
    }
    with stack.admin() as connection:
        found = {name: connection.execute("SELECT current_setting(%s)", [name]).fetchone() for name in wanted}
        assert {name: row[0] for name, row in found.items() if row} == wanted
        libraries = connection.execute("SELECT current_setting('shared_preload_libraries')").fetchone()
        assert libraries is not None
        assert {"pg_stat_statements", "pgaudit"} <= set(libraries[0].split(","))


def test_a_deadlock_is_resolved_and_logged(stack: LiveStack) -> None:
    url = stack.outputs()["services"]["migration_runner"]
    with psycopg.connect(url) as one, psycopg.connect(url) as two:
        one.execute("CREATE TABLE shared.locks (id int PRIMARY KEY)")
        one.execute("INSERT INTO shared.locks VALUES (1), (2)")
        one.commit()
        one.execute("SELECT * FROM shared.locks WHERE id = 1 FOR UPDATE")
        two.execute("SELECT * FROM shared.locks WHERE id = 2 FOR UPDATE")
        one.pgconn.send_query(b"SELECT * FROM shared.locks WHERE id = 2 FOR UPDATE")
        # Whoever notices first is the victim: the other one's lock is then granted.
        try:
            two.execute("SELECT * FROM shared.locks WHERE id = 1 FOR UPDATE")
            answer = one.pgconn.get_result()
            victim = answer.error_field(psycopg.pq.DiagnosticField.SQLSTATE) if answer else None
        except psycopg.errors.DeadlockDetected as error:
            victim = (error.sqlstate or "").encode()
            one.pgconn.get_result()
        assert victim == b"40P01"
        two.rollback()
        while one.pgconn.get_result():
            pass
    until_logged(stack, "deadlock detected")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE shared.locks")


def test_every_listener_is_on_loopback(stack: LiveStack) -> None:
    pids = {process.pid for process in identity.of_stack(stack.directory)}
    listening = [c for c in psutil.net_connections("inet") if c.status == psutil.CONN_LISTEN and c.pid in pids]
    assert len(listening) >= 10
    assert {connection.laddr[0] for connection in listening} <= {"127.0.0.1", "::1"}


def test_no_server_runs_as_root(stack: LiveStack) -> None:
    owners = set()
    for process in identity.of_stack(stack.directory):
        with contextlib.suppress(psutil.NoSuchProcess):
            owners.add(process.uids().real)
    assert owners
    assert 0 not in owners


def test_no_password_lies_in_a_file_a_log_or_a_command_line(stack: LiveStack) -> None:
    outputs = stack.outputs()
    passwords = {url.split(":")[2].split("@")[0] for url in outputs["services"].values()}
    passwords.add(outputs["postgres"]["writer_url"].split(":")[2].split("@")[0])
    assert all(len(password) >= 32 for password in passwords)
    needles = [password.encode() for password in passwords]
    for folder in (stack.directory, stack.home / "pulumi"):
        for parent, _, names in os.walk(folder):
            for path in (Path(parent) / name for name in names):
                # Servers remove files of theirs all the time.
                with contextlib.suppress(FileNotFoundError):
                    content = path.read_bytes() if path.is_file() else b""
                    assert not any(needle in content for needle in needles), path
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline()).encode()
        except psutil.Error:
            continue
        assert not any(needle in line for needle in needles), process


def test_keys_are_readable_by_their_owner_alone(stack: LiveStack) -> None:
    keys = [*stack.directory.rglob("*.key"), *stack.directory.rglob("*.pem"), stack.home / "pulumi" / "passphrase"]
    assert len(keys) > 8
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}


def test_status_says_that_all_is_well_and_why_not_otherwise(stack: LiveStack) -> None:
    done = stack.walletdb("status", "--json", "--deadline", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)
    outputs = stack.outputs()
    with stack.admin(stack.port_base + 40) as connection:
        offered = connection.execute(
            "SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb'"
        ).fetchone()
    assert outputs["timescale"]["hypertables"] is (offered == (1,))
    assert any("timescaledb" in warning for warning in outputs["warnings"]) is (offered == (0,))
