"""The scripts of dumps and restore tests on a real PostgreSQL, with an `aws` that copies files in the way."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.backups import kubernetes_scripts as scripts
from tests.fixtures.scratch_postgres import ScratchPostgres, running_postgres

pytestmark = pytest.mark.live

# Stands for the command of AWS: buckets are folders, and the newest dump below a prefix is the last by name.
_AWS = """\
#!/bin/sh
if [ "$1" = secretsmanager ]; then
    echo "$@" >> "$STORE/asked"
    [ -f "$STORE/secret" ] || { echo "AccessDeniedException: explicit deny" >&2; exit 254; }
    cat "$STORE/secret"
elif [ "$1" = s3api ]; then
    prefix=; while [ $# -gt 0 ]; do [ "$1" = --prefix ] && prefix=$2; shift; done
    (cd "$STORE" && ls "$prefix"*.tar 2>/dev/null | tail -n 1) || true
else
    from=$(echo "$3" | sed "s|^s3://bucket|$STORE|") to=$(echo "$4" | sed "s|^s3://bucket|$STORE|")
    mkdir -p "$(dirname "$to")" && cp "$from" "$to"
fi
"""
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:fashion-wallet/prod/postgres/operator-AbCdEf"
# Of every letter that means something to a shell, to JSON, to sed or to libpq, and that the rotation may choose.
_ROTATED = "a:b$(id)`id`%s{n}&*?!#;|<>~^[0]= -+_,."
_CONTENTS = """
CREATE ROLE reader;
CREATE ROLE operator LOGIN IN ROLE pg_read_all_data BYPASSRLS;
CREATE SCHEMA avatar;
CREATE TABLE avatar.avatars (id int PRIMARY KEY, name text);
INSERT INTO avatar.avatars SELECT n, 'name ' || n FROM generate_series(1, 250) AS n;
CREATE TABLE avatar."odd Name" (n int);
INSERT INTO avatar."odd Name" VALUES (1), (2);
ALTER TABLE avatar.avatars ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON avatar.avatars FOR SELECT TO reader USING (true);
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchPostgres]:
    with running_postgres() as running:
        running.sql("CREATE DATABASE wallet TEMPLATE template0")
        running.sql(_CONTENTS, "wallet")
        yield running


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of the server's user. Not pytest's: its parent is closed to others by each pytest that starts."""
    folder = Path(tempfile.mkdtemp(prefix="dump-scripts-", dir="/tmp"))
    for name in ("bin", "store"):
        (folder / name).mkdir()
    (folder / "bin" / "aws").write_text(_AWS, encoding="utf-8")
    (folder / "bin" / "aws").chmod(0o755)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "postgres", "postgres")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _run(
    place: Path, server: ScratchPostgres, script: str, job: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {
        "PATH": f"{place / 'bin'}:{server.programs}:/usr/bin:/bin",
        "HOME": str(place),
        "STORE": str(place / "store"),
        "SCRATCH": str(place / job),
        "BUCKET": "bucket",
        "PREFIX": "daily/postgres",
        "KEY_ARN": "key",
        **variables,
    }
    return subprocess.run(
        ["/bin/sh", "-c", script],
        env=environment,
        cwd=place,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **user,
    )


def _login(server: ScratchPostgres, user: str) -> dict[str, str]:
    return {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGDATABASE": "wallet", "PGUSER": user}


def _dump(place: Path, server: ScratchPostgres) -> dict[str, Any]:
    login = _login(server, "postgres")
    dumped = _run(place, server, f'mkdir "$SCRATCH"\n{scripts.DUMP_POSTGRES}', "dump", **login)
    assert dumped.returncode == 0, dumped.stderr
    uploaded = _run(place, server, scripts.UPLOAD, "dump")
    assert uploaded.returncode == 0, uploaded.stderr
    report: dict[str, Any] = json.loads(dumped.stdout.splitlines()[-1])
    return report


def _restore(place: Path, server: ScratchPostgres, **variables: str) -> subprocess.CompletedProcess[str]:
    fetched = _run(place, server, f'mkdir "$SCRATCH"\n{scripts.FETCH}', "test")
    assert fetched.returncode == 0, fetched.stderr
    return _run(place, server, scripts.RESTORE_POSTGRES, "test", **{"ROLES": "reader", "PRELOAD": "", **variables})


def test_a_dump_is_restored_with_every_row(server: ScratchPostgres, place: Path) -> None:
    assert _dump(place, server)["tables"] == 2
    restored = _restore(place, server)
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout.splitlines()[-1]) == {"restored": True, "tables": 2, "rows": 252}
    assert not (place / "test" / "data" / "postmaster.pid").exists()


def test_a_dump_that_was_changed_on_its_way_is_refused(server: ScratchPostgres, place: Path) -> None:
    _dump(place, server)
    (dump,) = (place / "store").rglob("*.tar")
    with dump.open("r+b") as stream:
        stream.seek(-1_000, os.SEEK_END)
        stream.write(b"changed")
    restored = _restore(place, server)
    assert restored.returncode != 0
    assert "did NOT match" in restored.stderr


def test_a_restore_that_fails_says_so_and_leaves_no_server(server: ScratchPostgres, place: Path) -> None:
    _dump(place, server)
    restored = _restore(place, server, ROLES="")
    assert restored.returncode != 0
    assert 'role "reader" does not exist' in restored.stderr
    assert not (place / "test" / "data" / "postmaster.pid").exists()


def test_without_a_dump_the_test_fails(server: ScratchPostgres, place: Path) -> None:
    fetched = _run(place, server, f'mkdir "$SCRATCH"\n{scripts.FETCH}', "test")
    assert fetched.returncode != 0
    assert "no dump below s3://bucket/daily/postgres/" in fetched.stderr


def _read_password(place: Path, server: ScratchPostgres, secret: str | None) -> subprocess.CompletedProcess[str]:
    """Have the script read what Secrets Manager is given to answer; None: it denies."""
    if secret is not None:
        (place / "store" / "secret").write_text(secret, encoding="utf-8")
    return _run(place, server, scripts.READ_PASSWORD, "dump", SECRET_ARN=SECRET_ARN, PGPASSFILE=_pass_file(place))


def _pass_file(place: Path) -> str:
    return str(place / "store" / "pgpass")


def _secret(password: str) -> str:
    return json.dumps({"engine": "postgres", "username": "operator", "password": password, "port": 5432}) + "\n"


def test_after_a_rotation_the_next_dump_logs_in_with_the_new_password(server: ScratchPostgres, place: Path) -> None:
    for number, password in enumerate(("first-password", _ROTATED)):
        server.sql(f"ALTER ROLE operator PASSWORD '{password}'")
        read = _read_password(place, server, _secret(password))
        assert read.returncode == 0, read.stderr
        login = {**_login(server, "operator"), "PGPASSFILE": _pass_file(place)}
        dumped = _run(place, server, f'mkdir "$SCRATCH"\n{scripts.DUMP_POSTGRES}', f"dump-{number}", **login)
        assert dumped.returncode == 0, dumped.stderr
        assert json.loads(dumped.stdout.splitlines()[-1])["tables"] == 2
        for text in (read.stdout, read.stderr, dumped.stdout, dumped.stderr):
            assert password not in text


def test_a_password_that_was_read_is_in_one_file_of_its_owner_alone(server: ScratchPostgres, place: Path) -> None:
    read = _read_password(place, server, _secret(_ROTATED))
    assert read.returncode == 0, read.stderr
    assert json.loads(read.stdout) == {"read": SECRET_ARN}
    holders = [
        path for path in place.rglob("*") if path.is_file() and path.name != "secret" and b"`id`" in path.read_bytes()
    ]
    assert [str(path) for path in holders] == [_pass_file(place)]
    assert Path(_pass_file(place)).stat().st_mode & 0o777 == 0o400
    asked = (place / "store" / "asked").read_text(encoding="utf-8")
    assert f"get-secret-value --region eu-central-1 --secret-id {SECRET_ARN} " in asked


@pytest.mark.parametrize("spaces", [None, 2])
def test_a_secret_that_somebody_wrote_by_hand_is_read_too(
    server: ScratchPostgres, place: Path, spaces: int | None
) -> None:
    text = json.dumps({"password": "by-hand", "username": "operator"}, indent=spaces)
    assert _read_password(place, server, text).returncode == 0
    assert Path(_pass_file(place)).read_text(encoding="utf-8") == "*:*:*:*:by-hand\n"


@pytest.mark.parametrize(
    "secret",
    [None, "", "not JSON", _secret(""), _secret('wrong"1'), _secret("wrong\\2"), '{"username": "operator"}'],
)
def test_without_a_password_that_can_be_used_nothing_is_left_behind(
    server: ScratchPostgres, place: Path, secret: str | None
) -> None:
    read = _read_password(place, server, secret)
    assert read.returncode != 0
    assert ("AccessDenied" if secret is None else SECRET_ARN) in read.stderr
    assert "wrong" not in read.stdout + read.stderr
    assert sorted(path.name for path in (place / "store").glob("pgpass*")) == []


@pytest.mark.parametrize(
    "name", ["DUMP_MONGODB", "RESTORE_MONGODB", "DUMP_POSTGRES", "RESTORE_POSTGRES", "UPLOAD", "FETCH", "READ_PASSWORD"]
)
def test_a_script_is_one_that_a_plain_shell_reads(name: str) -> None:
    read = subprocess.run(["/bin/sh", "-n"], input=getattr(scripts, name), text=True, capture_output=True, check=False)
    assert read.returncode == 0, read.stderr
