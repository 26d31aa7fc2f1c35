"""What is written for each server, and the small rules around it."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localproc import postgres
from localproc.errors import CancelledError, DeadlineError, LocalprocError, log_tail
from localproc.haproxy import HAProxy
from localproc.layout import Owner, StackDirectory
from localproc.patroni import PatroniMember
from localproc.patroni_cluster import Member, difference
from localproc.pgbouncer import PgBouncer
from localproc.ports import holder, refuse_taken
from localproc.supervisor import Program, Supervisor
from localproc.waiting import Waiter

json = st.recursive(
    st.integers() | st.booleans(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=10
)
documents = st.dictionaries(st.sampled_from("abc"), json)


def merge(target: dict[str, object], patch: dict[str, object]) -> dict[str, object]:
    """JSON merge patch as RFC 7396 defines it."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = merge(inner if isinstance(inner, dict) else {}, value)
        else:
            result[key] = value
    return result


@given(documents, documents)
def test_the_patch_leads_from_what_is_to_what_is_wanted(wanted: dict[str, object], found: dict[str, object]) -> None:
    patched = merge(found, difference(wanted, found))
    assert difference(wanted, patched) == {}


@given(documents)
def test_nothing_differs_from_itself(document: dict[str, object]) -> None:
    assert difference(document, document) == {}


def directory(path: Path) -> StackDirectory:
    return StackDirectory(path, Owner("someone", 1, 1))


def members(count: int) -> list[Member]:
    return [Member(name=f"pg-{i}", host="127.0.0.1", port=1000 + i, rest_port=2000 + i) for i in range(count)]


def haproxy(count: int) -> HAProxy:
    return HAProxy(
        directory="/x", name="ha", listen_address="127.0.0.1", writer_port=1, reader_port=2, members=members(count),
        maximum_lag_mib=16, cert_pem="c", key_pem="k", ca_bundle_pem="a",
    )  # fmt: skip


def test_haproxy_asks_each_member_over_tls_who_it_is(tmp_path: Path) -> None:
    text = haproxy(3).service(directory(tmp_path / "a b")).files["haproxy.cfg"]
    assert text.count("server pg-2 127.0.0.1:1002 port 2002 verifyhost pg-2") == 2
    assert "option httpchk OPTIONS /primary" in text
    assert "option httpchk OPTIONS /replica?lag=16MB" in text
    assert "verify required" in text
    assert "ssl-min-ver TLSv1.3" in text
    assert f'ca-file "{tmp_path}/a b/services/ha/ca.crt"' in text, "a folder with a space must be quoted"


def test_a_lone_primary_is_read_from_as_well(tmp_path: Path) -> None:
    text = haproxy(1).service(directory(tmp_path)).files["haproxy.cfg"]
    assert "/replica" not in text


def pgbouncer(**changes: object) -> PgBouncer:
    given_ = {
        "directory": "/x", "name": "pool", "listen_address": "127.0.0.1", "port": 3, "backend_host": "127.0.0.1",
        "backend_port": 1, "databases": ["a", "b"], "auth_user": "pgbouncer", "auth_query": "SELECT 1", "pool_min": 10,
        "pool_max": 100, "max_client_connections": 300,
        "max_database_connections": 300, "idle_timeout_ms": 30000, "max_lifetime_ms": 3600000,
        "connection_timeout_ms": 5000, "acquire_timeout_ms": 1, "minimum_tls_version": "TLSv1.3", "cert_pem": "c",
        "key_pem": "k", "client_cert_pem": "cc", "client_key_pem": "ck", "ca_bundle_pem": "a",
    }  # fmt: skip
    return PgBouncer(**{**given_, **changes})  # type: ignore[arg-type]


def test_pgbouncer_has_whole_seconds_and_never_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localproc.pgbouncer.find_program", lambda name: name)
    text = pgbouncer().service(directory(tmp_path)).files["pgbouncer.ini"]
    expected = """server_idle_timeout = 30
server_lifetime = 3600
query_wait_timeout = 1
pool_mode = transaction
client_tls_protocols = tlsv1.3
server_tls_sslmode = verify-full
auth_type = scram-sha-256"""
    assert set(expected.splitlines()) <= set(text.splitlines())


def test_only_a_new_address_restarts_pgbouncer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localproc.pgbouncer.find_program", lambda name: name)
    first, smaller, moved = (
        pgbouncer(**change).service(directory(tmp_path)) for change in ({}, {"pool_max": 50}, {"port": 4})
    )
    assert smaller.program == first.program
    assert smaller.files != first.files
    assert moved.program != first.program


