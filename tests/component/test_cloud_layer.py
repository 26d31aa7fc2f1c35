"""The whole layer in the cloud, on the recorded graph: one program, no secret in clear, everything guarded."""

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.layer.cloud import CloudLayer, CloudLayerArgs
from components.layer.cloud_guard import guard_args
from settings import Settings, SettingsError
from settings.reader import parse
from settings.trust import Authorities, rds_authorities
from tests.component.graph import MARK, Graph, Node, leaves, record

PROD = Path(__file__).parents[2] / "Pulumi.prod.yaml"
# An open door by any other name: what may stand in no input of this stack.
OPEN = ("0.0.0.0/0", "::/0")
STATEFUL = {"Instance", "AdvancedCluster", "Key", "Vault", "Bucket", "Database", "MongoCollection", "MongoDataKey"}


def settings_of(**changes: Any) -> Settings:
    """Prod's settings; `cloud__rds__multiAz=False` changes one."""
    config = yaml.safe_load(PROD.read_text(encoding="utf-8"))["config"]
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = config
        for number, part in enumerate(parents):
            node = node[f"fashion-wallet:{part}" if number == 0 else part]
        node[last if parents else f"fashion-wallet:{last}"] = value
    return parse({key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()})


def recorded(settings: Settings) -> Graph:
    assert settings.cloud is not None
    args = CloudLayerArgs(
        stack="prod",
        directory="/srv/wallet/stacks/prod",
        settings=settings,
        cloud=settings.cloud,
        authorities=Authorities("/srv/rds.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    )
    return record(lambda: CloudLayer("fashion-wallet", args).outputs)


@functools.cache
def prod() -> Graph:
    return recorded(settings_of())


def of_data() -> list[Node]:
    return [node for node in prod().nodes.values() if node.custom and node.kind in STATEFUL]


def test_prod_is_declared_whole() -> None:
    kinds = {node.type for node in prod().nodes.values()}
    wanted = {
        "aws:rds/instance:Instance",
        "aws:rds/proxy:Proxy",
        "aws:kms/key:Key",
        "aws:backup/restoreTestingPlan:RestoreTestingPlan",
        "aws:secretsmanager/secretRotation:SecretRotation",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "mongodbatlas:index/advancedCluster:AdvancedCluster",
        "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule",
        "kubernetes:postgresql.cnpg.io/v1:Cluster",
        "kubernetes:batch/v1:CronJob",
        "postgresql:index/grant:Grant",
        "walletdb:index:MongoCollection",
    }
    assert wanted - kinds == set()


def test_the_outputs_are_those_of_every_stack() -> None:
    assert set(prod().outputs) == {"postgres", "timescale", "mongodb", "services", "backups", "warnings"}
    assert set(prod().outputs["postgres"]) == {"writer_url", "reader_url", "pool_url", "ca_certificate"}
    assert set(prod().outputs["services"]) == {
        "avatar_service",
        "catalog_service",
        "design_service",
        "migration_runner",
    }
    assert {"postgres", "timescale", "mongodb", "services"} <= prod().secret_outputs


def test_urls_verify_the_server_and_insist_on_the_newest_tls() -> None:
    for url in (prod().outputs["postgres"]["writer_url"], *prod().outputs["services"].values()):
        assert "sslmode=verify-full" in url
        assert "ssl_min_protocol_version=TLSv1.3" in url


def test_no_secret_is_an_input_in_clear() -> None:
    leaks = [
        f"{node.name}: {leaf}"
        for node in prod().nodes.values()
        for leaf in leaves(node.plain)
        if isinstance(leaf, str) and MARK in leaf
    ]
    assert leaks == []


def test_a_rotated_password_is_in_no_object_of_kubernetes() -> None:
    """It would be that of the last update, and no dump could log in after the next rotation."""
    graph = prod()
    asked = [f"{MARK} of {name}-id" for name in graph.of("Secret") if name.startswith("postgres-secret-")]
    assert asked
    for node in graph.nodes.values():
        if node.type.startswith("kubernetes:"):
            texts = [leaf for leaf in leaves(node.inputs) if isinstance(leaf, str)]
            assert not [text for text in texts for password in asked if password in text], node.name


def test_the_role_of_the_dump_may_read_the_operator_s_password_and_no_other() -> None:
    graph = prod()
    name = graph.one("Role", "fashion-wallet-jobs-dump-writer-postgres-role").inputs["name"]
    role = f"arn:aws:iam::123456789012:role/{name}"
    let = {
        policy
        for policy, node in graph.of("SecretPolicy").items()
        for statement in json.loads(node.inputs["policy"])["Statement"]
        if role in statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    }
    assert let == {"postgres-secret-operator-policy"}
    # The key of secrets lets policies of IAM decide, for whoever comes through Secrets Manager.
    key = json.loads(graph.one("Key", "fashion-wallet-key-secrets").inputs["policy"])["Statement"]
    (through,) = [statement for statement in key if "kms:Decrypt" in statement["Action"]]
    assert through["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert through["Condition"]["StringEquals"]["kms:ViaService"] == ["secretsmanager.eu-central-1.amazonaws.com"]


def test_nothing_is_open_to_the_world() -> None:
    found = [
        node.name for node in prod().nodes.values() for leaf in leaves(node.inputs) if leaf in OPEN and node.custom
    ]
    assert found == []
    public = [node.name for node in prod().of("Instance").values() if node.inputs.get("publiclyAccessible")]
    assert public == []


def test_what_holds_data_is_protected_and_in_the_guard() -> None:
    assert len(of_data()) > 20
    guard = prod().one("DataGuard", "fashion-wallet-guard").inputs
    # Copies; logs; and a note for the operator, which keeps the database when the note goes.
    copies = re.compile(r"postgres-replica-|-access-logs|^timescale-database$")
    for node in of_data():
        if copies.search(node.name):
            continue
        assert node.protect, f"{node.kind} {node.name} is not protected"
        assert f"{node.kind}:{node.name}" in guard["stateful"], f"the guard does not know {node.kind} {node.name}"


def test_the_guard_knows_nothing_that_is_not_there() -> None:
    there = {f"{node.kind}:{node.name}" for node in prod().nodes.values()}
    assert set(prod().one("DataGuard", "fashion-wallet-guard").inputs["stateful"]) - there == set()


def test_nothing_is_made_before_the_guard_was_judged() -> None:
    providers = [node for node in prod().nodes.values() if node.type.startswith("pulumi:providers:")]
    for node in providers:
        if node.kind == "postgresql":
            continue  # it waits for a server, which waits for the guard
        assert "DataGuard:fashion-wallet-guard" in prod().ancestors(node), node.name


def test_every_resource_has_a_provider_of_the_layer() -> None:
    named = ("aws:", "mongodbatlas:", "kubernetes:", "postgresql:")
    without = [node.name for node in prod().nodes.values() if node.type.startswith(named) and not node.provider]
    assert without == []


def test_every_database_is_backed_up_watched_and_restored_by_itself() -> None:
    graph = prod()
    assert graph.of("Selection"), "no selection"
    assert graph.of("RestoreTestingSelection"), "no restore test"
    jobs = set(graph.of("CronJob"))
    for database in ("postgres", "timescale", "mongodb"):
        assert any(database in job and "restore" in job for job in jobs), f"no restore test of {database} in {jobs}"
    alarmed = {name for name in graph.of("MetricAlarm") if "postgres-primary" in name}
    assert len(alarmed) > 10


def test_what_atlas_has_no_alert_for_is_watched_by_prometheus_under_its_own_login() -> None:
    graph = prod()
    login = graph.one("ThirdPartyIntegration", "mongodb-prometheus")
    assert (login.inputs["type"], login.inputs["enabled"], login.inputs["serviceDiscovery"]) == (
        "PROMETHEUS",
        True,
        "http",
    )
    assert login.inputs["userName"] == "prom_user_mongodb-project-project-id"
    assert "AdvancedCluster:mongodb" in graph.ancestors(login)
    secret = graph.one("Secret", "fashion-wallet-watching-mongodb-login")
    assert secret.inputs["stringData"] == {
        "username": login.inputs["userName"],
        "password": login.inputs["password"],
    }
    assert secret.plain["stringData"] is None
    (scrape,) = graph.of("ScrapeConfig").values()
    assert scrape.inputs["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    assert scrape.inputs["metadata"]["namespace"] == secret.inputs["metadata"]["namespace"]
    assert {"ThirdPartyIntegration:mongodb-prometheus", f"Secret:{secret.name}"} <= graph.ancestors(scrape)
    (group,) = graph.one("PrometheusRule", "fashion-wallet-watching-mongodb").inputs["spec"]["groups"]
    cluster = graph.one("AdvancedCluster", "mongodb").inputs["name"]
    assert group["rules"]
    assert all(f'{{cl_name="{cluster}"}}' in rule["expr"] for rule in group["rules"])


def test_without_a_network_path_what_lies_inside_is_left_out_and_said() -> None:
    graph = recorded(settings_of(cloud__inDatabase="skip"))
    kinds = {node.type.partition(":")[0] for node in graph.nodes.values()}
    assert "postgresql" not in kinds
    assert not graph.of("MongoCollection")
    assert not [node for node in graph.of("SecretPolicy").values() if "dump-writer" in node.inputs["policy"]]
    assert any("cloud.inDatabase is skip" in warning for warning in graph.outputs["warnings"])


def test_without_a_recovery_replica_there_is_none_and_it_is_said() -> None:
    changes = {"cloud__rds__recoveryReplica": False, "cloud__rds__recoverySubnets": None}
    graph = recorded(settings_of(**changes))
    assert "postgres-recovery" not in graph.of("Instance")
    assert any("no replica in the recovery region" in warning for warning in graph.outputs["warnings"])


@pytest.mark.parametrize(
    "changes,lost",
    [
        ({"cloud__rds__masterUsername": "somebody_else"}, "Instance:postgres-primary"),
        ({"cloud__backups__buckets__namePrefix": "another-prefix"}, "Bucket:fashion-wallet-bucket-dumps"),
        ({"cloud__kubernetes__namespace": "another"}, "Cluster:timescale"),
        ({"cloud__atlas__projectName": "another"}, "AdvancedCluster:mongodb"),
        ({"postgres__database": "another"}, "Database:fashion_wallet"),
        (
            {
                "cloud__network__subnets": {
                    "eu-central-1a": "10.40.0.0/24",
                    "eu-central-1b": "10.40.1.0/24",
                    "eu-central-1c": "10.40.3.0/24",
                }
            },
            "Subnet:fashion-wallet-network-subnet-eu-central-1c",
        ),
    ],
)
def test_a_change_that_begins_anew_changes_the_fingerprint(changes: dict[str, Any], lost: str) -> None:
    before, after = settings_of(), settings_of(**changes)
    assert before.cloud is not None
    assert after.cloud is not None
    known = guard_args(before, before.cloud, ()).stateful
    assert known[lost] != guard_args(after, after.cloud, ()).stateful.get(lost)


@pytest.mark.parametrize(
    "changes",
    [
        {"cloud__rds__instanceClass": "db.r6g.xlarge"},
        {"cloud__rds__backupRetentionDays": 35},
        {"postgres__replicas": 1},
        {"cloud__atlas__instanceSize": "M40"},
    ],
)
def test_a_change_in_place_leaves_the_fingerprints_and_says_what_it_does(changes: dict[str, Any]) -> None:
    before, after = settings_of(), settings_of(**changes)
    assert before.cloud is not None
    assert after.cloud is not None
    old, new = guard_args(before, before.cloud, ()), guard_args(after, after.cloud, ())
    assert old.stateful == new.stateful
    (key,) = (path.replace("__", ".") for path in changes)
    assert old.watched is not None
    assert new.watched is not None
    assert old.watched[key]["value"] != new.watched[key]["value"]
    assert new.watched[key]["effect"]


def test_authorities_that_are_missing_are_asked_for_with_the_way_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_WALLET_HOME", str(tmp_path))
    cloud = settings_of().cloud
    assert cloud is not None
    with pytest.raises(SettingsError, match=r"cloud\.rds\.caFile") as caught:
        rds_authorities(cloud.rds)
    assert "global-bundle.pem" in str(caught.value)
    (tmp_path / "certificates").mkdir()
    path = tmp_path / "certificates" / "rds-global-bundle.pem"
    path.write_text("nothing of use")
    with pytest.raises(SettingsError, match="has no certificate in it"):
        rds_authorities(cloud.rds)
    path.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    assert rds_authorities(cloud.rds).path == str(path)
