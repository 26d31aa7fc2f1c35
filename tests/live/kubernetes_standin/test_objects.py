"""Objects on a real API server: made, found as they are, changed, mended, replaced and deleted."""

import base64
from typing import Any

import pytest

from plugins.base import UNKNOWN, PartialFailure, ProviderError
from rehearsal.kubernetes_server import KubernetesServer
from tests.fixtures.kubernetes import Driven, by_hand

pytestmark = pytest.mark.live


def _settings(namespace: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": "settings", "namespace": namespace}, "data": data}


def _policy(namespace: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "closed", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "egress": [{"ports": [{"port": 53}]}]},
    }


def _cluster(namespace: str, **spec: Any) -> dict[str, Any]:
    whole = {"instances": 3, "storage": {"size": "10Gi"}, "resources": {"limits": {"memory": "8192Mi"}}, **spec}
    return {"metadata": {"name": "db", "namespace": namespace}, "spec": whole}


def test_an_object_is_as_declared_and_a_refresh_right_after_finds_no_change(plugin: Driven, namespace: str) -> None:
    declared = _policy(namespace)
    made = plugin.make("networking.k8s.io/v1:NetworkPolicy", declared)
    assert made.id == f"{namespace}/closed"
    # The server filled this in, and the program did not say it.
    assert made.outputs["spec"]["egress"][0]["ports"][0]["protocol"] == "TCP"
    assert "managedFields" not in made.outputs["metadata"]
    assert made.refresh()
    assert made.diff(declared).changes == ()


def test_a_quantity_that_the_server_spells_otherwise_is_no_change(plugin: Driven, namespace: str) -> None:
    declared = {
        "metadata": {"name": "limits", "namespace": namespace},
        "spec": {"hard": {"limits.memory": "8192Mi", "limits.cpu": "2000m"}},
    }
    made = plugin.make("core/v1:ResourceQuota", declared)
    assert made.outputs["spec"]["hard"]["limits.cpu"] == "2"
    assert made.refresh()
    assert made.diff(declared).changes == ()


def test_drift_is_found_and_mended(plugin: Driven, server: KubernetesServer, namespace: str) -> None:
    declared = _settings(namespace, kept="1", changed="1", removed="1")
    made = plugin.make("core/v1:ConfigMap", declared)
    path = f"/api/v1/namespaces/{namespace}/configmaps/settings"
    by_hand(server, path, {"data": {"changed": "by hand", "removed": None, "added": "by hand"}})
    assert made.refresh()
    # What somebody added is theirs: server-side apply leaves alone what was never declared.
    assert made.inputs["data"] == {"kept": "1", "changed": "by hand"}
    assert made.diff(declared).changes == ("data",)
    made.update(declared)
    assert server.get(path)["data"] == {"kept": "1", "changed": "1", "removed": "1", "added": "by hand"}
    assert made.refresh()
    assert made.diff(declared).changes == ()


def test_without_force_what_another_manager_set_is_not_taken_over(server: KubernetesServer, namespace: str) -> None:
    plugin = Driven(server, {"enablePatchForce": False})
    declared = _settings(namespace, changed="1")
    made = plugin.make("core/v1:ConfigMap", declared)
    by_hand(server, f"/api/v1/namespaces/{namespace}/configmaps/settings", {"data": {"changed": "by hand"}})
    with pytest.raises(ProviderError, match=r"kubectl-edit.*enablePatchForce"):
        made.update(declared)


def test_what_is_no_longer_declared_goes(plugin: Driven, server: KubernetesServer, namespace: str) -> None:
    made = plugin.make("core/v1:ConfigMap", _settings(namespace, first="1", second="2"))
    made.update(_settings(namespace, first="1"))
    assert server.get(f"/api/v1/namespaces/{namespace}/configmaps/settings")["data"] == {"first": "1"}


def test_texts_of_a_secret_are_kept_as_the_server_has_them(
    plugin: Driven, server: KubernetesServer, namespace: str
) -> None:
    declared = {"metadata": {"name": "login", "namespace": namespace}, "stringData": {"password": "s3cret ü"}}
    made = plugin.make("core/v1:Secret", declared)
    assert base64.b64decode(made.outputs["data"]["password"]).decode() == "s3cret ü"
    assert plugin.type("core/v1:Secret").secrets == {"data", "stringData"}
    assert made.refresh()
    assert made.diff(declared).changes == ()
    path = f"/api/v1/namespaces/{namespace}/secrets/login"
    by_hand(server, path, {"data": {"password": base64.b64encode(b"by hand").decode()}})
    assert made.refresh()
    assert made.inputs["stringData"] == {"password": "by hand"}
    assert made.diff(declared).changes == ("stringData",)