def member(**changes: object) -> PatroniMember:
    given_ = {
        "directory": "/x", "scope": "pg", "name": "pg-1", "bootstrap": True, "listen_address": "127.0.0.1", "port": 1,
        "rest_port": 2, "etcd_endpoint": "https://127.0.0.1:9", "major": 0, "data_checksums": True, "ttl_s": 20,
        "loop_wait_s": 1, "retry_timeout_s": 3, "maximum_lag_on_failover_mib": 1, "synchronous_standbys": 1,
        "minimum_tls_version": "TLSv1.3", "preload": ["pgaudit"], "optional_preload": ["absent"], "parameters": {},
        "cert_pem": "c", "key_pem": "k", "replication_cert_pem": "rc", "replication_key_pem": "rk",
        "ca_bundle_pem": "a",
    }  # fmt: skip
    return PatroniMember(**{**given_, **changes})  # type: ignore[arg-type]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of PostgreSQL 16 with one library, and nothing that runs."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "pgaudit.so").touch()
    monkeypatch.setattr(postgres, "_installations", lambda: [postgres.Installation(16, tmp_path / "bin")])
    return tmp_path


def test_patroni_logs_in_by_certificate_and_everybody_else_by_scram(installed: Path) -> None:
    configuration = member()._configuration(directory(installed / "stack"))
    rules = configuration["postgresql"]["pg_hba"]
    assert all(rule.startswith(("hostssl ", "local ")) for rule in rules)
    assert {rule.split()[-1] for rule in rules if rule.startswith("hostssl")} == {"cert", "scram-sha-256"}
    assert rules.index("hostssl all postgres 127.0.0.1/32 cert") < rules.index(
        "hostssl all all 127.0.0.1/32 scram-sha-256"
    )
    assert not any("/0 " in rule for rule in rules)
    assert "password" not in str(configuration).lower().replace("password_encryption", "")
    assert configuration["restapi"]["verify_client"] == "required"


def test_what_is_not_installed_is_not_preloaded(installed: Path) -> None:
    document = member().document(16)
    assert document["postgresql"]["parameters"]["shared_preload_libraries"] == "pgaudit"
    assert document["synchronous_mode"] is True
    assert member(synchronous_standbys=0).document(16)["synchronous_mode"] is False


def test_new_authorities_reach_patronis_rest_server_by_a_new_file_name(installed: Path) -> None:
    one, two = (member(ca_bundle_pem=pem)._configuration(directory(installed)) for pem in ("a", "b"))
    assert one["restapi"]["cafile"] != two["restapi"]["cafile"]


def test_a_major_that_is_not_there_is_named_with_those_that_are(installed: Path) -> None:
    assert postgres.find().major == 16
    with pytest.raises(LocalprocError, match=r"PostgreSQL 99 is not installed \(found: 16\)"):
        postgres.find(99)


def test_a_data_directory_without_control_file_is_half_made(tmp_path: Path) -> None:
    assert not postgres.half_made(tmp_path / "absent")
    assert not postgres.half_made(tmp_path)
    (tmp_path / "PG_VERSION").touch()
    assert postgres.half_made(tmp_path)
    (tmp_path / "global").mkdir()
    (tmp_path / "global" / "pg_control").touch()
    assert not postgres.half_made(tmp_path)


def test_supervisors_file_survives_percent_quotes_and_spaces(tmp_path: Path) -> None:
    root = tmp_path / "50% off"
    program = Program(name="x", command=("/bin/a b", "c%d"), folder=root, environment={"K": 'v"w%'})
    section = Supervisor(directory(root))._section(program)
    assert "command='/bin/a b' c%%d" in section
    assert 'K="v\\"w%%"' in section
    assert f"directory={tmp_path}/50%% off" in section


def test_a_taken_port_is_refused_with_its_holder_and_the_fix() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LocalprocError, match=rf"port {port} on 127.0.0.1, wanted for a test, is in use by pid \d+"):
            refuse_taken("127.0.0.1", port, "a test")
    assert holder("127.0.0.1", port) is None


def test_waiting_ends_at_the_deadline_and_says_for_what() -> None:
    with pytest.raises(DeadlineError, match=r"(?s)for the moon, which did not happen:\nit is far"):
        Waiter.within(0.05).until("the moon", lambda: None, every_s=0.01, details=lambda: "it is far")


def test_waiting_ends_when_cancelled() -> None:
    cancelled = threading.Event()
    threading.Timer(0.05, cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(CancelledError, match="run the command again to carry on"):
        Waiter.within(30, cancelled).until("ever", lambda: False, every_s=10)
    assert time.monotonic() - started < 10


def test_the_end_of_a_log_is_short_and_never_fails(tmp_path: Path) -> None:
    assert "no log at" in log_tail(tmp_path / "absent")
    (tmp_path / "log").write_text("\n".join(f"{i} " + "x" * 1000 for i in range(50)))
    tail = log_tail(tmp_path / "log").splitlines()
    assert len(tail) == 12
    assert max(len(line) for line in tail) <= 302
