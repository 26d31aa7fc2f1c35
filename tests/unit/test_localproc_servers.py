"""What is written for each server, and the small rules around it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from supervisor.options import ServerOptions

from localproc import postgres
from localproc.errors import CancelledError, DeadlineError, LocalprocError, log_tail
from localproc.haproxy import HAProxy, LoadBalancing
from localproc.identity import STACK_VARIABLE
from localproc.layout import Owner, StackDirectory
from localproc.patroni import PatroniMember, major_in_use
from localproc.patroni_cluster import Member, difference
from localproc.pgbouncer import PgBouncer
from localproc.ports import holder, refuse_taken
from localproc.supervisor import Program, Supervisor
from localproc.waiting import Waiter

json_values = st.recursive(
    st.integers() | st.booleans(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=10
)
documents = st.dictionaries(st.sampled_from("abc"), json_values)


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


def haproxy(count: int, load_balancing: LoadBalancing = "least-connections") -> HAProxy:
    return HAProxy(
        directory="/x", name="ha", listen_address="127.0.0.1", writer_port=1, reader_port=2, members=members(count),
        load_balancing=load_balancing, maximum_lag_mib=16, maximum_lag_ms=1000, cert_pem="c", key_pem="k",
        ca_bundle_pem="a",
    )  # fmt: skip


def test_haproxy_asks_each_member_over_tls_who_it_is(tmp_path: Path) -> None:
    text = haproxy(3).service(directory(tmp_path / "a b")).files["haproxy.cfg"]
    assert text.count("server pg-2 127.0.0.1:1002 port 2002 verifyhost pg-2") == 2
    assert "option httpchk OPTIONS /primary" in text
    assert "option httpchk OPTIONS /replica?lag=16MB" in text
    assert "verify required" in text
    assert "ssl-min-ver TLSv1.3" in text
    assert f'ca-file "{tmp_path}/a b/services/ha/ca.crt"' in text, "a folder with a space must be quoted"


@pytest.mark.parametrize(
    "wanted,written", [("round-robin", "roundrobin"), ("least-connections", "leastconn"), ("random", "random")]
)
def test_readers_are_spread_as_wanted(tmp_path: Path, wanted: LoadBalancing, written: str) -> None:
    text = haproxy(3, wanted).service(directory(tmp_path)).files["haproxy.cfg"]
    assert f"balance {written}\n" in text.split("\nbackend replicas\n")[1]


def test_without_a_fit_replica_the_primary_is_read_from(tmp_path: Path) -> None:
    files = haproxy(1).service(directory(tmp_path)).files
    assert "use_backend writer if { nbsrv(replicas) eq 0 }" in files["haproxy.cfg"]
    assert json.loads(files["readers.json"])["members"] == {}, "one member leaves nothing to choose"


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
    document = member().document(postgres.find(16))
    assert document["postgresql"]["parameters"]["shared_preload_libraries"] == "pgaudit"
    assert document["synchronous_mode"] is True
    assert member(synchronous_standbys=0).document(postgres.find(16))["synchronous_mode"] is False


def test_new_authorities_reach_patronis_rest_server_by_a_new_file_name(installed: Path) -> None:
    one, two = (member(ca_bundle_pem=pem)._configuration(directory(installed)) for pem in ("a", "b"))
    assert one["restapi"]["cafile"] != two["restapi"]["cafile"]


def test_a_major_that_is_not_there_is_named_with_those_that_are(installed: Path) -> None:
    assert postgres.find().major == 16
    with pytest.raises(LocalprocError, match=r"PostgreSQL 99 is not installed \(found: 16\)"):
        postgres.find(99)


def data_of(folder: Path, major: int = 15, databases: tuple[str, ...] = ("1", "4", "5")) -> Path:
    """A data directory as `initdb` leaves it, as far as anybody here looks at it."""
    data = folder / "data"
    for inside in ("global", "pg_tblspc", *(f"base/{oid}" for oid in databases)):
        (data / inside).mkdir(parents=True)
    (data / "PG_VERSION").write_text(f"{major}\n")
    (data / "global" / "pg_control").touch()
    return data


def test_a_data_directory_without_control_file_is_half_made(tmp_path: Path) -> None:
    assert not postgres.half_made(tmp_path / "absent")
    assert not postgres.half_made(tmp_path)
    data = data_of(tmp_path)
    assert not postgres.half_made(data)
    (data / "global" / "pg_control").unlink()
    assert postgres.half_made(data)


@pytest.mark.parametrize(
    "databases,half",
    [(("1",), True), (("1", "4"), True), (("1", "4", "5"), False), (("1", "4", "16384"), False), ((), False)],
)
def test_an_initdb_that_did_not_get_to_its_last_database_is_half_made(
    tmp_path: Path,
    databases: tuple[str, ...],
    half: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert postgres.half_made(data_of(tmp_path, databases=databases)) is half


def test_what_has_a_tablespace_is_never_half_made(tmp_path: Path) -> None:
    data = data_of(tmp_path, databases=("1", "4"))
    (data / "pg_tblspc" / "16385").symlink_to(tmp_path)
    assert not postgres.half_made(data)


@pytest.fixture
def two_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackDirectory:
    """A stack's folder, and PostgreSQL 15 with pgaudit beside 16 without it."""
    both = [postgres.Installation(major, tmp_path / str(major) / "bin") for major in (15, 16)]
    monkeypatch.setattr(postgres, "_installations", lambda: both)
    (tmp_path / "15" / "lib").mkdir(parents=True)
    (tmp_path / "15" / "lib" / "pgaudit.so").touch()
    return directory(tmp_path / "stack")


