"""The kubernetes stand-in's settings, tokens and conditions: what it takes, and what it refuses by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from plugins.base import UNKNOWN, ProviderError
from plugins.kubernetes.documents import as_found
from plugins.kubernetes.kubeconfig import read_kubeconfig
from plugins.kubernetes.provider import KubernetesProvider
from plugins.kubernetes.waits import condition_of


def _kubeconfig(server: str = "https://127.0.0.1:6443", **user: str) -> dict[str, Any]:
    return {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t0ken", **user}}],
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
    }


def _configured(**changes: Any) -> dict[str, Any]:
    config = {"kubeconfig": json.dumps(_kubeconfig()), "context": "prod", **changes}
    return KubernetesProvider().configure(config)


def test_a_context_of_a_kubeconfig_as_text_and_as_a_path(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(json.dumps(_kubeconfig()), encoding="utf-8")
    for given in (json.dumps(_kubeconfig()), str(path)):
        access = read_kubeconfig({"kubeconfig": given, "context": "prod", "namespace": "one"})
        assert (access.host, access.port, access.namespace, access.token) == ("127.0.0.1", 6443, "one", "t0ken")
        assert "t0ken" not in str(access)


@pytest.mark.parametrize(
    "server", ["https://10.0.0.1:6443", "https://abc.eks.amazonaws.com", "https://127.0.0.1.example.com:6443"]
)
def test_a_server_that_is_not_on_this_machine_is_refused_with_the_way_to_the_real_plugin(server: str) -> None:
    with pytest.raises(ProviderError, match=r"allowed is a loopback address.*plugin install resource kubernetes v4"):
        _configured(kubeconfig=json.dumps(_kubeconfig(server)))


def test_a_server_without_tls_is_refused() -> None:
    with pytest.raises(ProviderError, match="allowed is one that begins with https"):
        _configured(kubeconfig=json.dumps(_kubeconfig("http://127.0.0.1:8080")))


def test_no_kubeconfig_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(ProviderError, match="set the variable KUBECONFIG"):
        read_kubeconfig({"context": "prod"})


def test_a_context_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(ProviderError, match="got context 'other', there are: prod"):
        _configured(context="other")


def test_a_broken_kubeconfig_is_not_quoted() -> None:
    with pytest.raises(ProviderError, match="it is no YAML") as raised:
        _configured(kubeconfig="a: [\nsecret-key")
    assert "secret-key" not in str(raised.value)


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("renderYamlToDirectory", "out", "does not support this setting"),
        ("deleteUnreachable", True, "does not support this setting"),
        ("enableServerSideApply", False, "allowed is true"),
        ("enablePatchForce", "yes", "allowed is true or false"),
        ("namespace", 3, "allowed is text"),
    ],
)
def test_a_setting_is_refused_by_name(name: str, value: object, words: str) -> None:
    (failure,) = KubernetesProvider().check_config({}, {"context": "prod", name: value})[1]
    assert failure.property == name
    assert words in failure.reason


def test_a_setting_that_is_not_known_yet_is_left_for_later() -> None:
    assert KubernetesProvider().check_config({}, {"context": UNKNOWN, "kubeconfig": UNKNOWN})[1] == []


@pytest.mark.parametrize(
    "token, api_version, kind",
    [
        ("kubernetes:core/v1:Namespace", "v1", "Namespace"),
        ("kubernetes:networking.k8s.io/v1:NetworkPolicy", "networking.k8s.io/v1", "NetworkPolicy"),
        ("kubernetes:postgresql.cnpg.io/v1:Cluster", "postgresql.cnpg.io/v1", "Cluster"),
    ],
)
def test_a_token_names_a_kind(token: str, api_version: str, kind: str) -> None:
    found: Any = KubernetesProvider().resources[token]
    assert (found.token, found.api_version, found.kind) == (token, api_version, kind)


@pytest.mark.parametrize(
    "token",
    [
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:yaml/v2:ConfigGroup",
        "kubernetes:kustomize/v2:Directory",
        "kubernetes:core/v1:NamespacePatch",
        "kubernetes:core/v1:SecretList",
        "kubernetes:yaml:ConfigFile",
    ],
)
def test_what_is_no_object_is_refused_by_name(token: str) -> None:
    provider = KubernetesProvider()
    assert provider.resources.get(token) is None
    assert (
        provider.unsupported(token) == f"the stand-in does not support {token}; install the official kubernetes plugin"
    )


def _waits(wait_for: str, status: dict[str, Any]) -> bool:
    metadata = {"annotations": {"pulumi.com/waitFor": wait_for}}
    conditions = condition_of({"apiVersion": "v1", "kind": "Any", "metadata": metadata})
    return all(condition.holds({"status": status}) for condition in conditions)


@pytest.mark.parametrize(
    "wait_for, status, holds",
    [
        ("condition=Ready", {"conditions": [{"type": "Ready", "status": "True"}]}, True),
        ("condition=Ready", {"conditions": [{"type": "Ready", "status": "False"}]}, False),
        ("condition=Ready=False", {"conditions": [{"type": "Ready", "status": "False"}]}, True),
        ("jsonpath={.status.applied}=true", {"applied": True}, True),
        ("jsonpath={.status.applied}=true", {"applied": False}, False),
        ("jsonpath={.status.applied}=true", {}, False),
        ("jsonpath={.status.list[0].ip}", {"list": [{"ip": "1"}]}, True),
        ("jsonpath={.status.list[0]}", {"list": []}, False),
        ("jsonpath={.status.list[*].ready}=true", {"list": [{"ready": True}, {"ready": False}]}, False),
        ('["condition=Ready", "jsonpath={.status.a}"]', {"conditions": [{"type": "Ready", "status": "True"}]}, False),
    ],
)
def test_a_condition(wait_for: str, status: dict[str, Any], *, holds: bool) -> None:
    assert _waits(wait_for, status) is holds


@pytest.mark.parametrize("wait_for", ["jsonpath={.status.items[?(@.a)]}", "[1]", "jsonpath=.status"])
def test_a_condition_that_it_cannot_judge_is_refused(wait_for: str) -> None:
    with pytest.raises(ProviderError, match="waitFor"):
        _waits(wait_for, {})


def test_only_what_somebody_changed_is_taken_from_the_live_object() -> None:
    inputs = {"spec": {"cpu": "1000m", "list": [1], "kept": "a", "gone": "b"}}
    live = {"spec": {"cpu": "1", "list": [1, 2], "kept": "a", "servers": True}}
    applied = {"spec": {"cpu": "1", "list": [1], "kept": "a", "gone": "b", "servers": True}}
    assert as_found(inputs, live, applied) == {"spec": {"cpu": "1000m", "list": [1, 2], "kept": "a"}}
