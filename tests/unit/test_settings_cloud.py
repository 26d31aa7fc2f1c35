"""Prod's settings as a platform engineer gets them wrong: each is refused with its key, the value and the fix."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings, SettingsError
from settings.cloud.rules import CLOUD_TABLES
from settings.reader import parse

PROD = Path(__file__).parents[2] / "Pulumi.prod.yaml"


def settings_of(path: str = "", value: Any = None, *, remove: bool = False) -> Settings:
    """Read prod's file, with one key changed or removed."""
    config = yaml.safe_load(PROD.read_text(encoding="utf-8"))["config"]
    if path:
        first, *rest = path.split(".")
        node, keys = config, [f"fashion-wallet:{first}", *rest]
        for key in keys[:-1]:
            node = node.setdefault(key, {})
        if remove:
            del node[keys[-1]]
        else:
            node[keys[-1]] = value
    return parse({key: one if isinstance(one, str) else json.dumps(one) for key, one in config.items()})


def problems_of(path: str, value: Any = None, *, remove: bool = False) -> str:
    with pytest.raises(SettingsError) as caught:
        settings_of(path, value, remove=remove)
    return str(caught.value)


def test_the_file_is_valid_and_complete() -> None:
    settings = settings_of()
    assert settings.protect is True
    assert settings.cloud is not None
    assert settings.cloud.network.recovery_region != settings.cloud.network.region


@pytest.mark.parametrize(
    "path,value,named,fix",
    [
        (
            "cloud.rds.instanceClas",
            "db.r6g.large",
            "cloud.rds.instanceClas: there is no such setting",
            "instanceClass?",
        ),
        ("cloud.rds.instanceClass", "db.r6g.huge", "cloud.rds.instanceClass", "db."),
        ("cloud.rds.instanceClass", "db.t4g.micro", "has 1 GiB of memory", "set it to"),
        ("cloud.network.subnets", {"eu-central-1a": "10.40.0.0/24"}, "cloud.network.subnets", "zones"),
        (
            "cloud.network.subnets",
            {"eu-central-1a": "10.40.0.0/24", "eu-central-1b": "10.40.0.0/24", "eu-central-1c": "10.40.2.0/24"},
            "overlap",
            "",
        ),
        ("cloud.network.vpcCidr", "8.8.0.0/16", "cloud.network.vpcCidr", "private"),
        ("cloud.network.recoveryRegion", "eu-central-1", "cloud.network.recoveryRegion", ""),
        ("cloud.backups.dailyRetentionDays", 7, "cloud.backups.dailyRetentionDays", "raise it to 30"),
        ("cloud.backups.weeklyRetentionDays", 30, "cloud.backups.weeklyRetentionDays", "raise it to 90"),
        ("cloud.backups.continuousRetentionDays", 1, "cloud.backups.continuousRetentionDays", "raise it to 7"),
        ("cloud.rds.backupRetentionDays", 7, "cloud.rds.backupRetentionDays", "30"),
        ("cloud.atlas.instanceSize", "M31", "cloud.atlas.instanceSize", ""),
        ("cloud.atlas.accessCidrs", ["0.0.0.0/0"], "cloud.atlas.accessCidrs", ""),
        ("cloud.inDatabase", "maybe", "cloud.inDatabase", "write"),
        ("timescale.timescaledb", "optional", "timescale.timescaledb", "required"),
        ("postgres.patroni", {"ttlS": 30}, "nobody reads postgres.patroni", "remove postgres.patroni"),
        ("local", {"portBase": 20000}, "nobody reads local.portBase", "remove local.portBase"),
        ("substrate", "local", "cloud: would be read by nobody", "set substrate to cloud"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(path: str, value: Any, named: str, fix: str) -> None:
    text = problems_of(path, value)
    assert named in text
    assert fix in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "path",
    [
        "cloud",
        "cloud.network.accountId",
        "cloud.network.region",
        "cloud.network.subnets",
        "cloud.secrets.readerArns",
        "cloud.atlas.organizationId",
        "cloud.kubernetes.context",
        "cloud.kubernetes.image",
        "cloud.backups.buckets.namePrefix",
        "cloud.monitoring.alertEmails",
        "cloud.tags.owner",
    ],
)
def test_what_is_missing_is_named(path: str) -> None:
    assert f"fashion-wallet:{path}" in problems_of(path, remove=True)


def test_a_stack_on_one_machine_has_no_cloud() -> None:
    with pytest.raises(SettingsError, match="would be read by nobody"):
        parse({"fashion-wallet:cloud": json.dumps(yaml.safe_load(PROD.read_text())["config"]["fashion-wallet:cloud"])})


def test_every_rule_says_what_holds() -> None:
    rules = [rule for _, table in CLOUD_TABLES for rule in table]
    assert len(rules) > 40
    assert [rule.key for rule in rules if not rule.holds] == []
