"""The stand-in under the real engine and the official SDK: one stack's life, and the bad days in it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.fixtures.scratch_postgres import ScratchPostgres, running_postgres
from tests.fixtures.throwaway_project import ThrowawayProject

pytestmark = [pytest.mark.live, pytest.mark.engine]

PROGRAM = Path(__file__).with_name("program.py").read_text(encoding="utf-8")
LOOKUP_RETURNS = "RETURNS TABLE(username text, verifier text)"
PASSWORD = "first-secret-word-0123456789"


@pytest.fixture
def scratch() -> Iterator[ScratchPostgres]:
    """A server for one test: what the stack makes in it is roles and databases, which all tests would share."""
    with running_postgres() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> ThrowawayProject:
    project = ThrowawayProject(tmp_path, "postgresql")
    project.create(PROGRAM)
    return project


UNCHANGED = ("preview", "--refresh", "--expect-no-changes")


def test_a_stack_from_nothing_to_nothing(scratch: ScratchPostgres, project: ThrowawayProject) -> None:
    given = {"port": scratch.port, "password": PASSWORD}
    untouched = scratch.log
    assert "55 to create" in project.succeeds("preview", **given, unknown_host=True)
    assert "to create" in project.succeeds("preview", **given)
    assert scratch.log == untouched  # a preview does not even connect
    project.succeeds("up", "--yes", "--skip-preview", **given)
    project.succeeds(*UNCHANGED)
    project.succeeds("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
    with scratch.connect("wallet", "maker", PASSWORD) as connection:
        connection.execute("CREATE TABLE avatar.later (n int)")
    with scratch.connect("wallet", "avatar_service", PASSWORD) as connection:
        connection.execute("INSERT INTO avatar.later VALUES (1)")
    project.succeeds(*UNCHANGED)
    _drift_is_mended(scratch, project)
    _changes_are_made_in_place(scratch, project)
    scratch.sql("DROP TABLE avatar.later", "wallet")
    project.succeeds("destroy", "--yes", "--skip-preview")
    left = "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'"
    assert scratch.sql(left) == [(0,)]
    assert scratch.sql("SELECT count(*) FROM pg_database WHERE datname = 'wallet'") == [(0,)]
    assert PASSWORD not in scratch.log


def _drift_is_mended(scratch: ScratchPostgres, project: ThrowawayProject) -> None:
    for statement in (
        "REVOKE USAGE ON SCHEMA avatar FROM avatar_service",
        "GRANT CONNECT ON DATABASE wallet TO PUBLIC",
        "ALTER ROLE design_service SUPERUSER",
        "REVOKE readers FROM catalog_service",
        "ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA shared REVOKE SELECT ON TABLES FROM readers",
        f"CREATE OR REPLACE FUNCTION lookup(wanted text) {LOOKUP_RETURNS} LANGUAGE sql AS 'SELECT wanted, wanted'",
        "ALTER ROLE maker PASSWORD 'by hand'",
        "DROP SCHEMA analytics",
    ):
        scratch.sql(statement, "wallet")
    project.fails(*UNCHANGED)
    report = project.succeeds("up", "--yes", "--skip-preview", "--refresh")
    for name in ("avatar-avatar", "public-database", "design_service", "catalog_service", "lookup", "maker"):
        assert f" {name} updated" in report, report
    assert " analytics created" in report
    project.succeeds(*UNCHANGED)
    scratch.connect("wallet", "maker", PASSWORD).close()


def _changes_are_made_in_place(scratch: ScratchPostgres, project: ThrowawayProject) -> None:
    password = "second-secret-word-0123456789"
    given = {"port": scratch.port, "password": password, "limit": 7, "body": "SELECT '', ''"}
    report = project.succeeds("up", "--yes", "--skip-preview", **given)
    assert "~ 5 updated" in report
    assert "replaced" not in report
    scratch.connect("wallet", "maker", password).close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        scratch.connect("wallet", "maker", PASSWORD)
    # A renamed role keeps its rights; what names it is replaced, and takes nothing away.
    renamed = project.succeeds("up", "--yes", "--skip-preview", **given, suffix="_2")
    assert "~ 3 updated" in renamed
    project.succeeds(*UNCHANGED)
    with scratch.connect("wallet", "avatar_service_2", password) as connection:
        connection.execute("SELECT * FROM avatar.later")
    state = project.state()
    assert "secret-word" not in str(state)
    assert state["maker"]["outputs"]["password"]["4dabf18193072939515e22adb298388d"]


def test_what_it_does_not_have_is_refused_before_anything_is_made(
    scratch: ScratchPostgres, project: ThrowawayProject
) -> None:
    report = project.fails("preview", port=scratch.port, password=PASSWORD, publication=True)
    wanted = "the stand-in does not support postgresql:index/publication:Publication; install the official postgresql"
    assert wanted in report
    wrong = project.fails("preview", port=70000, password=PASSWORD)
    assert "port: got 70000, allowed is a whole number from 1 to 65535" in wrong


def test_a_server_that_is_away(scratch: ScratchPostgres, project: ThrowawayProject) -> None:
    given = {"port": scratch.port, "password": PASSWORD}
    project.succeeds("up", "--yes", "--skip-preview", **given)
    recorded = project.state()
    scratch.stop()
    report = project.succeeds("refresh", "--yes", "--skip-preview")
    summary = report.partition("Diagnostics:")[2]
    assert summary.count("What is recorded is kept") == 1, report
    assert f"at 127.0.0.1:{scratch.port} as postgres" in summary
    assert project.state().keys() == recorded.keys()
    scratch.start()
    project.succeeds(*UNCHANGED)


def test_import(scratch: ScratchPostgres, project: ThrowawayProject) -> None:
    given = {"port": scratch.port, "password": PASSWORD}
    project.succeeds("up", "--yes", "--skip-preview", **given)
    scratch.sql("CREATE ROLE keeper LOGIN CONNECTION LIMIT 3")
    scratch.sql("CREATE SCHEMA kept", "wallet")
    scratch.sql("CREATE EXTENSION hstore", "wallet")
    provider = f"server={project.state()['server']['urn']}"
    for token, id_, inputs in (
        ("postgresql:index/role:Role", "keeper", {"login": True, "connectionLimit": 3}),
        ("postgresql:index/schema:Schema", "wallet.kept", {"name": "kept", "database": "wallet"}),
        ("postgresql:index/extension:Extension", "wallet.hstore", {"schema": "public"}),
        ("postgresql:index/database:Database", "postgres", {"encoding": "UTF8"}),
    ):
        name = f"imported-{id_.rpartition('.')[2]}"
        # This engine's language host is too old to write programs, so the state shows what one would say.
        without = ("--yes", "--skip-preview", "--generate-code=false")
        project.succeeds("import", token, name, id_, "--provider", provider, *without)
        recorded = project.state()[name]
        assert recorded["id"] == id_
        assert recorded["inputs"].items() >= inputs.items()
