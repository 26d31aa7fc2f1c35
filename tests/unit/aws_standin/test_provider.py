"""The aws stand-in as a whole: where it connects, what it refuses, its functions, and what it keeps itself."""

import threading
from pathlib import Path
from typing import ClassVar

import pytest

from plugins.aws.clients import Aws, code_of
from plugins.aws.entity import KeptEntity
from plugins.aws.provider import AwsProvider
from plugins.aws.store import Store
from plugins.base import UNKNOWN, Context, Props, ProviderError
from plugins.base.fields import Field, Fields
from tests.fixtures.aws_standin import REGION, AwsPlugin


class Kept(KeptEntity):
    token = "aws:demo/kept:Kept"
    noun = "kept thing"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", replaces=True),
        "size": Field(kind="number", default=1),
        "note": Field(kind="text", unset=""),
        "tags": Field(kind="map", unset={}),
        "key": Field(kind="text", secret=True),
    }
    outputs: ClassVar[dict[str, str]] = {"arn": "text"}  # type: ignore[assignment]

    def identity(self, aws: Aws, inputs: Props) -> str:
        return str(inputs["name"])

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:
        return {"arn": aws.arn("demo", f"kept/{id_}")}


def _context(plugin: AwsPlugin) -> Context:
    return plugin.context("shelf")


@pytest.mark.parametrize("url", ["", "https://rds.eu-central-1.amazonaws.com", "http://10.0.0.1:5000", "127.0.0.1:80"])
def test_it_talks_to_nothing_but_an_emulator_on_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(ProviderError) as refused:
        AwsProvider().configure({"region": REGION})
    assert "stand-in" in str(refused.value)
    assert "AWS_ENDPOINT_URL is" in str(refused.value)
    assert "bin/pulumi plugin install resource aws v7.51.1" in str(refused.value)


def test_without_credentials_it_says_what_is_missing(
    plugin: AwsPlugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ProviderError, match="no credentials for AWS: neither AWS_ACCESS_KEY_ID"):
        AwsProvider().configure({"region": REGION})


def test_an_emulator_that_is_down_is_named(plugin: AwsPlugin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ProviderError, match=r"cannot ask http://127\.0\.0\.1:9 who is calling.*Is the emulator up"):
        AwsProvider().configure({"region": REGION})


@pytest.mark.parametrize(
    "settings, part",
    [
        ({}, "region: got nothing, allowed is a region of AWS"),
        ({"region": "frankfurt"}, "region: got 'frankfurt'"),
        ({"region": REGION, "accessKey": "a"}, "accessKey: the stand-in does not support this setting"),
        ({"region": REGION, "secretKey": "a"}, "Credentials come from the environment"),
        ({"region": REGION, "endpoints": "[]"}, "one endpoint, AWS_ENDPOINT_URL"),
        ({"region": REGION, "defaultTags": "{}"}, "defaultTags: the stand-in does not support this setting"),
        ({"region": REGION, "allowedAccountIds": "1"}, "allowedAccountIds: got '1', allowed is a list"),
    ],
)
def test_wrong_settings_are_refused_by_name(settings: Props, part: str) -> None:
    failures = AwsProvider().check_config({}, settings)[1]
    assert len(failures) == 1
    assert part in failures[0].reason
    with pytest.raises(ProviderError):
        AwsProvider().configure(settings)


def test_what_the_sdk_sends_unasked_is_taken_and_an_unknown_region_is_left_for_later() -> None:
    settings = {"region": UNKNOWN, "skipCredentialsValidation": False, "skipRegionValidation": True}
    assert AwsProvider().check_config({}, settings)[1] == []


def test_only_an_allowed_account_is_worked_on(plugin: AwsPlugin) -> None:
    own = plugin.aws.account_id
    assert plugin.provider.configure({"region": REGION, "allowedAccountIds": [own]})["aws"].account_id == own
    with pytest.raises(ProviderError, match=f"of account {own}, allowed are 1, 2"):
        plugin.provider.configure({"region": REGION, "allowedAccountIds": ["1", "2"]})


def test_an_unknown_type_and_an_unknown_function_are_refused_with_the_way_out() -> None:
    fix = "install the official plugin: bin/pulumi plugin install resource aws v7.51.1"
    assert AwsProvider().unsupported("aws:ec2/instance:Instance").endswith(f"aws:ec2/instance:Instance; {fix}")
    assert AwsProvider().unsupported_invoke("aws:ec2/getAmi:getAmi").endswith(f"aws:ec2/getAmi:getAmi; {fix}")


def test_functions_say_who_is_calling_and_where(plugin: AwsPlugin) -> None:
    who = plugin.provider.invokes["aws:index/getCallerIdentity:getCallerIdentity"]({}, _context(plugin))
    assert who["accountId"] == who["id"] == plugin.aws.account_id
    assert who["arn"].startswith("arn:aws:")
    where = plugin.provider.invokes["aws:index/getPartition:getPartition"]({}, _context(plugin))
    assert where["partition"] == "aws"


def test_a_secret_is_read_and_a_missing_one_is_named(plugin: AwsPlugin) -> None:
    made = plugin.aws.client("secretsmanager").create_secret(Name="shelf", SecretString="hidden")
    read = plugin.provider.invokes["aws:secretsmanager/getSecretVersion:getSecretVersion"]
    found = read({"secretId": made["ARN"]}, _context(plugin))
    assert found["secretString"] == "hidden"
    assert "secretString" in plugin.provider.secret_answers
    with pytest.raises(ProviderError, match="cannot read the secret other: AWS answered ResourceNotFoundException"):
        read({"secretId": "other"}, _context(plugin))
    with pytest.raises(ProviderError, match="colour: the stand-in does not support this argument"):
        read({"secretId": "shelf", "colour": "red"}, _context(plugin))


