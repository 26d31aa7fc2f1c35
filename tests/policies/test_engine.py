"""The pack under the real engine, in a throwaway project: a preview that passes, one that fails, an update, `analyze`.

The program declares components that have the types and properties of the plugin's resources, DataGuard first and all
others after it, as the layer does: the engine shows them to the pack like any resource, and no plugin is needed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import policies
from tests.fixtures.live_stack import live_stack
from tests.fixtures.throwaway_project import engine_folder
from tests.policies.world import CLUSTERS, COMPLIANT

pytestmark = pytest.mark.engine

PACK = Path(policies.__file__).parent / "pack"
TIMEOUT_S = 120
PROGRAM = """\
import json, pathlib
import pulumi

guard = None
for resource_type, name, properties in json.loads(pathlib.Path("resources.json").read_text()):
    after = {"after": guard.urn} if guard else {}  # depends_on waits for a component's children only
    resource = pulumi.ComponentResource(resource_type, name, {**properties, **after})
    resource.register_outputs(properties)
    guard = guard or resource
"""

Pulumi = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def pulumi(tmp_path: Path) -> Pulumi:
    """Run the engine in a new project with a stack `dev`, a state and a home of its own."""
    project, state = tmp_path / "a project", tmp_path / "state"
    project.mkdir()
    state.mkdir()
    (project / "Pulumi.yaml").write_text("name: throwaway\nruntime: python\n", encoding="utf-8")
    (project / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    env = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(engine_folder()), os.environ["PATH"]]),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "throwaway",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "FASHION_WALLET_PYTHON": sys.executable,
    }

    def run(*arguments: str, **changes: dict[str, object]) -> subprocess.CompletedProcess[str]:
        resources = [
            (*key.rsplit("/", 1), {**properties, **changes.get(key.rpartition("/")[2].replace("-", "_"), {})})
            for key, properties in COMPLIANT.items()
            if key.startswith(("walletdb:", "postgresql:"))
        ]
        (project / "resources.json").write_text(json.dumps(resources), encoding="utf-8")
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=project,
            env=env,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    created = run("stack", "init", "dev")
    assert created.returncode == 0, created.stderr
    return run


def checked(*command: str, config: Path | None = None) -> list[str]:
    configured = ["--policy-pack-config", str(config)] if config else []
    return [*command, "--stack", "dev", "--policy-pack", str(PACK), *configured]


def test_a_compliant_program_passes_in_preview_update_and_analysis(pulumi: Pulumi) -> None:
    for command in (("preview",), ("up", "--yes"), ("policy", "analyze")):
        result = pulumi(*checked(*command))
        assert result.returncode == 0, result.stdout + result.stderr
        assert "✅ fashion-wallet" in result.stdout


def test_a_violation_fails_the_preview_and_says_how_to_mend_it(pulumi: Pulumi) -> None:
    result = pulumi(*checked("preview"), pgbouncer={"minimumTlsVersion": "TLSv1.2"})
    assert result.returncode != 0
    assert "[mandatory] [severity: critical]  walletdb-require-tls-1-3" in result.stdout
    assert "PgBouncer pgbouncer: minimumTlsVersion is TLSv1.2; allowed: TLSv1.3." in result.stdout
    assert "Fix: set fashion-wallet:tls minimumVersion to TLSv1.3" in result.stdout


def test_a_rule_about_the_stack_fails_the_preview(pulumi: Pulumi) -> None:
    result = pulumi(*checked("preview"), guard={"stateful": {}})
    assert result.returncode != 0
    assert "Etcd etcd-1: DataGuard.stateful is without Etcd:etcd-1" in result.stdout


def test_data_loss_fails_the_update_even_without_a_preview(pulumi: Pulumi) -> None:
    result = pulumi(*checked("up", "--yes", "--skip-preview"), guard={"lost": ["Database:fashion-wallet"]})
    assert result.returncode != 0
    assert "Database:fashion-wallet is about to be replaced or deleted" in result.stdout


FEWER_MEMBERS = {"members": ["postgres-1", "postgres-2"], "synchronousStandbys": 1}
NO_SYNCHRONOUS_STANDBY = {**CLUSTERS["postgres"], "synchronousStandbys": 0}


@pytest.mark.parametrize(
    "postgres,text",
    [
        (FEWER_MEMBERS, "the number of replicas in scope postgres is 1 (of 2 members); allowed: at least 2."),
        (NO_SYNCHRONOUS_STANDBY, "clusters.postgres.synchronousStandbys is 0; allowed: at least 1"),
    ],
)
def test_less_durability_fails_the_update_before_any_server_even_without_a_preview(
    pulumi: Pulumi, postgres: dict[str, object], text: str
) -> None:
    clusters = {**CLUSTERS, "postgres": postgres}
    result = pulumi(*checked("up", "--yes", "--skip-preview"), guard={"clusters": clusters})
    assert result.returncode != 0
    assert f"DataGuard guard: {text}" in result.stdout
    assert recorded(pulumi) <= {"pulumi:pulumi:Stack"}, "nothing is made"

    made = pulumi(*checked("up", "--yes", "--skip-preview"))
    assert made.returncode == 0, made.stdout
    changed = {"dataChecksums": "true"}
    result = pulumi(
        *checked("up", "--yes", "--skip-preview"), guard={"clusters": clusters}, postgres_1=changed, postgres_2=changed
    )
    assert result.returncode != 0
    assert "PatroniMember" not in result.stdout, "nothing is changed"


def test_the_project_s_own_program_is_refused_before_any_server() -> None:
    with live_stack("policies", {"postgres.synchronousStandbys": 0}) as stack:
        result = stack.pulumi("up", "--yes", "--skip-preview")
        assert result.returncode != 0
        assert "synchronousStandbys is 0; allowed: at least 1, as the scope has 2 replicas" in result.stdout
        resources = json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]
        touched = {resource["type"].rsplit(":", 1)[-1] for resource in resources}
        assert touched.isdisjoint({"Supervisor", "Certificate", "Etcd", "PatroniMember", "PatroniCluster"})
        assert not stack.directory.exists()


def recorded(pulumi: Pulumi) -> set[str]:
    """Return the types in the stack's state."""
    deployment = json.loads(pulumi("stack", "export", "--stack", "dev").stdout)["deployment"]
    return {resource["type"] for resource in deployment.get("resources", [])}


