"""The emulator of Atlas's API: who is let in, which versions it speaks, what it refuses and how, what it remembers."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from plugins.base import PartialFailure, ProviderError
from plugins.mongodbatlas.api import Api
from plugins.mongodbatlas.errors import AtlasError
from rehearsal.atlas.aws_side import ACCOUNT_ARN, AwsSide
from rehearsal.atlas.errors import ApiError
from rehearsal.atlas.names import ACTIONS, EVENTS, METRIC_UNITS, THRESHOLD_EVENTS
from rehearsal.atlas.server import ROUTES, Emulator
from rehearsal.atlas.shapes import check, flag, integer, items, nested, text, texts
from tests.fixtures.atlas import ENVIRONMENT, ORGANIZATION, AtlasPlugin, cluster_inputs, emulator, write_servers
from tests.fixtures.ports import free_port_base

REGION = "eu-central-1"


@pytest.fixture
def atlas() -> Iterator[Emulator]:
    with emulator() as running:
        yield running


def _media(version: str) -> str:
    return f"application/vnd.atlas.{version}+json"


def _request(
    url: str, method: str = "GET", body: object = None, *, version: str = "2023-01-01", media: str = ""
) -> tuple[int, Any, Any]:
    """Send a request by the standard library's own digest authentication."""
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, url, "emulated", ENVIRONMENT["MONGODB_ATLAS_PRIVATE_KEY"])
    opener = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(passwords))
    headers = {"Accept": media or _media(version), "Content-Type": media or _media(version)}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - loopback
    try:
        with opener.open(request, timeout=10) as answer:
            content = answer.read()
            return answer.status, json.loads(content) if content else None, answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read() or b"null"), error.headers


def test_digest_authentication_is_wanted_and_works_with_others_clients(atlas: Emulator) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{atlas.url}/api/atlas/v2/groups/x", timeout=5)  # noqa: S310 - loopback
    with raised.value as error:
        assert error.code == HTTPStatus.UNAUTHORIZED
        assert 'qop="auth"' in error.headers["WWW-Authenticate"]
    body = {"name": "fashion-wallet", "orgId": ORGANIZATION}
    status, made, headers = _request(f"{atlas.url}/api/atlas/v2/groups", "POST", body)
    assert (status, made["name"]) == (200, "fashion-wallet")
    assert headers["Content-Type"].startswith(_media("2023-01-01"))


def test_a_wrong_key_and_a_challenge_of_somebody_elses_are_not_let_in(atlas: Emulator) -> None:
    with pytest.raises(AtlasError) as raised:
        Api(atlas.url, "emulated", "wrong").get("/groups/x")
    assert (raised.value.status, raised.value.code) == (401, "USER_UNAUTHORIZED")
    names = ("username", "realm", "nonce", "uri", "nc", "cnonce", "response")
    unknown = ", ".join(f'{name}="x"' for name in names)
    for header in ("", "Basic eA==", "Digest", f"Digest {unknown}, qop=auth"):
        assert not atlas.digest.accepts(header, "GET")


def test_errors_have_atlas_shape(atlas: Emulator) -> None:
    status, answer, _ = _request(f"{atlas.url}/api/atlas/v2/groups", "POST", {"name": "x", "orgID": ORGANIZATION})
    assert status == 400
    assert answer == {
        "error": 400,
        "errorCode": "INVALID_ATTRIBUTE",
        "detail": "Invalid attribute orgID specified.",
        "reason": "Bad Request",
        "parameters": ["orgID"],
    }
    status, answer, _ = _request(f"{atlas.url}/api/atlas/v2/groups/x/teams")
    assert (status, answer["errorCode"]) == (404, "RESOURCE_NOT_FOUND")
    status, answer, _ = _request(f"{atlas.url}/api/atlas/v2/groups/{'0' * 24}")
    assert (status, answer["errorCode"]) == (404, "GROUP_NOT_FOUND")


@pytest.mark.parametrize(
    "media,answered",
    [
        (_media("2024-08-05"), 404),
        (_media("2099-01-01"), 404),
        (_media("2023-02-01"), 406),
        (_media("2022-01-01"), 406),
        ("application/json", 406),
    ],
)
def test_versions_are_resolved_as_the_api_does_and_others_named(atlas: Emulator, media: str, answered: int) -> None:
    group = _request(f"{atlas.url}/api/atlas/v2/groups", "POST", {"name": "g", "orgId": ORGANIZATION})[1]["id"]
    status, answer, _ = _request(f"{atlas.url}/api/atlas/v2/groups/{group}/clusters/none", media=media)
    assert status == answered
    assert answer["errorCode"] == ("CLUSTER_NOT_FOUND" if answered == 404 else "INVALID_VERSION_DATE")


@pytest.mark.parametrize(
    "body,code",
    [
        ({"name": "x", "more": 1}, "INVALID_ATTRIBUTE"),
        ({}, "MISSING_ATTRIBUTE"),
        ({"name": 1}, "INVALID_JSON_ATTRIBUTE"),
        ({"name": "x", "on": 1}, "INVALID_JSON_ATTRIBUTE"),
        ({"name": "x", "count": True}, "INVALID_JSON_ATTRIBUTE"),
        ({"name": "x", "count": 4}, "INVALID_ATTRIBUTE"),
        ({"name": "X1"}, "INVALID_ATTRIBUTE"),
        ({"name": "x", "kind": "c"}, "INVALID_ENUM_VALUE"),
        ({"name": "x", "kinds": ["a", "c"]}, "INVALID_ENUM_VALUE"),
        ({"name": "x", "kinds": [1]}, "INVALID_JSON_ATTRIBUTE"),
        ({"name": "x", "inside": {"more": 1}}, "INVALID_ATTRIBUTE"),
        ({"name": "x", "many": [{"on": True}, {"on": "yes"}]}, "INVALID_JSON_ATTRIBUTE"),
        ([], "INVALID_JSON"),
    ],
)
def test_every_attribute_is_checked(body: object, code: str) -> None:
    shape = {
        "name": text(required=True, pattern="[a-z]+"),
        "on": flag(),
        "count": integer(1, 3),
        "kind": text("a", "b"),
        "kinds": texts("a", "b"),
        "inside": nested({"on": flag()}),
        "many": items({"on": flag()}),
    }
    with pytest.raises(ApiError) as raised:
        check(shape, body)
    assert raised.value.code == code
    check(shape, {"name": "x", "on": True, "count": 1, "kind": "a", "kinds": ["b"], "inside": {}, "many": [{}]})


