"""The time-series cluster under the real engine, from nothing to nothing, on a real API server and PostgreSQL."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.fixtures.kubernetes import by_hand
from tests.fixtures.throwaway_project import ThrowawayProject
from tests.fixtures.timescale_world import TimescaleWorld, timescale_world

pytestmark = [pytest.mark.live, pytest.mark.engine]

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(__file__).with_name("program.py").read_text(encoding="utf-8")
PLUGINS = ("aws", "kubernetes", "postgresql", "walletdb")
UNCHANGED = ("preview", "--refresh", "--expect-no-changes")
UP = ("up", "--yes", "--skip-preview")


@dataclass(frozen=True)
class Project(ThrowawayProject):
    """A project with all plugins of the cluster, told about a world."""

    world: TimescaleWorld

    @property
    def environment(self) -> dict[str, str]:
        given = super().environment
        folders = [str(ROOT / "plugins" / plugin) for plugin in PLUGINS]
        return {
            **given,
            **self.world.variables,
            "PATH": os.pathsep.join([*folders, given["PATH"]]),
            "PYTHONPATH": str(ROOT),
        }


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with timescale_world() as world:
        made = Project(tmp_path, "kubernetes", world)
        made.create(PROGRAM)
        for key, value in (
            ("kubernetes:context", "prod"),
            ("kubernetes:enablePatchForce", "true"),
            ("kubernetes:enableSecretMutable", "true"),
            ("aws:region", "eu-central-1"),
        ):
            made.succeeds("config", "set", key, value)
        yield made


def test_a_cluster_from_nothing_to_nothing(project: Project) -> None:
    project.succeeds("preview", whole={"protect": True})
    assert project.world.kubernetes.get("/api/v1/namespaces/fashion-wallet") == {}
    project.succeeds(*UP, whole={"protect": True})
    project.succeeds(*UNCHANGED)
    _the_real_server_is_as_declared(project)
    _drift_is_mended(project)
    _a_setting_is_changed_in_place(project)
    refused = project.fails("destroy", "--yes")  # with a preview: without one, what is not protected would go first
    assert "timescale" in refused
    assert "protected" in refused
    project.succeeds(*UP, whole={"protect": False})
    project.succeeds("destroy", "--yes", "--skip-preview")
    assert project.world.kubernetes.get("/api/v1/namespaces/fashion-wallet") == {}
    left = "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_' AND NOT rolsuper"
    assert project.world.sql(left) == [(0,)]


def _the_real_server_is_as_declared(project: Project) -> None:
    world = project.world
    # By the authority of the rehearsal still, to which the cluster's own was added.
    query = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'fashion_wallet_admin'"
    assert world.sql(query) == [(False, True, False)]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'fashion_wallet_metrics'"
    assert world.sql(owner) == [("fashion_wallet_admin",)]
    schemas = world.sql("SELECT nspname FROM pg_namespace WHERE nspname = 'analytics'", "fashion_wallet_metrics")
    assert schemas == [("analytics",)]
    extensions = {row[0] for row in world.sql("SELECT extname FROM pg_extension", "fashion_wallet_metrics")}
    assert {"hstore", "pg_stat_statements", "uuid-ossp"} <= extensions
    assert any("timescaledb" in note for note in world.notes) is ("timescaledb" not in extensions)
    authority = project.folder / "ca.pem"
    authority.write_text(project.succeeds("stack", "output", "ca"), encoding="utf-8")
    with world.connect(project.folder, "operator", password="s3cret of a login") as connection:
        row = connection.execute("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    assert row == ("TLSv1.3",)
    with pytest.raises(psycopg.OperationalError, match="requires a valid client certificate"):
        world.connect(project.folder, "fashion_wallet_admin", password="whatever")


def _drift_is_mended(project: Project) -> None:
    path = "/apis/postgresql.cnpg.io/v1/namespaces/fashion-wallet/clusters/timescale"
    by_hand(project.world.kubernetes, path, {"spec": {"instances": 1, "enablePDB": False}})
    secret = "/api/v1/namespaces/fashion-wallet/secrets/dump-postgres"
    by_hand(project.world.kubernetes, secret, {"data": {"password": "YQ=="}})
    project.fails(*UNCHANGED)
    report = project.succeeds(*UP, "--refresh")
    assert "timescale updated" in report
    spec = project.world.kubernetes.get(path)["spec"]
    assert (spec["instances"], spec["enablePDB"]) == (3, True)
    project.succeeds(*UNCHANGED)


def _a_setting_is_changed_in_place(project: Project) -> None:
    report = project.succeeds(*UP, timescale_changes={"statementTimeoutS": 45}, whole={"protect": True})
    assert "replaced" not in report
    assert project.world.sql("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'") == [("45000",)]
    project.succeeds(*UNCHANGED)


def test_a_wrong_field_is_refused_at_preview(project: Project) -> None:
    report = project.fails(
        "preview", kubernetes_changes={"clientNamespaces": ["x" * 63]}, timescale_changes={"replicas": -1}
    )
    assert "replicas" in report