def test_levels_and_limits_come_from_the_configuration(pulumi: Pulumi, tmp_path: Path) -> None:
    config = tmp_path / "policies.json"
    wanted = {
        "patroni-cluster-keep-replicas": {"minimum": 3},
        "walletdb-require-tls-1-3": {"enforcementLevel": "advisory"},
    }
    config.write_text(json.dumps(wanted), encoding="utf-8")
    result = pulumi(*checked("preview", config=config), pgbouncer={"minimumTlsVersion": "TLSv1.2"})
    assert result.returncode != 0
    assert "[advisory] [severity: critical]  walletdb-require-tls-1-3" in result.stdout
    assert "scope postgres is 2 (of 3 members); allowed: at least 3." in result.stdout


@pytest.mark.parametrize(
    "limits,text",
    [
        ({"minimun": 3}, "patroni-cluster-keep-replicas.minimun is no setting of this rule; allowed: minimum,"),
        ({"minimum": "many"}, "patroni-cluster-keep-replicas: minimum: Invalid type. Expected: integer"),
        ({"minimum": -1}, "patroni-cluster-keep-replicas: minimum: Must be greater than or equal to 0"),
    ],
)
def test_a_wrong_configuration_stops_the_preview(
    pulumi: Pulumi, tmp_path: Path, limits: dict[str, object], text: str
) -> None:
    config = tmp_path / "policies.json"
    config.write_text(json.dumps({"patroni-cluster-keep-replicas": limits}), encoding="utf-8")
    result = pulumi(*checked("preview", config=config))
    assert result.returncode != 0
    assert text in result.stdout + result.stderr
