"""The server behind an RDS instance of the stand-in: its administrator can do what RDS's can, and no more."""

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from components.postgres.aws_parameters import Parameter, rds_parameters
from localproc import pki
from plugins.aws import rds_server
from plugins.aws.clients import Aws, _Connections
from plugins.base import ProviderError
from settings import ClusterSettings
from tests.fixtures.scratch_postgres import ScratchPostgres, running_postgres

pytestmark = pytest.mark.live

MASTER, PASSWORD = "wallet_admin", "made-up-for-the-administrator"


@dataclass
class Rehearsed:
    server: ScratchPostgres
    aws: Aws

    def connect(self, database: str = "postgres", password: str = PASSWORD) -> psycopg.Connection:
        return self.server.connect(database, MASTER, password)


def _with_tls(server: ScratchPostgres) -> Path:
    """Give a server a certificate, and the libraries that RDS preloads; return the file with its authority."""
    now = dt.datetime.now(dt.UTC)
    authority = pki.new_authority("test", dt.timedelta(days=1), now)
    issued = pki.issue(authority, "server", ip_addresses=["127.0.0.1"], validity=dt.timedelta(days=1), now=now)
    data, ca_file = server.folder / "data", server.folder / "ca.crt"
    ca_file.write_text(authority.certificate, encoding="utf-8")
    for name, text in (("server.crt", issued.certificate), ("server.key", issued.key)):
        (data / name).write_text(text, encoding="utf-8")
        (data / name).chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(data / name, "postgres", "postgres")
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("ssl = on\nshared_preload_libraries = 'pg_stat_statements,pgaudit,auto_explain'\n")
    server.stop()
    server.start()
    return ca_file


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    folder = tmp_path_factory.mktemp("rehearsal")
    with running_postgres() as server, pytest.MonkeyPatch.context() as patch:
        told = {
            "ca_file": str(_with_tls(server)),
            "postgres": {
                "primary": "127.0.0.1",
                "replicas": [],
                "proxy": "127.0.0.1",
                "port": server.port,
                "superuser": {"user": "postgres", "password": "not asked for"},
            },
        }
        (folder / "servers.json").write_text(json.dumps(told), encoding="utf-8")
        patch.setenv("FASHION_WALLET_REHEARSAL", str(folder))
        aws = Aws(region="eu-central-1", account_id="1", caller_arn="", user_id="", connections=_Connections("", None))
        rds_server.set_up(aws, MASTER, PASSWORD)
        yield Rehearsed(server, aws)


def test_the_administrator_makes_roles_databases_and_extensions_and_is_no_superuser(rehearsed: Rehearsed) -> None:
    rds_server.set_up(rehearsed.aws, MASTER, PASSWORD)  # as after an attempt that broke off
    with rehearsed.connect() as connection:
        connection.execute("CREATE ROLE somebody LOGIN")
        connection.execute("CREATE DATABASE wardrobe TEMPLATE template0")
        connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE ROLE another SUPERUSER")
    with rehearsed.connect("wardrobe") as connection:
        for extension in ("pg_stat_statements", "pgaudit", "pgstattuple", "hstore"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public".encode())
        found = connection.execute("SELECT extname FROM pg_extension").fetchall()
        assert {name for (name,) in found} == {"plpgsql", "pg_stat_statements", "pgaudit", "pgstattuple", "hstore"}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE EXTENSION pg_buffercache")
    assert rehearsed.server.sql("SELECT datallowconn FROM pg_database WHERE datname = 'template0'") == [(False,)]


def test_no_log_of_the_server_has_a_password(rehearsed: Rehearsed) -> None:
    rds_server.set_password(rehearsed.aws, MASTER, "another-made-up-one")
    rehearsed.connect(password="another-made-up-one").close()
    rds_server.set_password(rehearsed.aws, MASTER, PASSWORD)
    assert "ALTER ROLE" in rehearsed.server.log
    assert PASSWORD not in rehearsed.server.log
    assert "another-made-up-one" not in rehearsed.server.log


def test_a_deleted_instance_leaves_nothing(rehearsed: Rehearsed) -> None:
    with rehearsed.connect() as connection:
        connection.execute("CREATE DATABASE gone TEMPLATE template0")
        connection.execute("CREATE ROLE gone_too")
    rds_server.wipe(rehearsed.aws)
    databases = "SELECT datname FROM pg_database WHERE NOT datistemplate"
    assert rehearsed.server.sql(databases) == [("postgres",)]
    assert rehearsed.server.sql("SELECT count(*) FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_'") == [(0,)]
    rds_server.set_up(rehearsed.aws, MASTER, PASSWORD)


def test_a_server_that_is_away_is_named_without_its_password(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = {**rehearsed.aws.servers, "postgres": {**rehearsed.aws.servers["postgres"], "port": 1}}
    monkeypatch.setitem(rehearsed.aws.__dict__, "servers", away)
    with pytest.raises(ProviderError, match=r"the server behind the instance, 127\.0\.0\.1") as caught:
        rds_server.set_password(rehearsed.aws, MASTER, PASSWORD)
    assert PASSWORD not in str(caught.value)


def _faults(server: ScratchPostgres, one: Parameter) -> list[str]:
    query = "SELECT vartype, min_val, max_val, enumvals, context FROM pg_settings WHERE lower(name) = %s"
    found = server.sql(query, "postgres", one.name)
    if not found:
        return [f"{one.name}: no such parameter"]
    kind, least, most, choices, context = found[0]
    faults = []
    if kind == "integer" and not int(least) <= int(one.value) <= int(most):
        faults.append(f"{one.name}: {one.value} is not in {least} to {most}")
    if kind == "enum" and one.value not in choices:
        faults.append(f"{one.name}: {one.value} is none of {choices}")
    if kind == "bool" and one.value not in ("0", "1", "on", "off"):
        faults.append(f"{one.name}: {one.value} is no boolean")
    if one.apply_method == "immediate" and context == "postmaster":
        faults.append(f"{one.name}: only a restart changes it")
    return faults


def test_postgresql_itself_knows_the_parameters_of_the_group_and_takes_their_values(rehearsed: Rehearsed) -> None:
    own = [one for one in rds_parameters(ClusterSettings(), "TLSv1.3") if not one.name.startswith("rds.")]
    assert len(own) > 20
    assert [fault for one in own for fault in _faults(rehearsed.server, one)] == []
