"""PostgreSQL on RDS as the program declares it: what keeps the data, who may log in, and how."""

import json
from typing import Any

import pytest

from components.postgres.aws_parameters import rds_parameters
from components.postgres.cluster import AdminAccess, Endpoint
from components.postgres.grants import POSTGRES
from components.secrets.aws import SecretPlace, ServiceSecretsArgs
from settings import ClusterSettings
from settings.derived import POOL_USERS
from tests.component.graph import MARK, Node
from tests.component.rds_graph import (
    ACCOUNT,
    CA_FILE,
    RECOVERY_REGION,
    SECRETS,
    TAGS,
    WITH_RECOVERY,
    rds_layer,
    recovering,
)

ZONES = ("eu-central-1b", "eu-central-1c")
REPLICAS = [f"postgres-replica-{zone}" for zone in ZONES]
EVERY = ["postgres-primary", "postgres-recovery", *REPLICAS]
TAGGABLE = ("Instance", "ParameterGroup", "SubnetGroup", "EventSubscription", "Proxy", "Secret", "LogGroup")


def _instance(name: str) -> Node:
    return recovering().one("Instance", name)


def _policy(node: Node) -> list[dict[str, Any]]:
    document = json.loads(node.inputs["policy"])
    return list(document["Statement"])


def test_the_instances_have_their_published_names() -> None:
    assert sorted(recovering().of("Instance")) == sorted(EVERY)
    assert sorted(rds_layer().of("Instance")) == sorted([*REPLICAS, "postgres-primary"])