def test_an_action_that_the_emulator_does_not_have_is_named_at_once(plugin: AwsPlugin) -> None:
    with pytest.raises(ProviderError, match="does not have the action rds:ModifyDBProxy"):
        plugin.aws.client("rds").modify_db_proxy(DBProxyName="x")
    with pytest.raises(ProviderError, match="the action backup:CreateBackupSelection"):
        plugin.aws.client("backup").create_backup_selection(
            BackupPlanId="x", BackupSelection={"SelectionName": "a", "IamRoleArn": "arn:aws:iam::1:role/x"}
        )


def test_clients_are_made_once_and_know_their_region(plugin: AwsPlugin) -> None:
    other = plugin.aws.at("eu-west-1")
    assert plugin.aws.client("kms") is plugin.aws.client("kms")
    assert other.client("kms").meta.region_name == "eu-west-1"
    assert other.at(None) is other
    assert other.arn("kms", "key/a") == f"arn:aws:kms:eu-west-1:{other.account_id}:key/a"
    assert other.arn("iam", "role/a", region=False) == f"arn:aws:iam::{other.account_id}:role/a"


def test_servers_of_the_rehearsal_are_read_or_named(plugin: AwsPlugin, tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="cannot read the rehearsal's servers"):
        _ = plugin.aws.servers
    (tmp_path / "servers.json").write_text('{"ca_file": "/ca.pem"}')
    assert plugin.aws.servers == {"ca_file": "/ca.pem"}


def _made(plugin: AwsPlugin, **props: object) -> tuple[Kept, str, Props, Props]:
    kept = Kept()
    inputs, failures = kept.check({}, props, _context(plugin))
    assert failures == []
    id_, outputs = kept.create("shelf", inputs, _context(plugin))
    return kept, id_, inputs, outputs


def test_what_the_stand_in_keeps_has_a_name_a_region_and_computed_outputs(plugin: AwsPlugin) -> None:
    kept, id_, inputs, outputs = _made(plugin, note="a", tags={"a": "b"}, key="k")
    assert inputs == {
        "name": "shelf-0102030",
        "size": 1,
        "note": "a",
        "tags": {"a": "b"},
        "key": "k",
        "region": REGION,
    }
    assert outputs == {**inputs, "tagsAll": {"a": "b"}, "arn": plugin.aws.arn("demo", "kept/shelf-0102030")}
    assert kept.read(id_, inputs, outputs, _context(plugin)) == (id_, inputs, outputs)
    assert kept.secrets == {"key"}
    with pytest.raises(ProviderError, match="cannot create kept thing shelf: there is one of the id shelf-0102030"):
        kept.create("shelf", inputs, _context(plugin))


def test_drift_of_what_is_kept_shows_and_an_update_mends_it(plugin: AwsPlugin) -> None:
    kept, id_, inputs, outputs = _made(plugin, note="a")
    plugin.aws.store.put(f"{kept.token}@{REGION}", id_, {"name": inputs["name"], "size": 9, "tags": {"x": "y"}})
    found = kept.read(id_, inputs, outputs, _context(plugin))
    assert found is not None
    assert kept.diff(id_, found[2], found[1], inputs, _context(plugin)).changes == ("size", "note", "tags")
    mended = kept.update(id_, found[2], inputs, _context(plugin))
    assert mended == outputs
    kept.delete(id_, outputs, _context(plugin))
    kept.delete(id_, outputs, _context(plugin))
    assert kept.read(id_, inputs, outputs, _context(plugin)) is None
    with pytest.raises(ProviderError, match=r"cannot update kept thing .*: it is gone"):
        kept.update(id_, outputs, inputs, _context(plugin))


def test_another_region_or_name_is_another_thing(plugin: AwsPlugin) -> None:
    kept, id_, inputs, outputs = _made(plugin, name="a")
    moved = kept.diff(id_, outputs, inputs, {**inputs, "region": "eu-west-1"}, _context(plugin))
    assert moved.replaces == ("region",)
    assert moved.delete_before_replace
    renamed = kept.diff(id_, outputs, inputs, {**inputs, "name": "b"}, _context(plugin))
    assert renamed.replaces == ("name",)
    assert not renamed.delete_before_replace


def test_an_import_names_its_region_and_leaves_out_what_is_empty(plugin: AwsPlugin) -> None:
    kept, id_, *_ = _made(plugin, name="a", region="eu-west-1")
    assert kept.read(id_, {}, {}, _context(plugin)) is None
    found = kept.read(f"{id_}@eu-west-1", {}, {}, _context(plugin))
    assert found is not None
    assert found[0] == id_
    assert found[1] == {"name": "a", "region": "eu-west-1"}


def test_a_preview_of_an_update_leaves_what_may_change_unknown(plugin: AwsPlugin) -> None:
    class Changing(Kept):
        token = "aws:demo/changing:Changing"
        volatile = frozenset({"arn"})

    assert Changing().preview({"arn": "a", "size": 1}, {"size": 2, "tags": {"a": "b"}}) == {
        "size": 2,
        "tags": {"a": "b"},
        "tagsAll": {"a": "b"},
    }


def test_things_are_kept_whole_by_many_writers(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("a/b", "one", {"count": 0})

    def count() -> None:
        for _ in range(20):
            with store.locked("a/b"):
                found = store.get("a/b", "one")
                assert found is not None
                store.put("a/b", "one", {"count": found["count"] + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.all("a/b") == {"one": {"count": 80}}
    assert store.get("a/b", "two") is None
    assert [path.stat().st_mode & 0o077 for path in tmp_path.rglob("*.json")] == [0]


def test_a_code_is_read_from_an_answer_only() -> None:
    assert code_of(ProviderError("x")) == ""
