"""The keys in AWS as the program declares them: rotation, replicas, names, and who may do what."""

import functools
import itertools
import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws
import pytest

from components.encryption.aws import DOMAINS, Keys, KeysArgs
from components.encryption.aws_policies import Scope, key_policy
from settings.cloud.keys import KeySettings
from settings.cloud.network import NetworkSettings
from settings.cloud.tags import TagSettings
from tests.component.graph import Graph, record

ACCOUNT = "123456789012"
REGION, RECOVERY = "eu-central-1", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/atlas"
PLATFORM = f"arn:aws:iam::{ACCOUNT}:role/platform"
NETWORK = NetworkSettings(
    account_id=ACCOUNT,
    region=REGION,
    recovery_region=RECOVERY,
    subnets={f"{REGION}{letter}": f"10.40.{index}.0/24" for index, letter in enumerate("abc")},
)
CRYPTO = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant")
EACH = pytest.mark.parametrize("domain, region", list(itertools.product(DOMAINS, (REGION, RECOVERY))))


def _args(**changes: Any) -> KeysArgs:
    return KeysArgs(
        **{
            "stack": "prod",
            "settings": KeySettings(),
            "network": NETWORK,
            "tags": TagSettings(owner="data", cost_center="42"),
            **changes,
        }
    )


@functools.cache
def _made(*, protect: bool = True, users: tuple[str, ...] = (ROLE,)) -> Graph:
    def declare() -> dict[str, Any]:
        late = [pulumi.Output.from_input(user) for user in users]
        recovery = pulumi_aws.Provider("recovery", region=RECOVERY)
        users_of = {"documents": late} if late else {}
        keys = Keys("fashion-wallet-key", _args(recovery=recovery, protect=protect, users=users_of))
        here = {domain: keys.key(domain).arn for domain in DOMAINS}
        there = {domain: keys.recovery_key(domain).arn for domain in DOMAINS}
        return {"here": here, "there": there, "alias": keys.recovery_key("backups").alias}

    return record(declare)


def _statements(domain: str, region: str = REGION, **scope: Any) -> list[dict[str, Any]]:
    policy = key_policy(domain, Scope(account=ACCOUNT, region=region, **scope))
    return list(policy["Statement"])


def test_each_domain_has_a_key_that_rotates_and_a_replica() -> None:
    graph = _made()
    assert set(graph.of("Key")) == {f"fashion-wallet-key-{domain}" for domain in DOMAINS}
    for domain in DOMAINS:
        key = graph.one("Key", f"fashion-wallet-key-{domain}")
        assert key.inputs["enableKeyRotation"] is key.inputs["multiRegion"] is True
        assert (key.inputs["rotationPeriodInDays"], key.inputs["deletionWindowInDays"]) == (365, 30)
        replica = graph.one("ReplicaKey", f"fashion-wallet-key-{domain}-recovery")
        assert replica.inputs["primaryKeyArn"] == graph.outputs["here"][domain]
        assert "::recovery::" in replica.provider
        assert replica.provider != key.provider
    assert set(graph.outputs["there"].values()).isdisjoint(graph.outputs["here"].values())


def test_aliases_have_one_name_in_both_regions() -> None:
    graph = _made()
    for domain in DOMAINS:
        here = graph.one("Alias", f"fashion-wallet-key-{domain}-alias")
        there = graph.one("Alias", f"fashion-wallet-key-{domain}-recovery-alias")
        assert here.inputs["name"] == there.inputs["name"] == f"alias/fashion-wallet-prod-{domain}"
        assert "::recovery::" in there.provider
    assert graph.outputs["alias"] == "alias/fashion-wallet-prod-backups"


@pytest.mark.parametrize("protect", [True, False])
def test_keys_are_protected_as_the_settings_say(protect: bool) -> None:  # noqa: FBT001
    graph = _made(protect=protect)
    keys = [*graph.of("Key").values(), *graph.of("ReplicaKey").values()]
    assert {node.protect for node in keys} == {protect}
    assert all("bypassPolicyLockoutSafetyCheck" not in node.inputs for node in keys)


