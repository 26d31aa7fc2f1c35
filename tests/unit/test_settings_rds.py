"""The settings of RDS and of secrets: single values, rules one case a row, and what follows from the pools."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_aws.rds import InstanceType
from pydantic import ValidationError

from settings import ClusterSettings, PoolSettings, TlsSettings
from settings.cloud import rds_derived as derived
from settings.cloud.network import NetworkSettings
from settings.cloud.rds import RdsSettings
from settings.cloud.rds_checks import Version, windows_overlap
from settings.cloud.rds_classes import FAMILIES, INSTANCE_CLASSES, most_connections
from settings.cloud.rds_rules import RDS_PLACE_RULES, RDS_RULES, RdsPlace
from settings.cloud.secrets import SecretSettings
from settings.derived import POOL_USERS, pooled_connections, server_connections
from settings.rules import broken_rules

ZONES = {"eu-central-1a": "10.40.0.0/20", "eu-central-1b": "10.40.16.0/20", "eu-central-1c": "10.40.32.0/20"}
NETWORK = NetworkSettings(account_id="123456789012", region="eu-central-1", recovery_region="eu-west-1", subnets=ZONES)
RECOVERY = {"eu-west-1a": "10.41.0.0/20", "eu-west-1b": "10.41.16.0/20"}


def place(
    rds: RdsSettings | None = None,
    postgres: ClusterSettings | None = None,
    network: NetworkSettings = NETWORK,
    tls: TlsSettings | None = None,
) -> RdsPlace:
    return RdsPlace(
        rds=rds or RdsSettings(), postgres=postgres or ClusterSettings(), network=network, tls=tls or TlsSettings()
    )


BROKEN = {
    "engineVersion": RdsSettings(engine_version="14"),
    "replicaEngineVersion": RdsSettings(engine_version="17.5", replica_engine_version="17.4"),
    "maxAllocatedStorageGib": RdsSettings(allocated_storage_gib=100, max_allocated_storage_gib=109),
    "storageIops": RdsSettings(storage_iops=12_000),
    "storageThroughputMibS": RdsSettings(
        allocated_storage_gib=400, storage_iops=12_000, storage_throughput_mib_s=3_001
    ),
    "backupRetentionDays": RdsSettings(backup_retention_days=29),
    "backupWindow": RdsSettings(backup_window="02:00-02:29"),
    "maintenanceWindow": RdsSettings(maintenance_window="sun:02:30-sun:03:30"),
    "recoverySubnets": RdsSettings(recovery_replica=True, recovery_subnets={"eu-west-1a": "10.41.0.0/20"}),
}
BROKEN_PLACES = {
    "cloud.rds.instanceClass": place(RdsSettings(instance_class="db.t4g.micro")),
    "cloud.network.subnets": place(postgres=ClusterSettings(replicas=3)),
    "cloud.rds.engineVersion": place(RdsSettings(engine_version="15")),
    "postgres.pool.acquireTimeoutMs": place(postgres=ClusterSettings(pool=PoolSettings(acquire_timeout_ms=300_001))),
    "postgres.parameters": place(postgres=ClusterSettings(parameters={"work_mem": "64MB"})),
    "cloud.rds.recoverySubnets": place(RdsSettings(recovery_replica=True, recovery_subnets=ZONES)),
    "cloud.rds.recoveryVpcCidr": place(
        RdsSettings(
            recovery_replica=True,
            recovery_vpc_cidr="10.40.0.0/16",
            recovery_subnets={"eu-west-1a": "10.40.0.0/20", "eu-west-1b": "10.40.16.0/20"},
        )
    ),
}


@pytest.mark.parametrize("key", [rule.key for rule in RDS_RULES])
def test_a_broken_rule_of_rds_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN[key], RDS_RULES, "fashion-wallet:cloud.rds.")
    assert problem.path == f"fashion-wallet:cloud.rds.{key}"


@pytest.mark.parametrize("key", [rule.key for rule in RDS_PLACE_RULES])
def test_a_broken_rule_between_rds_and_the_rest_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN_PLACES[key], RDS_PLACE_RULES, "fashion-wallet:")
    assert problem.path == f"fashion-wallet:{key}"


def test_what_is_right_breaks_no_rule() -> None:
    recovering = RdsSettings(recovery_replica=True, recovery_subnets=RECOVERY)
    for rds in (RdsSettings(), recovering, RdsSettings(engine_version="17.4", replica_engine_version="17.5")):
        assert not list(broken_rules(rds, RDS_RULES, ""))
        assert not list(broken_rules(place(rds), RDS_PLACE_RULES, ""))


def test_too_little_memory_is_refused_with_both_numbers_and_a_class_that_fits() -> None:
    (problem,) = broken_rules(BROKEN_PLACES["cloud.rds.instanceClass"], RDS_PLACE_RULES, "")
    assert "for 112 connections, and the pools need 420" in problem.cause
    assert problem.fix.startswith("set it to db.t4g.medium")
    assert most_connections("db.t4g.medium") >= 420


def test_the_table_of_classes_has_every_one_of_the_sdk_that_runs_postgresql_of_today() -> None:
    # t2, m1 to m4, r3, r4, x1 and x1e end with PostgreSQL 14 at the latest.
    known = {kind.value for kind in InstanceType if kind.value.split(".")[1] in FAMILIES}
    assert known <= set(INSTANCE_CLASSES)
    assert {name.split(".")[1] for name in known} == {"t3", "t4g", "m5", "m6g", "r5", "r6g"}
    assert (INSTANCE_CLASSES["db.r6g.large"], INSTANCE_CLASSES["db.m5.24xlarge"]) == (16, 384)


@pytest.mark.parametrize(
    "wrong,words",
    [
        ({"instance_class": "db.r6g.larg"}, "did you mean db.r6g.large?"),
        ({"instance_class": "db.m1.small"}, "did you mean"),
        ({"engine_version": "seventeen"}, "no version of PostgreSQL"),
        ({"engine_version": 17}, "no text"),
        ({"master_username": "postgres"}, "taken"),
        ({"master_username": "catalog_service"}, "taken"),
        ({"master_username": "Wallet"}, "no plain user name"),
        ({"ca_file": "certs/ca.pem"}, "not an absolute path"),
        ({"performance_insights_retention_days": 30}, "no life that RDS takes"),
        ({"monitoring_interval_s": 0}, "1, 5, 10, 15, 30 or 60"),
        ({"log_retention_days": 45}, "1, 3, 5"),
        ({"backup_window": "2-3"}, "pattern"),
        ({"backup_retention_days": 36}, "35"),
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        RdsSettings.model_validate(wrong)
    (error,) = caught.value.errors()
    assert words in f"{error['msg']} {error.get('ctx', {}).get('fix', '')}"


@pytest.mark.parametrize("days", [0, 91])
def test_a_password_lives_90_days_at_most(days: int) -> None:
    with pytest.raises(ValidationError):
        SecretSettings(rotation_days=days, reader_arns=("arn:aws:iam::123456789012:role/deploy",))


@pytest.mark.parametrize("readers", [(), ("*",), ("arn:aws:iam::123456789012:root",)])
def test_somebody_must_be_able_to_read_passwords_and_not_everybody(readers: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        SecretSettings(reader_arns=readers)


@given(st.integers(0, 1439), st.integers(30, 600), st.integers(0, 10_079), st.integers(30, 600))
def test_windows_overlap_exactly_where_they_share_a_minute(start: int, length: int, first: int, lasting: int) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

    def clock(minute: int) -> str:
        return f"{minute // 60 % 24:02}:{minute % 60:02}"

    def weekly(minute: int) -> str:
        return f"{days[minute // 1440 % 7]}:{clock(minute)}"

    backup = f"{clock(start)}-{clock(start + length)}"
    maintenance = f"{weekly(first)}-{weekly(first + lasting)}"
    apart = (first - start) % 1440
    expected = apart < length or apart + lasting > 1440
    assert windows_overlap(backup, maintenance) is expected


@given(pool=st.integers(1, 2_000), least=st.integers(0, 100), extra=st.integers(0, 5_000))
def test_the_proxy_never_holds_more_than_all_pools_nor_fewer_idle_than_they_keep(
    pool: int, least: int, extra: int
) -> None:
    size = PoolSettings(min_connections=min(least, pool), max_connections=pool)
    cluster = ClusterSettings(pool=size, max_connections=server_connections(ClusterSettings(pool=size)) + extra)
    most = derived.pooled_connections_percent(cluster)
    assert most == 1 or server_connections(cluster) * most <= 100 * pooled_connections(cluster)
    kept = derived.idle_connections_percent(cluster) * server_connections(cluster)
    assert derived.idle_connections_percent(cluster) == most or kept >= 100 * len(POOL_USERS) * size.min_connections


def test_the_spec_s_pools_as_the_proxy_has_them() -> None:
    cluster = ClusterSettings()
    assert derived.pooled_connections_percent(cluster) == 95
    assert derived.idle_connections_percent(cluster) == 10
    assert (derived.borrow_timeout_s(cluster), derived.client_idle_timeout_s(cluster)) == (30, 3_600)


@pytest.mark.parametrize("version,follows", [("17", True), ("17.5", False)])
def test_only_a_version_without_a_minor_leaves_minors_to_rds(version: str, follows: object) -> None:
    rds = RdsSettings(engine_version=version)
    assert derived.follows_minor_versions(rds) is follows
    assert derived.parameter_family(rds) == "postgres17"


@pytest.mark.parametrize("replicas,zones", [(0, ()), (2, ("eu-central-1b", "eu-central-1c")), (1, ("eu-central-1b",))])
def test_replicas_leave_the_first_zone_to_the_primary(replicas: int, zones: tuple[str, ...]) -> None:
    assert derived.replica_zones(list(reversed(ZONES)), replicas) == zones


@pytest.mark.parametrize(
    "less", [lambda: Version.of("16.9") < Version.of("17.1"), lambda: Version.of("17.2") < Version.of("17.10")]
)
def test_versions_compare_as_numbers(less: Callable[[], bool]) -> None:
    assert less()
