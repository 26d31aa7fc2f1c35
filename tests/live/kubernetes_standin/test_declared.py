"""What the components declare, judged by a real API server with the operators' own definitions."""

from typing import Any

import pytest

from components.monitoring.kubernetes import AtlasScrape, AtlasScrapeArgs, Rules, RulesArgs
from components.monitoring.watches import Sources
from rehearsal.kubernetes_server import KubernetesServer
from settings import ClusterSettings, MongodbSettings, TimescaleSettings
from settings.cloud.monitoring import MonitoringSettings
from tests.component.graph import Node, record
from tests.fixtures.kubernetes import Driven
from tests.fixtures.timescale import declared

pytestmark = pytest.mark.live

VARIANTS = {
    "replicas": declared,
    "alone": lambda: declared('{"replicas": 0, "synchronousStandbys": 0}', '{"clientNamespaces": [], "hostNames": []}'),
}


def _objects(variant: str) -> list[Node]:
    return [node for node in VARIANTS[variant]().nodes.values() if node.type.startswith("kubernetes:")]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_server_takes_every_object_without_a_warning(server: KubernetesServer, variant: str) -> None:
    plugin = Driven(server)
    objects = _objects(variant)
    kinds = {node.kind for node in objects}
    assert {"Cluster", "Database", "Pooler", "ObjectStore", "ScheduledBackup", "PodMonitor", "CronJob"} <= kinds
    # The namespace is made, so that its rules for pods apply; all else is asked about.
    for node in sorted(objects, key=lambda node: node.kind != "Namespace"):
        token = node.type.removeprefix("kubernetes:")
        if node.kind == "Namespace":
            plugin.make(token, node.inputs)
        else:
            assert plugin.refusals(token, node.inputs) == [], node.name
    # The recorded graph has words where certificates would be; nothing else may be worth a warning.
    warnings = {text.partition(": ")[2] for _, text in plugin.said}
    assert warnings <= {"tls: failed to find any PEM data in certificate input"}


def test_the_server_takes_what_prometheus_is_told(server: KubernetesServer) -> None:
    plugin = Driven(server)
    namespace = plugin.make("core/v1:Namespace", {"metadata": {"name": "watched"}}).id
    sources = Sources(
        monitoring=MonitoringSettings(alert_emails=("oncall@example.com",)),
        postgres=ClusterSettings(),
        timescale=TimescaleSettings(),
        mongodb=MongodbSettings(),
    )

    def declare() -> dict[str, Any]:
        Rules(
            "rules",
            RulesArgs(
                stack="prod",
                sources=sources,
                namespace=namespace,
                object_namespace=namespace,
                databases=frozenset({"timescale", "postgres", "mongodb"}),
                atlas_cluster="fashion-wallet-prod",
            ),
        )
        login = {"username": "prom_user_5f0c", "password": "made up"}
        AtlasScrape("mongodb", AtlasScrapeArgs(namespace=namespace, labels={}, project_id="5f0c", **login))
        return {}

    made = [node for node in record(declare).nodes.values() if node.custom]
    for node in made:
        plugin.make(node.type.removeprefix("kubernetes:"), node.inputs)
    assert sorted(node.kind for node in made) == ["PrometheusRule"] * 3 + ["ScrapeConfig", "Secret"]
    assert plugin.said == []


def test_the_server_would_notice_what_is_wrong(server: KubernetesServer) -> None:
    plugin = Driven(server)
    for node in _objects("replicas"):
        if "spec" in node.inputs:
            wrong = {**node.inputs, "spec": {**node.inputs["spec"], "fashion": "wallet"}}
            (reason,) = plugin.refusals(node.type.removeprefix("kubernetes:"), wrong)
            assert "fashion" in reason
