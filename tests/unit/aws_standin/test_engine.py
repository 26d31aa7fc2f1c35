"""The aws stand-in under the real engine: network and keys from nothing, unchanged, drifted, mended, gone."""

from pathlib import Path
from typing import Any

import pytest

from plugins.aws.clients import Aws
from tests.fixtures.aws_standin import AwsPlugin
from tests.fixtures.throwaway_project import ThrowawayProject

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = f"""
import json, sys
from pathlib import Path

sys.path.insert(0, {str(ROOT)!r})

import pulumi
import pulumi_aws as aws

from components.encryption.aws import Keys, KeysArgs
from components.network.aws import Network, NetworkArgs
from settings.cloud.keys import KeySettings
from settings.cloud.network import NetworkSettings
from settings.cloud.tags import TagSettings

given = json.loads(Path("parameters.json").read_text())
network = NetworkSettings.model_validate(given["network"])
tags = TagSettings(owner="data", cost_center="42")
here = aws.Provider("here", region=network.region, allowed_account_ids=[network.account_id])
there = aws.Provider("there", region=network.recovery_region, allowed_account_ids=[network.account_id])
options = pulumi.ResourceOptions(providers=[here])
keys = Keys(
    "fashion-wallet-key",
    KeysArgs(
        stack="dev", settings=KeySettings(), network=network, tags=tags, recovery=there, protect=given["protect"]
    ),
    options,
)
made = Network(
    "fashion-wallet-network",
    NetworkArgs(stack="dev", settings=network, tags=tags, logs_key_arn=keys.key("logs").arn),
    options,
)
who = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=here))
pulumi.export("vpc", made.vpc_id)
pulumi.export("key", keys.key("backups").arn)
pulumi.export("copy", keys.recovery_key("backups").arn)
pulumi.export("account", who.account_id)
"""


def _network(account: str, **changes: object) -> dict[str, Any]:
    subnets = {f"eu-central-1{letter}": f"10.40.{index}.0/24" for index, letter in enumerate("abc")}
    own = {"accountId": account, "region": "eu-central-1", "recoveryRegion": "eu-west-1", "subnets": subnets}
    return {**own, **changes}


def _drift(aws: Aws, vpc: str, key: str) -> None:
    """Do by hand what nobody should."""
    ec2 = aws.client("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "tag:ManagedBy", "Values": ["pulumi"]}]
    table = ec2.describe_route_tables(Filters=of_vpc)["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    aws.client("kms").disable_key_rotation(KeyId=key)


def test_the_network_and_the_keys_live_through_everything(plugin: AwsPlugin, tmp_path: Path) -> None:
    account = plugin.aws.account_id
    project = ThrowawayProject(tmp_path, "aws")
    project.create(PROGRAM)
    network = _network(account)
    project.succeeds("preview", network=network, protect=True)
    project.succeeds("up", "--yes")
    outputs = {name: project.succeeds("stack", "output", name).strip() for name in ("vpc", "key", "copy", "account")}
    assert outputs["account"] == account
    assert outputs["copy"] == outputs["key"].replace("eu-central-1", "eu-west-1")
    project.succeeds("preview", "--refresh", "--expect-no-changes")

    _drift(plugin.aws, outputs["vpc"], outputs["key"])
    told = project.fails("preview", "--refresh", "--expect-no-changes", "--diff")
    assert "routes" in told
    assert "enableKeyRotation" in told
    project.succeeds("up", "--yes", "--refresh")
    project.succeeds("preview", "--refresh", "--expect-no-changes")

    wider = _network(account, clientCidrs=["10.60.0.0/16"])
    assert "1 created" in project.succeeds("up", "--yes", network=wider, protect=True)
    assert "cannot be deleted" in project.fails("destroy", "--yes")
    other = project.fails("preview", network=_network("000000000000"), protect=True)
    assert f"the credentials are of account {account}, allowed are 000000000000" in other
    project.succeeds("up", "--yes", network=network, protect=False)
    project.succeeds("destroy", "--yes")
    assert plugin.aws.store.all("aws:kms/key:Key@eu-central-1") == {}