def test_what_a_schema_does_not_have_is_refused_at_preview(plugin: Driven, namespace: str) -> None:
    token = "postgresql.cnpg.io/v1:Cluster"
    (reason,) = plugin.refusals(token, _cluster(namespace, instance=3))
    assert f"the server refuses Cluster {namespace}/db" in reason
    assert ".spec.instance: field not declared in schema" in reason
    (reason,) = plugin.refusals(token, _cluster(namespace, instances=0))
    assert "spec.instances" in reason
    (reason,) = plugin.refusals("core/v1:Service", {"metadata": {"name": "UPPER", "namespace": namespace}})
    assert "UPPER" in reason


def test_an_undeclared_field_is_refused_also_where_values_are_not_known_yet(plugin: Driven, namespace: str) -> None:
    token = "postgresql.cnpg.io/v1:Cluster"
    assert plugin.refusals(token, _cluster(namespace, imageName=UNKNOWN, instances=UNKNOWN)) == []
    (reason,) = plugin.refusals(token, _cluster(namespace, imageName=UNKNOWN, instance=3))
    assert ".spec.instance: field not declared in schema" in reason


def test_an_object_in_a_namespace_that_comes_with_the_same_update_is_checked_too(plugin: Driven) -> None:
    assert plugin.refusals("core/v1:ConfigMap", _settings("comes-later", first="1")) == []
    wrong = {**_settings("comes-later"), "datas": {}}
    assert "datas" in plugin.refusals("core/v1:ConfigMap", wrong)[0]


def test_a_kind_that_the_server_does_not_have_is_refused(plugin: Driven) -> None:
    (reason,) = plugin.refusals("example.com/v1:Wallet", {"metadata": {"name": "one"}})
    assert "has no kind Wallet in example.com/v1; install the definition" in reason


def test_an_automatic_name_stays(plugin: Driven, namespace: str) -> None:
    declared = {"metadata": {"namespace": namespace}, "data": {"first": "1"}}
    made = plugin.make("core/v1:ConfigMap", declared)
    assert made.id == f"{namespace}/thing-01020304"
    again, _ = plugin.check("core/v1:ConfigMap", declared, made.inputs)
    assert again["metadata"] == made.inputs["metadata"]


def test_the_providers_namespace_is_that_of_objects_without_one(server: KubernetesServer, namespace: str) -> None:
    plugin = Driven(server, {"namespace": namespace})
    assert plugin.make("core/v1:ConfigMap", {"metadata": {"name": "one"}}).id == f"{namespace}/one"
    storage = {"metadata": {"name": f"{namespace}-class"}, "provisioner": "ebs.csi.aws.com"}
    assert plugin.make("storage.k8s.io/v1:StorageClass", storage).id == f"{namespace}-class"


def test_what_cannot_change_is_replaced_and_a_fixed_name_is_freed_first(plugin: Driven, namespace: str) -> None:
    storage = {"metadata": {"name": f"{namespace}-class"}, "provisioner": "ebs.csi.aws.com", "parameters": {"a": "1"}}
    made = plugin.make("storage.k8s.io/v1:StorageClass", storage)
    diff = made.diff({**storage, "parameters": {"a": "2"}})
    assert diff.replaces == ("parameters",)
    assert diff.delete_before_replace
    renamed = made.diff({**storage, "metadata": {"name": f"{namespace}-other"}})
    assert renamed.replaces == ("metadata",)
    assert not renamed.delete_before_replace


def test_contents_of_secrets_change_in_place_only_where_the_provider_says_so(
    server: KubernetesServer, namespace: str
) -> None:
    declared = {"metadata": {"name": "login", "namespace": namespace}, "stringData": {"password": "one"}}
    changed = {**declared, "stringData": {"password": "two"}}
    assert Driven(server).make("core/v1:Secret", declared).diff(changed).replaces == ("stringData",)
    mutable = Driven(server, {"enableSecretMutable": True, "enablePatchForce": True})
    made = mutable.make("core/v1:Secret", declared)
    assert made.diff(changed).replaces == ()
    made.update(changed)
    assert base64.b64decode(made.outputs["data"]["password"]) == b"two"


def test_what_the_server_refuses_to_change_is_an_error_at_preview(plugin: Driven, namespace: str) -> None:
    token = "postgresql.cnpg.io/v1:Pooler"
    declared = {
        "metadata": {"name": "pool", "namespace": namespace},
        "spec": {"cluster": {"name": "db"}, "pgbouncer": {"poolMode": "transaction"}},
    }
    made = plugin.make(token, declared)
    moved = {**declared, "spec": {**declared["spec"], "cluster": {"name": "other"}}}
    (reason,) = plugin.refusals(token, moved, made.inputs)
    assert "cluster reference is immutable" in reason


def test_an_object_of_somebody_else_is_not_taken_over(plugin: Driven, server: KubernetesServer, namespace: str) -> None:
    unforced = Driven(server, {"enablePatchForce": False})
    path = f"/api/v1/namespaces/{namespace}/configmaps/settings"
    server.apply(path, {"apiVersion": "v1", "kind": "ConfigMap", **_settings(namespace, theirs="1")})
    with pytest.raises(ProviderError, match=f"Import it .id {namespace}/settings."):
        unforced.make("core/v1:ConfigMap", _settings(namespace, first="1"))
    assert server.get(path)["data"] == {"theirs": "1"}


