"""What reaches the plugin: names on the wire, untouched values, secrets that stay secret, parameters, certificates."""

import json

import pulumi
import pytest

from components.postgres.parameters import server_parameters
from components.resources import (
    Certificate,
    CertificateArgs,
    Member,
    RandomPassword,
    RandomPasswordArgs,
    RuntimeConfig,
    RuntimeConfigArgs,
)
from components.resources.base import wire_name
from settings import ClusterSettings
from settings.refused import reason_to_refuse
from tests.component.graph import DIRECTORY, MARK, layer, leaves, record


def test_fields_become_camel_case() -> None:
    assert wire_name("maximum_lag_on_failover_mib") == "maximumLagOnFailoverMib"
    assert wire_name("ttl_s") == "ttlS"
    assert Member(name="a", host="h", port=1, rest_port=2).wire() == {
        "name": "a",
        "host": "h",
        "port": 1,
        "restPort": 2,
    }


def test_keys_inside_a_value_reach_the_wire_untouched() -> None:
    content = {"client_key": {"some_key": 1, "camelCase": [{"rest_url": "x"}]}, "pgaudit.log": "ddl"}

    def declare() -> dict[str, object]:
        made = RuntimeConfig("file", RuntimeConfigArgs(directory="/x", content=content))
        return {"path": made.path}

    assert record(declare).one("RuntimeConfig", "file").inputs == {"directory": "/x", "content": content}


def test_names_of_server_parameters_reach_the_wire_untouched() -> None:
    graph = layer('{"postgres": {"parameters": {"work_mem": "8MB", "auto_explain.log_min_duration": "1s"}}}')
    for kind, name in (("PatroniMember", "postgres-1"), ("PatroniCluster", "postgres")):
        parameters = graph.one(kind, name).inputs["parameters"]
        assert parameters["work_mem"] == "8MB"
        assert parameters["auto_explain.log_min_duration"] == "1s"
        assert parameters["pgaudit.log"] == "ddl, role"


def test_outputs_are_read_by_their_python_names() -> None:
    def declare() -> dict[str, pulumi.Output[str]]:
        made = Certificate(
            "server",
            CertificateArgs(
                ca_cert_pem="a", ca_key_pem="b", common_name="server", validity_days=90, renew_before_days=30
            ),
        )
        password = RandomPassword("user", RandomPasswordArgs(generation=1))
        return {"cert": made.cert_pem, "key": made.key_pem, "password": password.result}

    graph = record(declare)
    assert graph.outputs["cert"] == "server cert"
    assert graph.secret_outputs == {"key", "password"}
    assert graph.one("Certificate", "server").inputs["dnsNames"] == []


def test_no_secret_reaches_a_plain_input_or_output() -> None:
    graph = layer()
    for node in graph.nodes.values():
        for value in leaves(node.plain):
            assert MARK not in str(value), f"{node.type} {node.name}"
    for outputs in graph.component_outputs:
        assert not [value for value in leaves(outputs) if MARK in str(value)]
    assert graph.secret_outputs == {"postgres", "services", "timescale", "mongodb"}
    assert [value for value in leaves(graph.outputs["postgres"]) if MARK in str(value)]


def test_the_outputs_are_the_published_ones() -> None:
    outputs = layer().outputs
    assert set(outputs) == {"postgres", "timescale", "mongodb", "services", "backups", "warnings"}
    assert set(outputs["postgres"]) == {"writer_url", "reader_url", "pool_url", "ca_certificate"}
    assert set(outputs["timescale"]) == {"url", "hypertables"}
    assert set(outputs["services"]) == {"avatar_service", "catalog_service", "design_service", "migration_runner"}
    assert set(outputs["mongodb"]) == {"uri", "database", "services", "field_encryption"}
    assert set(outputs["mongodb"]["services"]) == {"avatar_service", "catalog_service", "design_service"}
    assert ":15412/" in outputs["services"]["avatar_service"]
    assert ":15410/" in outputs["services"]["migration_runner"]
    assert ":15440/fashion_wallet_metrics?" in outputs["timescale"]["url"]


def test_warnings_say_what_the_stack_cannot_give() -> None:
    text = "\n".join(layer().outputs["warnings"])
    assert "timescaledb" in text
    assert "data files are not encrypted" in text
    assert "not protected" not in text
    careless = layer('{"protect": false, "postgres": {"replicas": 1, "synchronousStandbys": 0}}').outputs["warnings"]
    assert any("not protected" in warning for warning in careless)
    assert any("wants 2 or more" in warning for warning in careless)
    assert any("can lose commits" in warning for warning in careless)


