"""MongoDB on Atlas under the real engine: the unmodified components over emulators of both clouds and a real server.

The emulator of Atlas looks at the role and at the key's policy in the emulator of AWS, as Atlas would.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rehearsal.atlas.server import Emulator
from tests.fixtures.atlas import ENVIRONMENT, ORGANIZATION, AtlasPlugin, emulator, write_servers
from tests.fixtures.aws_standin import emulator as moto
from tests.fixtures.aws_standin import environment
from tests.fixtures.scratch_mongod import NAME, ScratchMongod, scratch_mongod
from tests.fixtures.throwaway_project import ThrowawayProject

pytestmark = [pytest.mark.live, pytest.mark.engine]

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = f"""
import json, sys
from pathlib import Path

sys.path.insert(0, {str(ROOT)!r})

import pulumi
import pulumi_aws as aws

from components.encryption.aws import Keys, KeysArgs
from components.mongodb.access import USERS
from components.mongodb.atlas import AtlasCluster, AtlasClusterArgs
from components.mongodb.atlas_access import AtlasAccess, AtlasAccessArgs
from components.mongodb.atlas_alerts import AtlasAlert, AtlasAlerts, AtlasAlertsArgs
from components.mongodb.atlas_project import AtlasProject, AtlasProjectArgs
from components.network.aws import Network, NetworkArgs
from components.resources import RandomPassword, RandomPasswordArgs
from settings import Settings
from settings.cloud.atlas import AtlasSettings
from settings.cloud.backups import BackupSettings
from settings.cloud.keys import KeySettings
from settings.cloud.network import NetworkSettings
from settings.cloud.tags import TagSettings