def test_what_is_declared_is_the_policy_of_the_domain_in_its_region() -> None:
    graph = _made()
    for domain in DOMAINS:
        users = (ROLE,) if domain == "documents" else ()
        for name, region in (
            (f"fashion-wallet-key-{domain}", REGION),
            (f"fashion-wallet-key-{domain}-recovery", RECOVERY),
        ):
            node = graph.nodes[f"aws:kms/{'key:Key' if region == REGION else 'replicaKey:ReplicaKey'}", name]
            assert json.loads(node.inputs["policy"])["Statement"] == _statements(domain, region, users=users)


def test_a_policy_without_users_is_known_at_once() -> None:
    key = _made(users=()).one("Key", "fashion-wallet-key-documents")
    assert [one["Sid"] for one in json.loads(key.inputs["policy"])["Statement"]] == ["Manage"]


@EACH
def test_nobody_both_manages_and_decrypts_by_one_statement(domain: str, region: str) -> None:
    for statement in _statements(domain, region, users=[ROLE]):
        if statement["Sid"] == "Manage":
            assert not set(statement["Action"]) & set(CRYPTO)
            assert all("*" not in action for action in statement["Action"])
        else:
            assert not set(statement["Action"]) & {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"}


@EACH
def test_no_principal_is_everybody_and_whoever_is_many_is_bound(domain: str, region: str) -> None:
    for statement in _statements(domain, region, users=[ROLE]):
        assert "*" not in json.dumps(statement["Principal"])
        assert "kms:*" not in statement["Action"]
        crypto = set(statement["Action"]) & set(CRYPTO)
        if crypto and statement["Sid"] != "UseByRoles":
            assert statement["Condition"]
            assert region in json.dumps(statement["Condition"])


@EACH
def test_grants_are_for_services_of_the_cloud_only(domain: str, region: str) -> None:
    for statement in _statements(domain, region, users=[ROLE]):
        if "kms:CreateGrant" in statement["Action"]:
            assert statement["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
            assert statement["Condition"]["StringEquals"]["kms:CallerAccount"] == ACCOUNT


def _via(domain: str) -> list[str]:
    conditions: list[Mapping[str, Any]] = [one.get("Condition", {}) for one in _statements(domain)]
    return sorted({via for one in conditions for via in one.get("StringEquals", {}).get("kms:ViaService", [])})


def test_each_domain_is_used_through_its_own_services() -> None:
    assert _via("relational") == [f"rds.{REGION}.amazonaws.com"]
    assert _via("secrets") == [f"secretsmanager.{REGION}.amazonaws.com"]
    assert _via("timeseries") == [f"ec2.{REGION}.amazonaws.com"]
    assert _via("documents") == []
    assert _via("backups") == [f"{service}.{REGION}.amazonaws.com" for service in ("backup", "rds", "s3")]


def test_log_groups_of_the_stack_and_alerts_use_the_key_of_logs_only() -> None:
    by_sid = {one["Sid"]: one for one in _statements("logs")}
    assert by_sid["LogGroups"]["Principal"] == {"Service": f"logs.{REGION}.amazonaws.com"}
    groups = by_sid["LogGroups"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/fashion-wallet/*" in groups
    assert f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*" not in groups
    topics = by_sid["Alerts"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:sns:topicArn"]
    assert topics == f"arn:aws:sns:{REGION}:{ACCOUNT}:fashion-wallet-*"
    others = {one["Sid"] for domain in DOMAINS if domain != "logs" for one in _statements(domain)}
    assert others == {"Manage", "UseThroughServices", "GrantToServices"}


def test_named_administrators_take_the_place_of_the_account() -> None:
    manage = _statements("secrets", administrators=[PLATFORM])[0]
    assert manage["Principal"] == {"AWS": [PLATFORM]}
    assert _statements("secrets")[0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def test_users_of_a_domain_that_there_is_not_are_refused() -> None:
    with pytest.raises(ValueError, match="users: got the domain files, allowed are relational, documents"):
        _args(recovery=None, users={"files": [ROLE]})


def test_every_key_is_tagged() -> None:
    graph = _made()
    for node in (*graph.of("Key").values(), *graph.of("ReplicaKey").values()):
        assert node.inputs["tags"]["Stack"] == "prod"
        assert node.inputs["tags"]["Component"] == "encryption"