def test_timescaledb_is_required_where_the_settings_say_so() -> None:
    for setting, required in (("required", True), ("optional", False)):
        graph = layer(json.dumps({"timescale": {"timescaledb": setting}}))
        assert graph.one("OptionalExtension", "timescale-optional-timescaledb").inputs["required"] is required


def test_a_servers_certificate_is_valid_for_where_it_listens() -> None:
    graph = layer('{"local": {"listenAddress": "127.0.0.9"}}')
    for name in ("etcd-1", "postgres-1", "timescale-1", "postgres-pgbouncer"):
        inputs = graph.one("Certificate", f"{name}-certificate").inputs
        assert inputs["commonName"] == name
        assert inputs["dnsNames"] == ["localhost", inputs["commonName"]]
        assert inputs["ipAddresses"] == ["127.0.0.1", "::1", "127.0.0.9"]


def test_clients_are_known_by_their_common_name() -> None:
    certificates = layer().of("Certificate")
    for client in ("postgres", "replicator", "pgbouncer", "haproxy"):
        inputs = certificates[f"fashion-wallet-encryption-client-{client}"].inputs
        assert (inputs["commonName"], inputs["dnsNames"], inputs["ipAddresses"]) == (client, [], [])


@pytest.mark.parametrize("cluster", ["postgres", "timescale"])
def test_each_hop_uses_the_identity_that_is_meant_for_it(cluster: str) -> None:
    graph = layer()
    client = "fashion-wallet-encryption-client-{} cert".format
    assert graph.one("PatroniCluster", cluster).inputs["certPem"] == client("postgres")
    assert graph.one("HAProxy", f"{cluster}-haproxy").inputs["certPem"] == client("haproxy")
    assert graph.one("PatroniMember", f"{cluster}-1").inputs["replicationCertPem"] == client("replicator")
    pooler = graph.one("PgBouncer", f"{cluster}-pgbouncer").inputs
    assert pooler["clientCertPem"] == client("pgbouncer")
    assert pooler["certPem"] == f"{cluster}-pgbouncer-certificate cert"
    assert pooler["authUser"] == "pgbouncer"
    assert pooler["authQuery"] == "SELECT username, password FROM pgbouncer.get_auth($1)"


def test_the_pooler_is_sized_from_the_settings() -> None:
    pooler = layer('{"postgres": {"pool": {"maxConnections": 50}}}').one("PgBouncer", "postgres-pgbouncer").inputs
    assert (pooler["poolMin"], pooler["poolMax"], pooler["maxClientConnections"]) == (10, 50, 400)


def test_readers_are_spread_as_the_settings_say() -> None:
    graph = layer('{"postgres": {"loadBalancing": "round-robin"}}')
    spread = {name: node.inputs["loadBalancing"] for name, node in graph.of("HAProxy").items()}
    assert spread == {"postgres-haproxy": "round-robin", "timescale-haproxy": "least-connections"}


def test_the_runtime_file_says_where_everything_is() -> None:
    content = layer().one("RuntimeConfig", "fashion-wallet-runtime-config").inputs["content"]
    assert content["version"] == 1
    assert content["directory"] == DIRECTORY
    assert content["client_key"] == f"{DIRECTORY}/admin.key"
    postgres, timescale = content["clusters"]
    assert postgres["members"][2] == {
        "name": "postgres-3",
        "host": "127.0.0.1",
        "port": 15424,
        "rest_url": "https://127.0.0.1:15425",
    }
    assert timescale["pooler"] == {"host": "127.0.0.1", "port": 15442}
    assert postgres["pool"] == {  # the numbers of spec 3.1.1
        "min_connections": 10,
        "max_connections": 100,
        "idle_timeout_ms": 30_000,
        "connection_timeout_ms": 5_000,
        "max_lifetime_ms": 3_600_000,
        "acquire_timeout_ms": 30_000,
        "reap_interval_ms": 1_000,
    }
    assert timescale["expect_timescaledb"] is False


def test_server_parameters_follow_the_settings() -> None:
    parameters = server_parameters(ClusterSettings(), "TLSv1.3")
    expected = {
        "statement_timeout": "30s",
        "lock_timeout": "5s",
        "log_min_duration_statement": "200ms",
        "log_lock_waits": "on",
        "deadlock_timeout": "1s",
        "max_connections": "420",
        "password_encryption": "scram-sha-256",
        "ssl_min_protocol_version": "TLSv1.3",
        "wal_level": "replica",
        "shared_buffers": "128MB",
    }
    assert expected.items() <= parameters.items()


def test_every_parameter_that_the_project_sets_is_refused_in_the_settings() -> None:
    assert [name for name in server_parameters(ClusterSettings(), "TLSv1.3") if not reason_to_refuse(name)] == []
