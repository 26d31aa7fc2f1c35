"""The command's surface: exit codes, what is said where, and the page that describes it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from walletdb import __version__
from walletdb.cli import main
from walletdb.cli.psql import psql_environment
from walletdb.cli.reference import reference
from walletdb.config import Cluster, Config, HostPort, Member
from walletdb.errors import UsageError

ROOT = Path(__file__).parents[2]
WRITER = HostPort(host="127.0.0.1", port=15410)
CLUSTER = Cluster(
    name="postgres",
    scope="postgres",
    database="fashion_wallet",
    writer=WRITER,
    reader=WRITER,
    members=(Member(name="p1", host="127.0.0.1", port=1, rest_url="https://127.0.0.1:2"),),
    synchronous_standbys=0,
    maximum_lag_ms=1000,
    reader_max_lag_mib=16,
)
CONFIG = Config(
    version=1,
    stack="dev",
    directory=Path("/d"),
    ca_file=Path("/d/ca.crt"),
    client_certificate=Path("/d/admin.crt"),
    client_key=Path("/d/admin.key"),
    clusters=(CLUSTER,),
)


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "walletdb.json"
    path.touch(0o600)
    path.write_text(CONFIG.model_dump_json(), encoding="utf-8")
    return path


def _exit_code(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert _exit_code("--version") == 0
    assert capsys.readouterr().out == f"walletdb {__version__}\n"


@pytest.mark.parametrize("command", ["status", "health", "psql"])
def test_no_configuration_is_2_and_says_where_it_looked(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.json"
    assert _exit_code(command, "--config", str(missing)) == 2
    said = capsys.readouterr()
    assert str(missing) in said.err
    assert "make up" in said.err
    assert said.out == ""


@pytest.mark.parametrize("arguments", [("status", "--nope"), ("status", "--watch", "0"), ("fly",)])
def test_wrong_usage_is_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert _exit_code(*arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("command", ["failover", "switchover"])
def test_a_move_in_a_script_needs_yes(
    command: str, config_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert _exit_code(command, "--config", str(config_file)) == 2
    assert f"walletdb {command} --cluster postgres --yes" in capsys.readouterr().err


def test_certificates_that_are_missing_are_named(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _exit_code("status", "--config", str(config_file)) == 2
    assert "/d/ca.crt" in capsys.readouterr().err


def test_psql_gets_the_certificate_and_no_password() -> None:
    inherited = {"PATH": "/bin", "PGPASSWORD": "secret", "PGSERVICE": "other", "HOME": "/h"}
    environment = psql_environment(inherited, CONFIG, CLUSTER, "app_admin")
    assert not {"PGPASSWORD", "PGSERVICE"} & set(environment)
    assert environment["HOME"] == "/h"
    assert environment["PGSSLMODE"] == "verify-full"
    assert environment["PGPORT"] == "15410"
    assert environment["PGOPTIONS"] == "-c role=app_admin"


@pytest.mark.parametrize("role", ["", "a b", "x -c log_statement=none", "a'b", "Admin"])
def test_psql_refuses_what_is_no_role_name(role: str) -> None:
    with pytest.raises(UsageError):
        psql_environment({}, CONFIG, CLUSTER, role)


def test_psql_takes_the_processs_place_with_what_follows_the_dashes(
    config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda _program, arguments, _environment: seen.append(arguments))
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/psql")
    assert _exit_code("psql", "--config", str(config_file), "--", "-At", "-c", "SELECT 1") == 0
    assert seen == [["psql", "-At", "-c", "SELECT 1"]]


@pytest.mark.parametrize("command", ["--help", "psql --help", "switchover --help"])
def test_what_asks_no_mongod_loads_no_driver(command: str) -> None:
    lines = ["import sys", "from walletdb.cli import main", f"try: main({command.split()!r})"]
    program = "\n".join([*lines, "finally: print('pymongo' in sys.modules)"])
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "False"


def test_the_reference_is_up_to_date() -> None:
    page = (ROOT / "docs" / "reference" / "walletdb.md").read_text(encoding="utf-8")
    assert page == reference(), "python -m walletdb.cli.reference > docs/reference/walletdb.md"