@pytest.mark.parametrize("name", EVERY)
def test_every_instance_keeps_its_data_and_lets_nobody_look(name: str) -> None:
    node = _instance(name)
    inputs = node.inputs
    # A replica of the same region is a copy, which may go by one update.
    assert node.protect is (name not in REPLICAS)
    assert inputs["deletionProtection"] is (name not in REPLICAS)
    assert inputs["deleteAutomatedBackups"] is False
    assert inputs["storageEncrypted"] is True
    assert inputs["kmsKeyId"]
    assert inputs["performanceInsightsKmsKeyId"] == inputs["kmsKeyId"]
    assert inputs["publiclyAccessible"] is False
    assert inputs["copyTagsToSnapshot"] is True
    assert inputs["backupRetentionPeriod"] == 30
    assert inputs["iamDatabaseAuthenticationEnabled"] is True
    assert inputs["monitoringInterval"] == 60
    assert inputs["monitoringRoleArn"]
    assert inputs["enabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert inputs["storageType"] == "gp3"
    assert inputs["applyImmediately"] is False
    assert node.create_timeout == "120m"


def test_the_primary_stands_in_two_zones_and_leaves_a_snapshot_of_a_name_nobody_has() -> None:
    inputs = _instance("postgres-primary").inputs
    assert inputs["multiAz"] is True
    assert "availabilityZone" not in inputs
    assert inputs["skipFinalSnapshot"] is False
    assert inputs["finalSnapshotIdentifier"] == "fashion-wallet-prod-postgres-primary-final-0a1b2c3"
    assert (inputs["engine"], inputs["engineVersion"], inputs["autoMinorVersionUpgrade"]) == ("postgres", "17", True)
    assert (inputs["allocatedStorage"], inputs["maxAllocatedStorage"]) == (100, 1_000)


@pytest.mark.parametrize("name,zone", list(zip(REPLICAS, ZONES, strict=True)))
def test_replicas_stand_in_other_zones_and_want_no_snapshot(name: str, zone: str) -> None:
    node = _instance(name)
    assert node.inputs["availabilityZone"] == zone
    assert node.inputs["replicateSourceDb"] == "fashion-wallet-prod-postgres-primary"
    assert node.inputs["skipFinalSnapshot"] is True
    assert "finalSnapshotIdentifier" not in node.inputs
    of_the_source = ("username", "password", "allocatedStorage", "engine", "port")
    assert not [one for one in of_the_source if one in node.inputs]
    assert "Instance:postgres-primary" in recovering().ancestors(node)


def test_the_replica_for_recovery_is_of_the_other_region_alone() -> None:
    graph = recovering()
    node = graph.one("Instance", "postgres-recovery")
    assert node.inputs["replicateSourceDb"].startswith("arn:aws:rds:eu-central-1:")
    assert node.inputs["dbSubnetGroupName"] == "postgres-recovery-subnets-0a1b2c3"
    assert node.inputs["parameterGroupName"] == "postgres-parameters-recovery-postgres17-0a1b2c3"
    assert node.inputs["kmsKeyId"].endswith("keys-relational-recovery")
    here = graph.one("Instance", "postgres-primary").provider
    there = [*graph.of("LogGroup").values(), *graph.of("SubnetGroup").values(), *graph.of("ParameterGroup").values()]
    for one in (node, *(one for one in there if "recovery" in one.name)):
        assert one.provider != here, one.name
        assert "::recovery::" in one.provider, one.name


def test_a_minor_version_is_left_to_rds_or_to_updates_and_replicas_go_first() -> None:
    rds = {"engine_version": "17.4", "replica_engine_version": "17.5"}
    graph = rds_layer(json.dumps(rds))
    primary, replica = (graph.one("Instance", name).inputs for name in ("postgres-primary", REPLICAS[0]))
    assert (primary["engineVersion"], replica["engineVersion"]) == ("17.4", "17.5")
    assert not primary["autoMinorVersionUpgrade"]
    assert not replica["autoMinorVersionUpgrade"]


def test_another_major_version_gets_a_parameter_group_of_its_own() -> None:
    for version in ("16", "17"):
        (group,) = rds_layer(json.dumps({"engine_version": version})).of("ParameterGroup").values()
        assert group.name == f"postgres-parameters-postgres{version}"
        assert group.inputs["family"] == f"postgres{version}"
        assert group.inputs["namePrefix"] == f"fashion-wallet-prod-postgres{version}-"
        assert "name" not in group.inputs


def test_a_throwaway_stack_protects_nothing_and_still_leaves_a_snapshot() -> None:
    graph = rds_layer(settings='{"protect": false}')
    for node in graph.of("Instance").values():
        assert (node.protect, node.inputs["deletionProtection"]) == (False, False)
        assert node.inputs["deleteAutomatedBackups"] is True
    assert graph.one("Instance", "postgres-primary").inputs["skipFinalSnapshot"] is False


def test_logs_go_to_groups_that_are_there_first_encrypted() -> None:
    graph = recovering()
    for name in EVERY:
        node = graph.one("Instance", name)
        for log in ("postgresql", "upgrade"):
            group = graph.one("LogGroup", f"{name}-log-{log}")
            assert group.inputs["name"] == f"/aws/rds/instance/{node.inputs['identifier']}/{log}"
            assert group.inputs["kmsKeyId"]
            assert group.inputs["retentionInDays"] == 90
            assert group.urn in node.dependencies
    for name, of in (("postgres-proxy-log", "/aws/rds/proxy/fashion-wallet-prod-postgres"),):
        assert graph.one("LogGroup", name).inputs["name"] == of


def test_the_parameters_are_those_of_any_substrate_in_rds_s_words() -> None:
    (group,) = rds_layer().of("ParameterGroup").values()
    found = {one["name"]: (one["value"], one["applyMethod"]) for one in group.inputs["parameters"]}
    assert found["ssl_min_protocol_version"][0] == "TLSv1.3"
    assert found["rds.force_ssl"][0] == "1"
    assert found["rds.accepted_password_auth_method"][0] == "scram"
    assert found["password_encryption"][0] == "scram-sha-256"
    assert found["shared_preload_libraries"] == ("pg_stat_statements,pgaudit,auto_explain", "pending-reboot")
    assert found["auto_explain.log_min_duration"] == ("200", "immediate")
    assert found["max_connections"] == ("420", "pending-reboot")
    assert found["statement_timeout"] == ("30000", "immediate")
    assert found["lock_timeout"][0] == "5000"
    assert found["log_min_duration_statement"][0] == "200"
    assert found["log_connections"][0] == "1"
    assert found["pgaudit.log"][0] == "ddl,role"
    assert found["max_slot_wal_keep_size"][0] == "2048"
    assert not {"shared_buffers", "wal_level", "hot_standby", "log_timezone"} & set(found)


def test_parameters_of_the_settings_come_last() -> None:
    cluster = ClusterSettings(parameters={"work_mem": "65536", "lock_timeout_x": "1"})
    found = {one.name: one for one in rds_parameters(cluster, "TLSv1.3")}
    assert (found["work_mem"].value, found["work_mem"].apply_method) == ("65536", "pending-reboot")


def test_events_of_every_instance_of_the_region_are_told() -> None:
    (node,) = recovering().of("EventSubscription").values()
    assert len(node.inputs["sourceIds"]) == 3
    assert {"failover", "failure", "low storage", "read replica"} <= set(node.inputs["eventCategories"])


def test_the_administrator_s_password_is_a_secret_that_is_rotated_and_asked_for_late() -> None:
    graph = recovering()
    primary = graph.one("Instance", "postgres-primary")
    assert primary.inputs["password"].startswith(MARK)
    assert primary.plain["password"] is None
    assert "manageMasterUserPassword" not in primary.inputs, "RDS would make no replicas"
    assert graph.one("SecretRotation", "postgres-rotation-wallet_admin").inputs["rotationRules"] == {
        "automaticallyAfterDays": 30
    }
    provider = graph.one("postgresql", "postgres-administrator")
    assert provider.inputs["password"] == f"{MARK} of postgres-secret-wallet_admin-id"
    assert provider.plain["password"] is None
    assert provider.inputs["superuser"] == "false"
    assert (provider.inputs["sslmode"], provider.inputs["sslrootcert"]) == ("verify-full", CA_FILE)
    assert {"NetworkPath:path", "Instance:postgres-primary"} <= graph.ancestors(provider)


def test_what_lies_inside_is_the_same_as_on_one_machine_but_for_its_owner() -> None:
    graph = recovering()
    database = graph.one("Database", "fashion_wallet")
    assert database.inputs["owner"] == "wallet_admin"
    assert {node.inputs["owner"] for node in graph.of("Schema").values()} == {"wallet_admin"}
    roles = {node.inputs["name"] for node in graph.nodes.values() if node.type == "postgresql:index/role:Role"}
    assert roles == {role.name for role in POSTGRES.roles}
    closed = [node for node in graph.of("Grant").values() if node.inputs["database"] != "fashion_wallet"]
    assert {(node.inputs["database"], node.inputs["role"]) for node in closed} == {
        ("postgres", "public"),
        ("template1", "public"),
    }
    assert {"pg_stat_statements", "pgaudit"} <= {node.inputs["name"] for node in graph.of("Extension").values()}
    assert database.deleted_with == graph.one("Instance", "postgres-primary").urn


@pytest.mark.parametrize("login", [*POSTGRES.logins, "wallet_admin"])
def test_each_login_has_a_secret_with_a_key_a_copy_a_policy_and_a_rotation(login: str) -> None:
    graph = recovering()
    name = f"postgres-secret-{login}"
    secret = graph.one("Secret", name)
    assert secret.inputs["name"] == f"fashion-wallet/prod/postgres/{login}"
    assert secret.inputs["kmsKeyId"].endswith("keys-secrets")
    (copy,) = secret.inputs["replicas"]
    assert (copy["region"], copy["kmsKeyId"].endswith("keys-secrets-recovery")) == (RECOVERY_REGION, True)
    version = graph.one("SecretVersion", f"{name}-version")
    value = json.loads(version.inputs["secretString"])
    assert version.plain["secretString"] is None
    assert (value["username"], value["engine"], value["host"]) == (login, "postgres", "postgres-primary.rds.example")
    assert value["password"].startswith(MARK)
    rotation = graph.one("SecretRotation", f"postgres-rotation-{login}")
    assert rotation.inputs["rotateImmediately"] is False
    ancestors = graph.ancestors(rotation)
    assert f"Role:postgres-role-{login}" in ancestors or login == "wallet_admin"
    (statement,) = _policy(graph.one("SecretPolicy", f"{name}-policy"))
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    allowed = statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    assert f"arn:aws:iam::{ACCOUNT}:role/fashion-wallet-prod-postgres-proxy" in allowed
    assert f"arn:aws:iam::{ACCOUNT}:role/deploy" in allowed
    assert not [one for one in allowed if one.endswith((":*", ":root"))]


def test_the_rotation_function_is_aws_s_own_in_the_isolated_network() -> None:
    graph = recovering()
    (node,) = graph.of("CloudFormationStack").values()
    assert node.inputs["applicationId"].endswith("applications/SecretsManagerRDSPostgreSQLRotationSingleUser")
    parameters = node.inputs["parameters"]
    assert parameters["functionName"] == "fashion-wallet-prod-rotation"
    assert len(parameters["vpcSubnetIds"].split(",")) == 3
    assert parameters["endpoint"] == "https://secretsmanager.eu-central-1.amazonaws.com"
    assert graph.one("LogGroup", "postgres-rotation-log").urn in node.dependencies


def test_the_proxy_wants_tls_and_keeps_the_specification_s_pools() -> None:
    graph = recovering()
    proxy = graph.one("Proxy", "postgres-proxy").inputs
    assert proxy["requireTls"] is True
    assert proxy["debugLogging"] is False
    assert len(proxy["auths"]) == len(POOL_USERS)
    assert {one["clientPasswordAuthType"] for one in proxy["auths"]} == {"POSTGRES_SCRAM_SHA_256"}
    pool = graph.one("ProxyDefaultTargetGroup", "postgres-proxy-pool").inputs["connectionPoolConfig"]
    assert pool == {"maxConnectionsPercent": 95, "maxIdleConnectionsPercent": 10, "connectionBorrowTimeout": 30}
    target = graph.one("ProxyTarget", "postgres-proxy-target").inputs
    assert target["dbInstanceIdentifier"] == "fashion-wallet-prod-postgres-primary"


def test_the_proxy_reads_the_secrets_of_those_who_come_through_it_and_no_others() -> None:
    graph = recovering()
    read, decrypt = _policy(graph.one("RolePolicy", "postgres-proxy-role-policy"))
    assert read["Resource"] == sorted(
        f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:postgres-secret-{login}" for login in POOL_USERS
    )
    assert decrypt["Condition"]["StringEquals"]["kms:ViaService"] == "secretsmanager.eu-central-1.amazonaws.com"
    role = next(node for node in graph.nodes.values() if node.name == "postgres-proxy-role")
    trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "rds.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_urls_are_secret_read_replicas_first_and_insist_on_tls_1_3() -> None:
    graph = recovering()
    assert {"writer", "reader", "pool"} <= graph.secret_outputs
    assert "@postgres-primary.rds.example:5432/" in graph.outputs["writer"]
    hosts = [f"{name}.rds.example:5432" for name in [*REPLICAS, "postgres-primary"]]
    assert f"@{','.join(hosts)}/" in graph.outputs["reader"]
    assert "@postgres-proxy.proxy.example:5432/" in graph.outputs["pool"]
    for name in ("writer", "reader", "pool"):
        assert "sslmode=verify-full" in graph.outputs[name]
        assert "ssl_min_protocol_version=TLSv1.3" in graph.outputs[name]


def test_everything_taggable_is_tagged_and_data_says_so() -> None:
    graph = recovering()
    for kind in TAGGABLE:
        for node in graph.of(kind).values():
            assert node.inputs["tags"]["Owner"] == "platform", node.name
            assert (node.inputs["tags"]["HoldsData"] == "true") is (kind == "Instance"), node.name


def test_no_secret_is_in_clear() -> None:
    for node in recovering().nodes.values():
        assert MARK not in json.dumps(node.plain), node.name


def test_readers_of_a_login_that_there_is_not_are_refused() -> None:
    place = SecretPlace(
        stack="prod", settings=SECRETS, tags=TAGS, key_arn="", recovery_region=RECOVERY_REGION, recovery_key_arn=""
    )
    with pytest.raises(ValueError, match="got the login nobody, allowed are operator"):
        ServiceSecretsArgs(
            place=place,
            passwords={"operator": MARK},
            endpoint=Endpoint(host="postgres.example", port=5432),
            database="fashion_wallet",
            reader_roles={"operator": ["dump"], "nobody": ["dump"]},
        )


@pytest.mark.parametrize(
    "settings,rds,words",
    [('{"postgres": {"replicas": 3}}', "{}", "zones: got 3"), ("{}", json.dumps({"recovery_replica": True}), "None")],
)
def test_what_cannot_be_built_is_refused_before_anything_is(settings: str, rds: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rds_layer(rds, settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"certificate_file": "c"},
        {"key_file": "k"},
        {"certificate_file": "c", "key_file": "k", "password": "p"},
    ],
)
def test_an_administrator_has_one_way_to_log_in(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="allowed are certificate and key, or a password"):
        AdminAccess(username="a", ca_file="ca", **wrong)


def test_the_recovery_settings_are_those_that_the_rules_take() -> None:
    assert WITH_RECOVERY["recovery_replica"] is True