def test_the_published_names_are_there() -> None:
    assert METRIC_UNITS["OPLOG_MASTER_TIME"] >= {"SECONDS", "HOURS"}
    assert METRIC_UNITS["CONNECTIONS_PERCENT"] == {"RAW"}
    assert {"NO_PRIMARY", "CPS_SNAPSHOT_FAILED", "HOST_DOWN"} <= EVENTS
    assert THRESHOLD_EVENTS.isdisjoint(EVENTS)
    assert {"FIND", "CHANGE_STREAM"} <= ACTIONS


def test_each_operation_is_there_once() -> None:
    operations = [(route.method, route.path) for route in ROUTES]
    assert len(operations) == len(set(operations))
    assert all(route.method not in ("POST", "PUT", "PATCH") or route.body or route.bodies for route in ROUTES)


def test_a_restart_keeps_everything_and_no_password_is_in_the_file(tmp_path: Path) -> None:
    write_servers(tmp_path, ["127.0.0.11"], "atlas-set", "mongodb://127.0.0.11")
    with emulator(tmp_path) as first:
        plugin = AtlasPlugin(first.url)
        project = plugin.project()
        cluster = plugin.create("AdvancedCluster", **cluster_inputs(project.id))
    with emulator(tmp_path) as second:
        cluster.plugin = AtlasPlugin(second.url)
        cluster.assert_settled()
    assert "emulated" not in (tmp_path / "atlas.json").read_text(encoding="utf-8")


def test_the_module_serves_on_the_port_it_is_given_until_it_is_told_to_end(tmp_path: Path) -> None:
    write_servers(tmp_path, ["127.0.0.11"], "atlas-set", "mongodb://127.0.0.11")
    port = free_port_base()
    environment = {**os.environ, **ENVIRONMENT, "FASHION_WALLET_REHEARSAL": str(tmp_path)}
    command = [sys.executable, "-m", "rehearsal.atlas", "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    try:
        plugin = AtlasPlugin(f"http://127.0.0.1:{port}")
        deadline = time.monotonic() + 60
        while True:
            try:
                assert plugin.api.find("/groups/" + "0" * 24) is None
                break
            except ProviderError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_without_keys_it_says_which_variables_are_missing() -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MONGODB_ATLAS", "FASHION_WALLET"))
    }
    command = [sys.executable, "-m", "rehearsal.atlas", "--port", "1"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    for name in (*ENVIRONMENT, "FASHION_WALLET_REHEARSAL"):
        assert name in ended.stderr


def _trust(principal: str = ACCOUNT_ARN, external_id: str = "external") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsSide]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "emulated")
    with mock_aws():
        side = AwsSide({"AWS_ENDPOINT_URL": "https://iam.amazonaws.com"})
        monkeypatch.setattr(side, "_client", lambda service, region: boto3.client(service, region_name=region))
        yield side


def test_a_role_must_trust_atlas_with_the_external_id(aws: AwsSide) -> None:
    iam = boto3.client("iam", region_name=REGION)
    for name, policy in (("good", _trust()), ("other", _trust("arn:aws:iam::1:root")), ("id", _trust(external_id="x"))):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
    aws.check_role("arn:aws:iam::123456789012:role/good", "external")
    for name in ("other", "id", "none"):
        with pytest.raises(ApiError) as raised:
            aws.check_role(f"arn:aws:iam::123456789012:role/{name}", "external")
        assert raised.value.code == "CANNOT_ASSUME_ROLE"


def test_a_key_must_let_the_role_use_it(aws: AwsSide) -> None:
    role = "arn:aws:iam::123456789012:role/atlas"
    kms = boto3.client("kms", region_name=REGION)

    def key(*actions: str) -> str:
        statement = {"Effect": "Allow", "Principal": {"AWS": role}, "Action": list(actions), "Resource": "*"}
        made = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        return str(made["KeyMetadata"]["Arn"])

    aws.check_key(key("kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"), "EU_CENTRAL_1", role)
    wrong = {key("kms:Decrypt"): "kms:DescribeKey, kms:Encrypt", "arn:aws:kms:eu-central-1:1:key/none": ""}
    for arn, missing in wrong.items():
        with pytest.raises(ApiError) as raised:
            aws.check_key(arn, "EU_CENTRAL_1", role)
        assert raised.value.code == "INVALID_AWS_CREDENTIALS"
        assert missing in raised.value.detail


def test_a_failure_of_the_emulator_is_an_answer(atlas: Emulator, tmp_path: Path) -> None:
    plugin = AtlasPlugin(atlas.url)
    project = plugin.project()
    atlas.mongods._servers = tmp_path / "gone"
    with pytest.raises(PartialFailure, match="UNEXPECTED_ERROR"):
        plugin.create("AdvancedCluster", **cluster_inputs(project.id))
    with pytest.raises(AtlasError, match="The emulator failed: FileNotFoundError"):
        plugin.api.get(f"/groups/{project.id}/clusters", "2024-08-05")