def test_what_a_killed_update_left_is_taken_up(plugin: Driven, server: KubernetesServer, namespace: str) -> None:
    unforced = Driven(server, {"enablePatchForce": False})
    unforced.make("core/v1:ConfigMap", _settings(namespace, first="1"))
    again = unforced.make("core/v1:ConfigMap", _settings(namespace, first="2"))
    assert again.outputs["data"] == {"first": "2"}


def test_import(plugin: Driven, server: KubernetesServer, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/settings"
    server.apply(path, {"apiVersion": "v1", "kind": "ConfigMap", **_settings(namespace, theirs="1")})
    found = plugin.type("core/v1:ConfigMap").read(f"{namespace}/settings", {}, {}, plugin.context())
    assert found is not None
    assert found[1] == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": namespace},
        "data": {"theirs": "1"},
    }


def test_a_load_balancer_is_waited_for(plugin: Driven, server: KubernetesServer, namespace: str) -> None:
    declared = {
        "metadata": {"name": "db", "namespace": namespace, "annotations": {"pulumi.com/timeoutSeconds": "1"}},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 5432}]},
    }
    with pytest.raises(PartialFailure, match=r"ingress\[0\].*did not hold within 1 s") as failure:
        plugin.make("core/v1:Service", declared)
    assert failure.value.id == f"{namespace}/db"
    balancer = {"status": {"loadBalancer": {"ingress": [{"ip": "127.9.9.9"}]}}}
    by_hand(server, f"/api/v1/namespaces/{namespace}/services/db/status", balancer)
    made = plugin.make("core/v1:Service", declared)
    assert made.outputs["status"]["loadBalancer"]["ingress"][0]["ip"] == "127.9.9.9"


def test_a_condition_is_waited_for(plugin: Driven, server: KubernetesServer, namespace: str) -> None:
    annotations = {"pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "1"}
    declared = _cluster(namespace)
    declared["metadata"]["annotations"] = annotations
    with pytest.raises(PartialFailure, match="condition=Ready did not hold"):
        plugin.make("postgresql.cnpg.io/v1:Cluster", declared)
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "x",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    path = f"/apis/postgresql.cnpg.io/v1/namespaces/{namespace}/clusters/db/status"
    by_hand(server, path, {"status": {"conditions": [ready]}})
    assert plugin.make("postgresql.cnpg.io/v1:Cluster", declared).outputs["status"]["conditions"] == [ready]


def test_a_kind_that_needs_a_controller_is_refused_unless_nobody_waits(plugin: Driven, namespace: str) -> None:
    pod = {
        "metadata": {"name": "one", "namespace": namespace, "annotations": {}},
        "spec": {"containers": [{"name": "main", "image": "registry.example/none:1"}]},
    }
    with pytest.raises(ProviderError, match="cannot wait for a Pod: no controller runs it here"):
        plugin.make("core/v1:Pod", pod)
    pod["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    assert plugin.make("core/v1:Pod", pod).id == f"{namespace}/one"


def test_what_the_server_warns_about_is_told(plugin: Driven, namespace: str) -> None:
    labelled = {"metadata": {"name": namespace, "labels": {"pod-security.kubernetes.io/warn": "restricted"}}}
    plugin.make("core/v1:Namespace", labelled)
    container = {"name": "main", "image": "registry.example/none:1"}
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    job = {
        "metadata": {"name": "nightly", "namespace": namespace},
        "spec": {"schedule": "0 1 * * *", "jobTemplate": {"spec": {"template": template}}},
    }
    assert plugin.refusals("batch/v1:CronJob", job) == []
    assert any("would violate PodSecurity" in text for severity, text in plugin.said if severity == "warning")


def test_delete_waits_and_leaves_another_object_of_that_name_alone(
    plugin: Driven, server: KubernetesServer, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/settings"
    made = plugin.make("core/v1:ConfigMap", _settings(namespace, first="1"))
    made.delete()
    assert not made.refresh()
    made.delete()  # gone already is no error
    server.apply(path, {"apiVersion": "v1", "kind": "ConfigMap", **_settings(namespace, theirs="1")})
    made.delete()
    assert server.get(path)["data"] == {"theirs": "1"}


def test_a_delete_that_nobody_finishes_says_what_holds_it(
    plugin: Driven, server: KubernetesServer, namespace: str
) -> None:
    made = plugin.make("core/v1:ConfigMap", _settings(namespace, first="1"))
    by_hand(
        server,
        f"/api/v1/namespaces/{namespace}/configmaps/settings",
        {"metadata": {"finalizers": ["example.com/hold"]}},
    )
    with pytest.raises(ProviderError, match=r"held by the finalizers \['example.com/hold'\]"):
        plugin.type(made.token).delete(made.id, made.outputs, plugin.context(timeout_s=1))