def hold(stack: StackDirectory, one: PatroniMember, major: int = 15) -> Path:
    """Have a member hold data, as after its first start."""
    folder = stack.service(one.name)
    data = data_of(folder, major)
    (folder / "node.json").write_text(json.dumps(one._node(stack)))
    return data


def test_a_newer_postgresql_on_the_machine_takes_over_no_data(two_installed: StackDirectory) -> None:
    one = member(preload=[], optional_preload=["pgaudit"])
    assert one.installation(two_installed).major == 16, "without data the newest"
    data = hold(two_installed, one)
    configuration = one._configuration(two_installed)
    assert configuration["postgresql"]["bin_dir"] == str(two_installed.root.parent / "15" / "bin")
    preloaded = configuration["bootstrap"]["dcs"]["postgresql"]["parameters"]["shared_preload_libraries"]
    assert preloaded == "pgaudit", "the libraries of 15, too"
    (data / "base" / "5").rmdir()
    assert one.installation(two_installed).major == 16, "half-made data decide nothing"


def test_a_new_member_takes_the_major_of_its_own_cluster(two_installed: StackDirectory) -> None:
    hold(two_installed, member())
    hold(two_installed, member(scope="other", name="other-1"), 16)
    assert member(name="pg-2", bootstrap=False).installation(two_installed).major == 15
    assert major_in_use(two_installed.root, "pg") == 15
    assert major_in_use(two_installed.root, "other") == 16
    assert major_in_use(two_installed.root, "third") == 0


def test_a_major_that_the_data_are_not_of_is_refused_with_the_way_to_go_on(two_installed: StackDirectory) -> None:
    hold(two_installed, member())
    assert member(major=15).installation(two_installed).major == 15
    with pytest.raises(LocalprocError, match=r"16 is wanted, but the data are of PostgreSQL 15; .*dump .*restore"):
        member(major=16).installation(two_installed)


def test_data_whose_postgresql_is_gone_are_left_alone(
    two_installed: StackDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(two_installed, member(), 17)
    with pytest.raises(
        LocalprocError, match=r"PostgreSQL 17 is not installed \(found: 15, 16\); install .*postgresql-17"
    ):
        member().installation(two_installed)


@pytest.mark.parametrize("name", ["it's a folder", "a,b=c", "é:ü", "~$x", "(a) {b}"])
def test_supervisor_reads_what_was_written_for_it(tmp_path: Path, name: str) -> None:
    stack = StackDirectory.create(tmp_path / name, "dev", Owner("me", os.geteuid(), os.getegid()))
    supervisor = Supervisor(stack)
    stack.write(supervisor.configuration, supervisor._daemon())
    program = Program(name="x", command=("/bin/a b", "c%d", "it's"), folder=stack.root, environment={"K": "v %w"})
    stack.write(stack.programs / "x.conf", supervisor._section(program))
    options = ServerOptions()
    options.realize(["-c", str(supervisor.configuration)])
    read = options.process_group_configs[0].process_configs[0]
    assert tuple(shlex.split(read.command)) == program.command
    assert read.environment == {"K": "v %w", STACK_VARIABLE: str(stack.root)}
    assert (read.directory, read.stdout_logfile) == (str(stack.root), str(stack.log / "x.log"))
    assert options.server_configs[0]["file"] == str(stack.socket)


@pytest.mark.parametrize("word", ["/project #1/bin/python", "a ;b"])
def test_a_command_that_supervisor_would_cut_off_is_refused(tmp_path: Path, word: str) -> None:
    program = Program(name="x", command=(word,), folder=tmp_path)
    with pytest.raises(LocalprocError, match="would read only a part"):
        Supervisor(directory(tmp_path))._section(program)


def test_a_supervisord_that_is_suspended_is_named_and_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = directory(tmp_path)
    stack.run.mkdir()
    (stack.run / "supervisord.pid").write_text("12\n")
    assert Supervisor(stack).pid() == 0
    monkeypatch.setattr("localproc.supervisor.ANSWER_S", 0.1)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(stack.socket))
        silent.listen(0)
        for ask in (Supervisor(stack).pid, lambda: Supervisor(stack).state("x"), Supervisor(stack).running) * 3:
            with pytest.raises(DeadlineError, match=r"\(pid 12\) did not answer .* `kill -CONT`"):
                ask()


def test_a_taken_port_is_refused_with_its_holder_and_the_fix() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LocalprocError, match=rf"port {port} on 127.0.0.1, wanted for a test, is in use by pid \d+"):
            refuse_taken("127.0.0.1", port, "a test")
    assert holder("127.0.0.1", port) is None


@pytest.fixture
def foreign_and_own(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Ports of two processes: one of nobody's, one of the stack in `tmp_path`."""
    code = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)"
    environments = (dict(os.environ), {**os.environ, STACK_VARIABLE: str(tmp_path)})
    with contextlib.ExitStack() as stack:
        ports = []
        for environment in environments:
            command = [sys.executable, "-c", f"{code}; time.sleep(60)"]
            process = stack.enter_context(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            assert process.stdout is not None
            ports.append(int(process.stdout.readline()))
        yield ports[0], ports[1]


def test_a_stacks_own_port_may_be_held_by_the_stack_alone(tmp_path: Path, foreign_and_own: tuple[int, int]) -> None:
    foreign, own = foreign_and_own
    refuse_taken("127.0.0.1", own, "a test", stack=tmp_path)
    with pytest.raises(LocalprocError, match=rf"port {foreign} on .* in use by pid \d+"):
        refuse_taken("127.0.0.1", foreign, "a test", stack=tmp_path)
    with pytest.raises(LocalprocError, match=rf"port {own} on"):
        refuse_taken("127.0.0.1", own, "a test")


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