given = json.loads(Path("parameters.json").read_text())
network_settings = NetworkSettings.model_validate(given["network"])
atlas_settings = AtlasSettings.model_validate(given["atlas"])
settings = Settings.model_validate({{"protect": given["protect"]}})
tags = TagSettings(owner="data", cost_center="42")
here = aws.Provider("here", region=network_settings.region)
there = aws.Provider("there", region=network_settings.recovery_region)
options = pulumi.ResourceOptions(providers=[here])
project = AtlasProject(
    "mongodb",
    AtlasProjectArgs(stack="dev", settings=atlas_settings, tags=tags, protect=settings.protect),
    options,
)
keys = Keys(
    "fashion-wallet-key",
    KeysArgs(
        stack="dev",
        settings=KeySettings(),
        network=network_settings,
        tags=tags,
        recovery=there,
        users={{"documents": [project.role_arn]}},
        protect=settings.protect,
    ),
    options,
)
network = Network(
    "fashion-wallet-network",
    NetworkArgs(stack="dev", settings=network_settings, tags=tags, logs_key_arn=keys.key("logs").arn),
    options,
)
cluster = AtlasCluster(
    "mongodb",
    AtlasClusterArgs(
        stack="dev",
        settings=settings,
        atlas=atlas_settings,
        backups=BackupSettings.model_validate(given["backups"]),
        project=project,
        region=network_settings.region,
        recovery_region=network_settings.recovery_region,
        vpc_id=network.vpc_id,
        subnet_ids=network.subnet_ids,
        client_security_group_id=network.client_security_group_id,
        client_cidrs=network_settings.client_cidrs,
        key_arn=keys.key("documents").arn,
        tags=tags,
    ),
    options,
)
generation = RandomPasswordArgs(generation=1)
passwords = {{user.name: RandomPassword(f"password-{{user.name}}", generation).result for user in USERS}}
database = settings.mongodb.database
AtlasAccess(
    "mongodb",
    AtlasAccessArgs(project=project.project, cluster=cluster.cluster, database=database, passwords=passwords),
)
lag = AtlasAlert(name="lag", metric="OPLOG_SLAVE_LAG_MASTER_TIME", threshold=10, units="SECONDS")
AtlasAlerts("mongodb", AtlasAlertsArgs(project_id=project.project_id, settings=atlas_settings, alerts=[lag]))
pulumi.export("uri", cluster.uri("design_service", passwords["design_service"], database))
pulumi.export("project", project.project_id)
"""
UNCHANGED = ("preview", "--refresh", "--expect-no-changes")
UP = ("up", "--yes", "--skip-preview")
CLUSTER = "fashion-wallet-dev"
MADE_WITHIN_S = 120


@dataclass(frozen=True)
class Project(ThrowawayProject):
    """A project that has the plugins of both clouds and our own."""

    @property
    def environment(self) -> dict[str, str]:
        found = super().environment
        plugins = [str(ROOT / "plugins" / name) for name in ("aws", "walletdb")]
        return {**found, "PATH": os.pathsep.join([*plugins, found["PATH"]])}


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchMongod]:
    with scratch_mongod(1) as running:
        yield running


@pytest.fixture
def atlas(server: ScratchMongod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    write_servers(folder, server.hosts.split(","), NAME, server.uri())
    with moto() as url:
        environment(url, folder, monkeypatch)
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        with emulator(folder) as running:
            monkeypatch.setenv("MONGODB_ATLAS_BASE_URL", running.url)
            yield running


def _given(**atlas: Any) -> dict[str, Any]:
    subnets = {f"eu-central-1{letter}": f"10.40.{index}.0/24" for index, letter in enumerate("abc")}
    return {
        "network": {
            "accountId": "123456789012",
            "region": "eu-central-1",
            "recoveryRegion": "eu-west-1",
            "subnets": subnets,
        },
        "atlas": {"organizationId": ORGANIZATION, "accessCidrs": ["10.60.0.0/16"], **atlas},
        "backups": {
            "vaultAdministrators": ["arn:aws:iam::123456789012:role/deploy"],
            "buckets": {"namePrefix": "acme-fashion-wallet"},
        },
        "protect": True,
    }


def _grow(plugin: AtlasPlugin, group: str) -> None:
    """Do what Atlas does by itself when a disk is nearly full."""
    path = f"/groups/{group}/clusters/{CLUSTER}"
    region = plugin.api.get(path, "2024-08-05")["replicationSpecs"][0]["regionConfigs"][0]
    grown = {name: region[name] for name in ("providerName", "regionName", "priority", "autoScaling")}
    body = {"replicationSpecs": [{"regionConfigs": [{**grown, "electableSpecs": {"diskSizeGB": 60}}]}]}
    plugin.api.patch(path, body, "2024-10-23")


def _specs(plugin: AtlasPlugin, group: str) -> dict[str, Any]:
    found = plugin.api.get(f"/groups/{group}/clusters/{CLUSTER}", "2024-08-05")
    specs: dict[str, Any] = found["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]
    return specs


def test_a_cluster_from_nothing_to_nothing(atlas: Emulator, server: ScratchMongod, tmp_path: Path) -> None:
    project = Project(tmp_path, "mongodbatlas")
    project.create(PROGRAM)
    given = _given()
    assert "to create" in project.succeeds("preview", **given)
    assert atlas.state.groups == {}
    project.succeeds(*UP)
    group = project.succeeds("stack", "output", "project").strip()
    plugin = AtlasPlugin(atlas.url)
    project.succeeds(*UNCHANGED)
    uri = project.succeeds("stack", "output", "uri", "--show-secrets").strip()
    with server.client(uri.replace("tls=true", "tls=false")) as client:
        assert client.get_default_database().name == "fashion-wallet-main"
        assert client.get_default_database()["designs"].find_one() is None
    assert "mongodb://" not in project.succeeds("stack", "output", "uri")

    _grow(plugin, group)
    larger = _given(instanceSize="M40", maintenanceHour=4)
    project.succeeds(*UP, "--refresh", **larger)
    assert (_specs(plugin, group)["instanceSize"], _specs(plugin, group)["diskSizeGB"]) == ("M40", 60)

    plugin.api.patch(f"/groups/{group}/settings", {"isDataExplorerEnabled": True})
    plugin.api.delete(f"/groups/{group}/accessList/10.60.0.0%2F16")
    assert "isDataExplorerEnabled" in project.fails(*UNCHANGED, "--diff")
    project.succeeds(*UP, "--refresh")
    project.succeeds(*UNCHANGED)

    assert "protect" in project.fails("destroy", "--yes", "--skip-preview")
    project.succeeds(*UP, **{**larger, "protect": False})
    project.succeeds("destroy", "--yes", "--skip-preview")
    assert atlas.state.groups == {}
    with server.client() as client:
        users = client.admin.command("usersInfo", 1)["users"]
        assert [user["user"] for user in users] == ["root"]


def test_an_update_that_is_interrupted_while_the_cluster_is_made_goes_on_where_it_was(
    atlas: Emulator, tmp_path: Path
) -> None:
    project = Project(tmp_path, "mongodbatlas")
    project.create(PROGRAM)
    given = {**_given(), "protect": False}
    (project.home / "parameters.json").write_text(json.dumps(given), encoding="utf-8")
    command = ["pulumi", *UP, "--non-interactive", "--color=never"]
    running = subprocess.Popen(
        command, cwd=project.home, env=project.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _until_a_cluster_is_made(atlas, running)
    running.send_signal(signal.SIGINT)
    assert running.wait(120) != 0
    (made,) = next(iter(atlas.state.groups.values()))["clusters"].values()
    made["settledAt"] = 0
    project.succeeds(*UP)
    (same,) = next(iter(atlas.state.groups.values()))["clusters"].values()
    assert same["id"] == made["id"]
    assert same["processArgs"]["oplogMinRetentionHours"] == 24
    project.succeeds(*UNCHANGED)
    project.succeeds("destroy", "--yes", "--skip-preview")


def _until_a_cluster_is_made(atlas: Emulator, running: subprocess.Popen[bytes]) -> None:
    """Wait until Atlas has begun to make a cluster, and see to it that it is not done soon."""
    deadline = time.monotonic() + MADE_WITHIN_S
    while True:
        with atlas.state.lock:
            clusters = [one for group in atlas.state.groups.values() for one in group["clusters"].values()]
            if clusters:
                clusters[0]["settledAt"] = time.time() + 3600
                return
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
