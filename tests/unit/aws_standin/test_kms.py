"""Keys, replicas and aliases of the aws stand-in over the emulator."""

import json

import pytest

from plugins.base import ProviderError
from tests.fixtures.aws_standin import AwsMade, AwsPlugin, assert_as_declared

RECOVERY = "eu-west-1"


def _policy(sid: str) -> str:
    statement = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _key(plugin: AwsPlugin, **props: object) -> AwsMade:
    return plugin.create(
        "kms.Key",
        **{
            "description": "a",
            "policy": _policy("a"),
            "multiRegion": True,
            "enableKeyRotation": True,
            "rotationPeriodInDays": 365,
            "deletionWindowInDays": 7,
            "tags": {"a": "b"},
            **props,
        },
    )


def test_a_key_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    key = _key(plugin)
    assert key.id == key["keyId"]
    assert key["arn"] == plugin.aws.arn("kms", f"key/{key.id}")
    assert key.id.startswith("mrk-")
    assert_as_declared(key)
    kms = plugin.aws.client("kms")
    kms.disable_key(KeyId=key.id)
    kms.disable_key_rotation(KeyId=key.id)
    kms.put_key_policy(KeyId=key.id, PolicyName="default", Policy=_policy("b"))
    assert key.mend() == ("enableKeyRotation", "isEnabled", "policy")
    key.update(description="b", rotationPeriodInDays=90, tags={"c": "d"}, isEnabled=False)
    assert_as_declared(key)
    assert kms.list_resource_tags(KeyId=key.id)["Tags"] == [{"TagKey": "c", "TagValue": "d"}]
    key.update(enableKeyRotation=False, isEnabled=True)
    assert_as_declared(key)
    for change in ({"multiRegion": False}, {"keyUsage": "SIGN_VERIFY"}, {"region": RECOVERY}):
        assert key.diff(**change).replaces == tuple(change)


def test_a_deleted_key_waits_for_its_deletion_and_is_gone(plugin: AwsPlugin) -> None:
    key = _key(plugin)
    key.delete()
    found = plugin.aws.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]
    assert found["KeyState"] == "PendingDeletion"
    assert plugin.aws.store.all(f"aws:kms/key:Key@{plugin.region}") == {}


def test_a_disabled_key_can_be_made(plugin: AwsPlugin) -> None:
    key = _key(plugin, isEnabled=False, enableKeyRotation=False, rotationPeriodInDays=None)
    assert_as_declared(key)
    assert key["isEnabled"] is False


def test_a_replica_has_the_id_of_its_primary_and_a_life_of_its_own(plugin: AwsPlugin) -> None:
    key = _key(plugin)
    replica = plugin.create(
        "kms.ReplicaKey", primaryKeyArn=key["arn"], policy=_policy("replica"), region=RECOVERY, tags={"r": "1"}
    )
    assert replica.id == key.id
    assert replica["arn"] == plugin.aws.at(RECOVERY).arn("kms", f"key/{key.id}")
    assert_as_declared(replica)
    assert_as_declared(key)
    plugin.aws.at(RECOVERY).client("kms").update_key_description(KeyId=key.id, Description="stray")
    assert replica.mend() == ("description",)
    replica.update(policy=_policy("other"), tags={}, enabled=False)
    assert_as_declared(replica)
    assert_as_declared(key)
    assert plugin.imported("kms.ReplicaKey", f"{key.id}@{RECOVERY}")[0]["primaryKeyArn"] == key["arn"]
    replica.delete()
    assert key.refresh()


def test_only_a_multi_region_key_is_replicated_and_once(plugin: AwsPlugin) -> None:
    single = _key(plugin, multiRegion=False)
    with pytest.raises(ProviderError, match=r"is no multi-region key\. Set its multiRegion to true"):
        plugin.create("kms.ReplicaKey", primaryKeyArn=single["arn"], region=RECOVERY)
    key = _key(plugin)
    plugin.create("kms.ReplicaKey", primaryKeyArn=key["arn"], region=RECOVERY)
    with pytest.raises(ProviderError, match="has a replica in eu-west-1 already"):
        plugin.create("kms.ReplicaKey", primaryKeyArn=key["arn"], region=RECOVERY)
    with pytest.raises(ProviderError, match="there is no key arn:aws:kms:eu-central-1:1:key/x"):
        plugin.create("kms.ReplicaKey", primaryKeyArn="arn:aws:kms:eu-central-1:1:key/x", region=RECOVERY)


def test_an_alias_points_where_it_should(plugin: AwsPlugin) -> None:
    key, other = _key(plugin), _key(plugin)
    alias = plugin.create("kms.Alias", name="alias/shelf", targetKeyId=key["keyId"])
    assert alias["targetKeyArn"] == key["arn"]
    assert alias["arn"] == plugin.aws.arn("kms", "alias/shelf")
    assert_as_declared(alias)
    plugin.aws.client("kms").update_alias(AliasName="alias/shelf", TargetKeyId=other.id)
    assert alias.mend() == ("targetKeyId",)
    alias.update(targetKeyId=other["arn"])
    assert_as_declared(alias)
    assert alias.diff(name="alias/other").replaces == ("name",)
    with pytest.raises(ProviderError, match="AlreadyExistsException"):
        plugin.create("kms.Alias", name="alias/shelf", targetKeyId=key.id)
    alias.delete()


def test_a_key_and_its_replica_have_an_alias_of_one_name(plugin: AwsPlugin) -> None:
    key = _key(plugin)
    plugin.create("kms.ReplicaKey", primaryKeyArn=key["arn"], region=RECOVERY)
    here = plugin.create("kms.Alias", name="alias/shelf", targetKeyId=key.id)
    there = plugin.create("kms.Alias", name="alias/shelf", targetKeyId=key.id, region=RECOVERY)
    assert there["targetKeyArn"] == plugin.aws.at(RECOVERY).arn("kms", f"key/{key.id}")
    assert_as_declared(here)
    assert_as_declared(there)


def test_a_policy_that_nobody_could_change_again_is_refused(plugin: AwsPlugin) -> None:
    statement: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": "x"}, "Action": ["kms:Decrypt"]}
    locked = json.dumps({"Statement": [statement]})
    for kind, more in {"kms.Key": {}, "kms.ReplicaKey": {"primaryKeyArn": "x"}}.items():
        (refused,) = plugin.refusals(kind, policy=locked, **more)
        assert refused.startswith("policy: lets nobody change it again, which KMS refuses")
    for action in ("kms:*", ["kms:Put*"]):
        assert plugin.refusals("kms.Key", policy=json.dumps({"Statement": {**statement, "Action": action}})) == []


def test_what_is_wrong_is_refused_by_name(plugin: AwsPlugin) -> None:
    refused = plugin.refusals("kms.Key", deletionWindowInDays=3, rotationPeriodInDays=30)
    assert refused == [
        "deletionWindowInDays: got 3, allowed is 7 or more",
        "rotationPeriodInDays: got 30, allowed is 90 or more",
    ]
    assert (
        "bypassPolicyLockoutSafetyCheck: the stand-in does not support"
        in (plugin.refusals("kms.Key", bypassPolicyLockoutSafetyCheck=True)[0])
    )
