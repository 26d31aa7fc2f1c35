"""The time-series cluster on Kubernetes as it is declared: safe, in order, and nothing of it in clear."""

import json
from typing import Any

import pytest

from components.backups.kubernetes import dump_role_name
from components.backups.layout import DAILY, WEEKLY
from components.timescale.kubernetes_manifests import operators_extensions
from settings import TimescaleSettings
from tests.component.graph import MARK, Graph, Node, leaves
from tests.fixtures.timescale import CIDR, ISSUER, KEY, NAMESPACE, PROVIDER, SECRET, SECRETS_KEY, declared


def _spec(graph: Graph, kind: str, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = graph.one(kind, name).inputs["spec"]
    return spec


def _cluster(graph: Graph | None = None) -> dict[str, Any]:
    return _spec(graph or declared(), "Cluster", "timescale")


def test_every_object_is_in_the_namespace_and_waits_for_it() -> None:
    graph = declared()
    for node in graph.nodes.values():
        if not node.type.startswith("kubernetes:") or node.kind in ("Namespace", "StorageClass"):
            continue
        assert node.inputs["metadata"]["namespace"] == NAMESPACE, node.name
        assert "Namespace:kubernetes-namespace" in graph.ancestors(node), node.name


def test_the_namespace_takes_restricted_pods_only_and_is_closed() -> None:
    graph = declared()
    labels = graph.one("Namespace", "kubernetes-namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    closed = _spec(graph, "NetworkPolicy", "kubernetes-closed")
    assert closed["podSelector"] == {}
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in closed
    assert "egress" not in closed


def test_volumes_are_encrypted_with_the_domains_key_and_outlive_their_claims() -> None:
    storage = declared().one("StorageClass", "kubernetes-storage-class").inputs
    assert storage["provisioner"] == "ebs.csi.aws.com"
    assert storage["parameters"]["encrypted"] == "true"
    assert storage["parameters"]["kmsKeyId"] == KEY
    assert (storage["reclaimPolicy"], storage["volumeBindingMode"]) == ("Retain", "WaitForFirstConsumer")
    scratch = declared().one("StorageClass", "dumps-scratch").inputs
    assert scratch["parameters"] == {"type": "gp3", "encrypted": "true", "kmsKeyId": KEY}
    assert scratch["reclaimPolicy"] == "Delete"


@pytest.mark.parametrize("replicas", range(5))
def test_instances_are_one_more_than_replicas_each_in_a_zone_of_its_own(replicas: int) -> None:
    spec = _cluster(declared(json.dumps({"replicas": replicas, "synchronousStandbys": min(replicas, 1)})))
    assert spec["instances"] == replicas + 1
    assert spec["affinity"] == {
        "enablePodAntiAffinity": True,
        "podAntiAffinityType": "required",
        "topologyKey": "topology.kubernetes.io/zone",
    }
    assert ("synchronous" in spec["postgresql"]) is (replicas > 0)


def test_a_commit_waits_for_a_quorum() -> None:
    assert _cluster()["postgresql"]["synchronous"] == {
        "method": "any",
        "number": 1,
        "dataDurability": "required",
        "failoverQuorum": True,
    }


def test_servers_want_tls_1_3_and_nobody_comes_without_tls() -> None:
    postgresql = _cluster()["postgresql"]
    assert postgresql["parameters"]["ssl_min_protocol_version"] == "TLSv1.3"
    assert postgresql["pg_hba"][-2:] == ["hostssl all all all scram-sha-256", "host all all all reject"]
    pooler = _spec(declared(), "Pooler", "timescale-cluster-pooler")["pgbouncer"]["parameters"]
    assert pooler["client_tls_sslmode"] == "require"
    assert (pooler["server_tls_sslmode"], pooler["server_tls_protocols"]) == ("verify-full", "tlsv1.3")


def test_the_administrator_is_no_superuser_and_comes_by_certificate() -> None:
    spec = _cluster()
    (role,) = spec["managed"]["roles"]
    assert spec["enableSuperuserAccess"] is False
    assert (role["superuser"], role["createrole"], role["createdb"], role["bypassrls"]) == (False, True, False, False)
    assert spec["postgresql"]["pg_hba"][0] == "hostssl all fashion_wallet_admin all cert"
    provider = next(node for node in declared().nodes.values() if node.name == "timescale-administrator")
    assert provider.inputs["username"] == "fashion_wallet_admin"
    assert provider.inputs["sslrootcert"] == "BUNDLE"
    certificate = json.loads(provider.inputs["clientcert"])
    assert certificate["sslinline"] is True
    assert "password" not in provider.inputs
    assert json.loads(provider.inputs["superuser"]) is False


def test_each_object_inside_has_one_owner() -> None:
    graph = declared()
    made = _spec(graph, "Database", "timescale-cluster-database")
    # The database and its extensions are the operator's; all else is declared over SQL.
    assert made["owner"] == "fashion_wallet_admin" == _cluster()["bootstrap"]["initdb"]["owner"]
    assert made["name"] == "fashion_wallet_metrics" == _cluster()["bootstrap"]["initdb"]["database"]
    assert made["databaseReclaimPolicy"] == "retain"
    assert [node for node in graph.nodes.values() if node.type == "postgresql:index/database:Database"] == []
    assert graph.of("Extension") == {}
    names = [extension["name"] for extension in made["extensions"]]
    assert names[0] == "timescaledb"
    assert len(names) == len(set(names))
    # The operator makes this one by itself, as a parameter of it is set.
    assert "pg_stat_statements.track" in _cluster()["postgresql"]["parameters"]
    assert "pg_stat_statements" not in names
    assert graph.of("Schema")
    assert graph.one("Grant", "timescale-exporter-connect").inputs["role"] == "cnpg_metrics_exporter"


def test_an_extension_that_the_operator_makes_by_itself_is_not_declared_twice() -> None:
    settings = TimescaleSettings(timescaledb="required", extensions=("hstore", "pg_stat_statements"))
    assert operators_extensions(settings) == ("timescaledb", "hstore")


def test_nothing_is_set_that_the_operator_refuses() -> None:
    parameters = _cluster()["postgresql"]["parameters"]
    assert not {"hot_standby", "shared_preload_libraries", "port", "ssl_cert_file"} & set(parameters)
    assert all(isinstance(value, str) for value in parameters.values())


def test_everything_comes_up_in_order() -> None:
    graph = declared()
    cluster = graph.ancestors(graph.one("Cluster", "timescale"))
    for purpose in ("server-ca", "server", "client-ca", "replication", "pooler"):
        assert f"Secret:timescale-cluster-certificates-secret-{purpose}" in cluster
    assert {"Service:timescale-cluster-primary-service", "ObjectStore:timescale-cluster-object-store"} <= cluster
    assert "RolePolicy:timescale-cluster-backup-role-policy" in cluster
    schema = next(iter(graph.of("Schema").values()))
    inside = graph.by_urn(schema.provider.rpartition("::")[0])
    assert {"Cluster:timescale", "Database:timescale-cluster-database"} <= graph.ancestors(inside)


def test_the_servers_certificate_names_every_way_to_reach_them() -> None:
    made = declared().one("Certificate", "timescale-cluster-certificates-server").inputs
    assert {
        "timescale-rw",
        f"timescale-rw.{NAMESPACE}.svc",
        "timescale.databases.example.com",
        "nlb.elb.eu-central-1.amazonaws.com",
    } <= set(made["dnsNames"])
    assert made["ipAddresses"] == []


def test_load_balancers_are_inside_the_vpc_and_take_declared_clients_only() -> None:
    graph = declared()
    services = graph.of("Service")
    assert set(services) == {"timescale-cluster-primary-service", "timescale-cluster-replica-service"}
    for service in services.values():
        annotations = service.inputs["metadata"]["annotations"]
        assert annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"] == "internal"
        assert service.inputs["spec"]["loadBalancerSourceRanges"] == [CIDR, "10.90.0.0/24"]
        assert service.inputs["spec"]["loadBalancerClass"] == "service.k8s.aws/nlb"
    assert graph.outputs["writer"] == "nlb.elb.eu-central-1.amazonaws.com"
    alone = declared('{"replicas": 0, "synchronousStandbys": 0}')
    assert list(alone.of("Service")) == ["timescale-cluster-primary-service"]
    assert alone.outputs["reader"] == alone.outputs["writer"]


def test_who_reaches_servers_and_pooler() -> None:
    graph = declared()
    rules = _spec(graph, "NetworkPolicy", "timescale-cluster-traffic-servers")["ingress"]
    peers = [(json.dumps(rule["from"]), [port["port"] for port in rule["ports"]]) for rule in rules]
    assert all(rule["from"] for rule in rules)
    assert CIDR in peers[0][0]
    assert peers[0][1] == [5432]
    assert ("cnpg-system" in peers[2][0], peers[2][1]) == (True, [5432, 8000])
    assert ("monitoring" in peers[3][0], peers[3][1]) == (True, [9187])
    nobody = declared(kubernetes_json='{"clientNamespaces": []}')
    (only,) = _spec(nobody, "NetworkPolicy", "timescale-cluster-traffic-pooler")["ingress"]
    assert [port["port"] for port in only["ports"]] == [9127]


def test_the_pools_of_all_pods_together_are_what_the_server_takes() -> None:
    spec = _spec(declared(), "Pooler", "timescale-cluster-pooler")
    assert spec["instances"] == 2
    parameters = spec["pgbouncer"]["parameters"]
    assert int(parameters["default_pool_size"]) * 2 == 100
    assert int(parameters["max_db_connections"]) * 2 <= int(_cluster()["postgresql"]["parameters"]["max_connections"])
    budget = _spec(declared(), "PodDisruptionBudget", "timescale-cluster-pooler-budget")
    assert budget["maxUnavailable"] == 1
    assert _cluster()["enablePDB"] is True


def test_wal_and_base_backups_are_encrypted_with_our_key_and_kept_as_long_as_the_settings_say() -> None:
    spec = _spec(declared(), "ObjectStore", "timescale-cluster-object-store")
    assert spec["retentionPolicy"] == "7d"
    configuration = spec["configuration"]
    assert configuration["destinationPath"] == "s3://acme-timescale/timescale"
    assert configuration["s3Credentials"] == {"inheritFromIAMRole": True}
    assert configuration["wal"]["archiveAdditionalCommandArgs"] == [f"--sse-kms-key-id={KEY}"]
    assert configuration["data"]["additionalCommandArgs"] == [f"--sse-kms-key-id={KEY}"]
    assert {configuration[part]["encryption"] for part in ("wal", "data")} == {"aws:kms"}
    assert _cluster()["plugins"][0]["isWALArchiver"] is True
    assert _spec(declared(), "ScheduledBackup", "timescale-cluster-daily")["schedule"] == "0 0 5 * * *"
    assert _cluster()["postgresql"]["parameters"]["archive_timeout"] == "60s"


@pytest.mark.parametrize(
    "role, account, actions",
    [
        (
            "timescale-cluster-backup",
            "timescale",
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
        ),
        ("dumps-dump-writer", "dump-writer", ["s3:AbortMultipartUpload", "s3:PutObject"]),
        ("dumps-dump-writer-postgres", "dump-writer-postgres", ["s3:AbortMultipartUpload", "s3:PutObject"]),
        ("dumps-dump-tester", "dump-tester", ["s3:GetObject"]),
    ],
)
def test_a_role_is_for_one_service_account_and_does_what_it_must(role: str, account: str, actions: list[str]) -> None:
    graph = declared()
    trust = json.loads(graph.one("Role", f"{role}-role").inputs["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Federated": PROVIDER}
    assert statement["Condition"]["StringEquals"] == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": f"system:serviceaccount:{NAMESPACE}:{account}",
    }
    policy = json.loads(graph.one("RolePolicy", f"{role}-role-policy").inputs["policy"])
    by_sid = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert by_sid["Objects"]["Action"] == actions
    assert by_sid["Key"]["Resource"] == [KEY]
    assert not [text for text in leaves(policy) if text == "*"]


def test_only_the_role_of_the_dump_that_needs_it_reads_a_stored_password_and_exactly_that() -> None:
    readers = {}
    for node in declared().of("RolePolicy").values():
        statements = json.loads(node.inputs["policy"])["Statement"]
        if found := [one for one in statements if one["Sid"] not in ("List", "Objects", "Key")]:
            readers[node.name] = found
    assert readers == {
        "dumps-dump-writer-postgres-role-policy": [
            {
                "Sid": "Password",
                "Effect": "Allow",
                "Action": ["secretsmanager:GetSecretValue"],
                "Resource": [SECRET],
            },
            {
                "Sid": "PasswordKey",
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": [SECRETS_KEY],
                "Condition": {
                    "StringEquals": {
                        "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
                        "kms:EncryptionContext:SecretARN": SECRET,
                    }
                },
            },
        ]
    }
    role = declared().one("Role", "dumps-dump-writer-postgres-role").inputs
    assert role["name"] == dump_role_name("prod", "postgres") == "fashion-wallet-prod-dump-writer-postgres"


def _jobs() -> dict[str, Node]:
    return declared().of("CronJob")


def test_each_source_is_dumped_daily_and_weekly_and_restored_monthly() -> None:
    names = {node.inputs["metadata"]["name"]: node.inputs["spec"]["schedule"] for node in _jobs().values()}
    assert names == {
        **{f"dump-daily-{source}": "0 1 * * *" for source in ("postgres", "timescale", "mongodb")},
        **{f"dump-weekly-{source}": "30 1 * * 0" for source in ("postgres", "timescale", "mongodb")},
        **{f"restore-test-{source}": "0 12 1 * *" for source in ("postgres", "timescale", "mongodb")},
    }


def test_jobs_are_restricted_bounded_and_never_two_at_a_time() -> None:
    for node in _jobs().values():
        spec = node.inputs["spec"]
        assert spec["concurrencyPolicy"] == "Forbid"
        assert spec["timeZone"] == "Etc/UTC"
        job = spec["jobTemplate"]["spec"]
        assert job["activeDeadlineSeconds"] == 3_600
        pod = job["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod["initContainers"], *pod["containers"]):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}
            assert container["resources"]["requests"] == container["resources"]["limits"]


def test_only_the_container_that_dumps_sees_a_password_and_by_reference() -> None:
    for node in _jobs().values():
        pod = node.inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        holders = [
            container["name"]
            for container in (*pod["initContainers"], *pod["containers"])
            if any(mount["name"] == "secrets" for mount in container["volumeMounts"])
        ]
        assert holders == (["dump"] if node.name.startswith("dumps-dump-") else [])


def _pod(job: str) -> dict[str, Any]:
    pod: dict[str, Any] = _jobs()[f"dumps-{job}"].inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize("job", ["dump-daily-postgres", "dump-weekly-postgres"])
def test_a_stored_password_is_read_when_the_job_runs_and_kept_in_memory(job: str) -> None:
    pod = _pod(job)
    assert pod["serviceAccountName"] == "dump-writer-postgres"
    account = declared().one("ServiceAccount", "dumps-account-dump-writer-postgres").inputs
    assert account["metadata"]["name"] == "dump-writer-postgres"
    read, dump = pod["initContainers"]
    assert (read["name"], dump["name"]) == ("password", "dump")
    assert read["image"].startswith("public.ecr.aws/aws-cli/aws-cli:")
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["password"] == {"name": "password", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}
    mounted = {
        container["name"]: {mount["name"]: mount.get("readOnly", False) for mount in container["volumeMounts"]}
        for container in (read, dump, *pod["containers"])
    }
    assert mounted == {
        "password": {"password": False, "tmp": False},  # no disk
        "dump": {"scratch": False, "tmp": False, "secrets": True, "password": True},
        "upload": {"scratch": False, "tmp": False},
    }
    variables = {each["name"]: {entry["name"]: entry.get("value") for entry in each["env"]} for each in (read, dump)}
    assert variables["password"]["SECRET_ARN"] == SECRET
    assert variables["password"]["PGPASSFILE"] == variables["dump"]["PGPASSFILE"] == "/password/pgpass"
    assert "PGPASSWORD" not in variables["dump"]


@pytest.mark.parametrize("source", ["timescale", "mongodb"])
def test_a_password_that_only_updates_change_stays_with_the_shared_account(source: str) -> None:
    pod = _pod(f"dump-daily-{source}")
    assert pod["serviceAccountName"] == "dump-writer"
    assert [container["name"] for container in pod["initContainers"]] == ["dump"]
    assert "password" not in {volume["name"] for volume in pod["volumes"]}


def test_restore_tests_need_no_password() -> None:
    for source in ("postgres", "timescale", "mongodb"):
        pod = _pod(f"restore-test-{source}")
        assert pod["serviceAccountName"] == "dump-tester"
        assert [volume["name"] for volume in pod["volumes"]] == ["scratch", "tmp"]


def test_no_kubernetes_secret_has_a_stored_password() -> None:
    assert set(declared().one("Secret", "dumps-secret-postgres").inputs["stringData"]) == {"ca.crt"}
    assert set(declared().one("Secret", "dumps-secret-timescale").inputs["stringData"]) == {"ca.crt", "password"}


def test_jobs_reach_the_endpoints_of_sts_and_secrets_manager() -> None:
    rules = _spec(declared(), "NetworkPolicy", "dumps-traffic")["egress"]
    anywhere = [port for rule in rules if "to" not in rule for port in rule["ports"]]
    assert {"port": 443, "protocol": "TCP"} in anywhere


def test_dumps_lie_where_the_bucket_expires_them() -> None:
    for node in _jobs().values():
        pod = node.inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        containers = (*pod["initContainers"], *pod["containers"])
        values = {entry["name"]: entry.get("value") for each in containers for entry in each["env"]}
        source = node.name.rpartition("-")[2]
        assert values["PREFIX"] == f"{WEEKLY if 'weekly' in node.name else DAILY}{source}"


def test_no_secret_is_in_clear() -> None:
    for node in declared().nodes.values():
        for text in leaves(node.plain):
            assert MARK not in str(text), node.name
            assert "PRIVATE KEY" not in str(text), node.name
    for secret in declared().of("Secret").values():
        assert secret.plain["stringData"] is None


@pytest.mark.parametrize("protect", [True, False])
def test_the_cluster_is_protected_as_the_settings_say(*, protect: bool) -> None:
    graph = declared(whole_json=json.dumps({"protect": protect}))
    assert graph.one("Cluster", "timescale").protect is protect
    kept = f"deletion_protection.enabled={str(protect).lower()}"
    annotations = graph.one("Service", "timescale-cluster-primary-service").inputs["metadata"]["annotations"]
    assert kept in annotations["service.beta.kubernetes.io/aws-load-balancer-attributes"]


def test_without_timescaledb_there_is_nothing_to_fall_back_to() -> None:
    with pytest.raises(ValueError, match="got timescaledb='optional', allowed is 'required'"):
        declared('{"timescaledb": "optional"}')
