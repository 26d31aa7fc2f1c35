"""A database that was there before the stack is imported and not made anew (docs/how-to/import-a-database.md).

The unmodified components under the real engine, over the emulator of AWS; boto3 is whoever made the database.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.fixtures.aws_standin import REGION, emulator, environment
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
from components.network.aws import Network, NetworkArgs
from components.postgres.aws import RdsCluster, RdsClusterArgs
from components.secrets.aws import SecretPlace
from settings import Settings
from settings.cloud.keys import KeySettings
from settings.cloud.network import NetworkSettings
from settings.cloud.rds import RdsSettings
from settings.cloud.secrets import SecretSettings
from settings.cloud.tags import TagSettings

given = json.loads(Path("parameters.json").read_text())
chosen = NetworkSettings(
    account_id="123456789012",
    region="eu-central-1",
    recovery_region="eu-west-1",
    subnets={{f"eu-central-1{{letter}}": f"10.40.{{index}}.0/24" for index, letter in enumerate("abc")}},
)
tags = TagSettings(owner="data", cost_center="42")
here = aws.Provider("here", region=chosen.region)
there = aws.Provider("there", region=chosen.recovery_region)
options = pulumi.ResourceOptions(providers=[here])
keys = Keys(
    "fashion-wallet-key",
    KeysArgs(stack="dev", settings=KeySettings(), network=chosen, tags=tags, recovery=there, protect=False),
    options,
)
network = Network(
    "fashion-wallet-network",
    NetworkArgs(stack="dev", settings=chosen, tags=tags, logs_key_arn=keys.key("logs").arn),
    options,
)
place = SecretPlace(
    stack="dev",
    settings=SecretSettings(reader_arns=["arn:aws:iam::123456789012:role/deploy"]),
    tags=tags,
    key_arn=keys.key("secrets").arn,
    recovery_region=chosen.recovery_region,
    recovery_key_arn=keys.recovery_key("secrets").arn,
)
RdsCluster(
    "postgres",
    RdsClusterArgs(
        stack="dev",
        settings=Settings.model_validate({{"protect": False, "postgres": {{"replicas": 1}}}}),
        rds=RdsSettings.model_validate(given),
        account_id="123456789012",
        tags=tags,
        network=network,
        keys=keys,
        secrets=place,
        topic_arn="arn:aws:sns:eu-central-1:123456789012:alerts",
        ca_file="/nowhere.pem",
    ),
    options,
)
pulumi.export("key", keys.key("relational").arn)
"""
INSTANCE = "fashion-wallet-dev-postgres-primary"
PRIMARY = "postgres-primary"
OTHER_KEY = f"arn:aws:kms:{REGION}:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"
SETTLED = {"engineVersion": "17.5", "instanceClass": "db.r6g.xlarge", "allocatedStorageGib": 250}
UNATTENDED = ("--yes", "--skip-preview", "--generate-code=false")
WITHOUT_PRIMARY = ("up", "--yes", "--skip-preview", "--exclude", f"**::{PRIMARY}", "--exclude-dependents")


@dataclass(frozen=True)
class Project(ThrowawayProject):
    """A project that has our own plugin, too."""

    @property
    def environment(self) -> dict[str, str]:
        found = super().environment
        return {**found, "PATH": os.pathsep.join([str(ROOT / "plugins" / "walletdb"), found["PATH"]])}


@pytest.fixture
def rds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The account as whoever made the database before sees it."""
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    servers = {"primary": "127.0.0.1", "replicas": ["127.0.0.1"], "proxy": "127.0.0.1"}
    (folder / "servers.json").write_text(json.dumps({"postgres": servers}), encoding="utf-8")
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    with emulator() as url:
        environment(url, folder, monkeypatch)
        yield boto3.client("rds", region_name=REGION, endpoint_url=url)


def _restore(rds: Any, key: str, subnets: str) -> None:
    """Bring an earlier database back under the name that the program uses, as a restore from a snapshot does."""
    rds.create_db_instance(
        DBInstanceIdentifier=INSTANCE,
        Engine="postgres",
        EngineVersion="17.5",
        DBInstanceClass="db.r6g.xlarge",
        AllocatedStorage=250,
        MasterUsername="wallet_admin",
        MasterUserPassword="made-up-for-the-administrator",
        StorageEncrypted=True,
        KmsKeyId=key,
        DBSubnetGroupName=subnets,
        BackupRetentionPeriod=7,
        StorageType="gp3",
    )


def _imported(project: ThrowawayProject) -> None:
    """Do what the page says: name the parent and the provider that the program gives it."""
    project.succeeds("import", "aws:rds/instance:Instance", PRIMARY, INSTANCE, *_belonging(project), *UNATTENDED)


def _belonging(project: ThrowawayProject) -> tuple[str, ...]:
    resources = json.loads(project.succeeds("stack", "export"))["deployment"]["resources"]
    wanted = {("fashionwallet:postgres:RdsCluster", "postgres"), ("pulumi:providers:aws", "here")}
    found = {
        each["type"]: each["urn"] for each in resources if (each["type"], each["urn"].rpartition("::")[2]) in wanted
    }
    return (
        "--parent",
        f"parent={found['fashionwallet:postgres:RdsCluster']}",
        "--provider",
        f"provider={found['pulumi:providers:aws']}",
    )


def _steps(project: ThrowawayProject, **given: object) -> dict[str, str]:
    """Return what a preview would do, by name; what stays the same left out."""
    document = json.loads(project.succeeds("preview", "--json", **given))
    return {step["urn"].rpartition("::")[2]: step["op"] for step in document["steps"] if step["op"] != "same"}


def test_an_instance_that_is_there_is_taken_up(rds: Any, tmp_path: Path) -> None:
    project = Project(tmp_path, "aws")
    project.create(PROGRAM)
    project.succeeds(*WITHOUT_PRIMARY, **SETTLED)
    assert rds.describe_db_instances()["DBInstances"] == []
    subnets = project.state()["postgres-subnets"]["id"]
    _restore(rds, project.succeeds("stack", "output", "key").strip(), subnets)
    _imported(project)
    steps = _steps(project)
    assert steps[PRIMARY] == "update", steps
    assert "replace" not in " ".join(steps.values()), steps
    assert "delete" not in steps.values(), steps
    assert steps["postgres-replica-eu-central-1b"] == "create"

    # What lies under another key cannot be taken up: the preview would make it anew, and says so.
    project.succeeds("state", "unprotect", "--all", "--yes")
    project.succeeds("state", "delete", project.state()[PRIMARY]["urn"], "--yes")
    rds.delete_db_instance(DBInstanceIdentifier=INSTANCE, SkipFinalSnapshot=True)
    _restore(rds, OTHER_KEY, subnets)
    _imported(project)
    assert "replace" in _steps(project)[PRIMARY]
