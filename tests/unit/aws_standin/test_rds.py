"""RDS of the aws stand-in: what AWS would refuse is refused, what it would take is made, and drift shows."""

import json
from pathlib import Path

import pytest

from plugins.aws import rds_server
from plugins.aws.clients import Aws, _Connections
from plugins.aws.rds_checks import CLASSES, LATEST, resolved
from plugins.aws.rds_instance import Instance
from plugins.base import UNKNOWN, Context, PartialFailure, ProviderError
from settings.cloud.rds_classes import INSTANCE_CLASSES
from tests.fixtures.aws_standin import REGION, AwsMade, AwsPlugin, assert_as_declared

RECOVERY = "eu-west-1"
PRIMARY: dict[str, object] = {
    "identifier": "one",
    "engine": "postgres",
    "engineVersion": "17",
    "instanceClass": "db.r6g.large",
    "allocatedStorage": 100,
    "maxAllocatedStorage": 1000,
    "storageType": "gp3",
    "storageEncrypted": True,
    "username": "wallet_admin",
    "password": "a-made-up-password_1234567890",
    "port": 5432,
    "multiAz": True,
    "backupRetentionPeriod": 30,
    "backupWindow": "02:00-03:00",
    "maintenanceWindow": "sun:03:30-sun:04:30",
    "deletionProtection": True,
    "copyTagsToSnapshot": True,
    "skipFinalSnapshot": False,
    "finalSnapshotIdentifier": "one-final-abc1234",
    "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
    "performanceInsightsEnabled": True,
    "performanceInsightsRetentionPeriod": 7,
    "iamDatabaseAuthenticationEnabled": True,
    "tags": {"owner": "platform"},
}
REPLICA: dict[str, object] = {
    "identifier": "one-replica",
    "replicateSourceDb": "one",
    "instanceClass": "db.r6g.large",
    "availabilityZone": "eu-central-1b",
    "storageType": "gp3",
    "storageEncrypted": True,
    "skipFinalSnapshot": True,
}


class Servers:
    """What would have happened on the real server."""

    def __init__(self) -> None:
        self.said: list[str] = []


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Servers:
    """Name servers, and note what is asked of them."""
    told = {
        "ca_file": "/ca.pem",
        "postgres": {
            "primary": "127.1.0.1",
            "replicas": ["127.1.0.2", "127.1.0.3"],
            "proxy": "127.1.0.1",
            "superuser": {"user": "postgres", "password": "made up"},
        },
    }
    (tmp_path / "servers.json").write_text(json.dumps(told), encoding="utf-8")
    made = Servers()
    monkeypatch.setattr(
        rds_server, "set_up", lambda _aws, user, password: made.said.append(f"set up {user} {password}")
    )
    monkeypatch.setattr(rds_server, "set_password", lambda _aws, user, _password: made.said.append(f"password {user}"))
    monkeypatch.setattr(rds_server, "wipe", lambda _aws: made.said.append("wipe"))
    return made


@pytest.fixture
def primary(plugin: AwsPlugin, servers: Servers) -> AwsMade:
    return plugin.create("rds.Instance", **PRIMARY)


def refusals(props: dict[str, object]) -> list[str]:
    """Return what is wrong with an instance, without an emulator: nothing is asked of one at preview."""
    aws = Aws(region=REGION, account_id="1", caller_arn="", user_id="", connections=_Connections("", None))
    return [failure.reason for failure in Instance().check({}, props, Context(name="one", config={"aws": aws}))[1]]


def subnets(plugin: AwsPlugin) -> list[str]:
    ec2 = plugin.aws.client("ec2")
    found = ec2.describe_subnets()["Subnets"]
    return [one["SubnetId"] for one in sorted(found, key=lambda one: one["AvailabilityZone"])]


def test_a_subnet_group_lies_in_two_zones(plugin: AwsPlugin) -> None:
    ids = subnets(plugin)
    group = plugin.create("rds.SubnetGroup", subnetIds=ids[:2], tags={"a": "b"})
    assert group["name"].startswith("thing-")
    assert_as_declared(group)
    group.update(subnetIds=ids[1:3], description="others", tags={"c": "d"})
    assert_as_declared(group)
    with pytest.raises(ProviderError, match="in 2 zones or more"):
        plugin.create("rds.SubnetGroup", name="few", subnetIds=ids[:1])
    group.delete()


def test_a_parameter_group_is_named_by_its_prefix_and_its_family_replaces_it(plugin: AwsPlugin) -> None:
    parameters = [
        {"name": "rds.force_ssl", "value": "1", "applyMethod": "pending-reboot"},
        *({"name": f"log_{number}", "value": "1"} for number in range(25)),
    ]
    group = plugin.create("rds.ParameterGroup", namePrefix="fw-17-", family="postgres17", parameters=parameters)
    assert group["name"].startswith("fw-17-0")
    assert_as_declared(group)
    group.update(parameters=[{"name": "lock_timeout", "value": "5000", "applyMethod": "immediate"}])
    assert_as_declared(group)
    assert len(group["parameters"]) == 1
    diff = group.diff(family="postgres18", namePrefix="fw-18-", name=None)
    assert (set(diff.replaces), diff.delete_before_replace) == ({"family", "name", "namePrefix"}, False)
    rds = plugin.aws.client("rds")
    told = {"ParameterName": "lock_timeout", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName=group.id, Parameters=[told])
    assert group.mend() == ("parameters",)
    group.delete()


@pytest.mark.parametrize(
    "name,value,method,words",
    [
        ("max_connections", "420", "immediate", "only at a restart"),
        ("wal_level", "logical", "pending-reboot", "does not let anybody set"),
    ],
)
def test_parameters_that_rds_would_refuse(plugin: AwsPlugin, name: str, value: str, method: str, words: str) -> None:
    wrong = [{"name": name, "value": value, "applyMethod": method}]
    (reason,) = plugin.refusals("rds.ParameterGroup", family="postgres17", parameters=wrong)
    assert words in reason


def test_a_group_in_use_stays(plugin: AwsPlugin, servers: Servers) -> None:
    group = plugin.create("rds.ParameterGroup", name="used", family="postgres17")
    instance = plugin.create("rds.Instance", **PRIMARY, parameterGroupName="used")
    with pytest.raises(ProviderError, match="in use by one"):
        group.delete()
    other = plugin.create("rds.ParameterGroup", name="old", family="postgres16")
    with pytest.raises(ProviderError, match="family postgres16"):
        instance.update(parameterGroupName=other["name"])


def test_the_primary_is_the_real_server_s(plugin: AwsPlugin, primary: AwsMade, servers: Servers) -> None:
    assert (primary["address"], primary["endpoint"]) == ("127.1.0.1", "127.1.0.1:5432")
    assert (primary["engineVersion"], primary["engineVersionActual"]) == ("17", f"17.{LATEST['17']}")
    assert primary["arn"] == f"arn:aws:rds:{REGION}:{plugin.aws.account_id}:db:one"
    assert servers.said == [f"set up wallet_admin {PRIMARY['password']}"]
    assert_as_declared(primary)


def test_no_password_is_kept_in_a_file(primary: AwsMade, tmp_path: Path) -> None:
    kept = [path.read_text(encoding="utf-8") for path in (tmp_path / "kept").rglob("*.json")]
    assert kept
    assert not [text for text in kept if str(PRIMARY["password"]) in text]
    assert "password" in primary.plugin.entity("rds.Instance").secrets


def test_drift_shows_and_is_mended(plugin: AwsPlugin, primary: AwsMade) -> None:
    rds = plugin.aws.client("rds")
    rds.modify_db_instance(DBInstanceIdentifier="one", BackupRetentionPeriod=1, DeletionProtection=False)
    assert set(primary.mend()) == {"backupRetentionPeriod", "deletionProtection"}


def test_storage_that_grew_is_no_drift_and_never_shrinks(plugin: AwsPlugin, primary: AwsMade) -> None:
    plugin.aws.client("rds").modify_db_instance(DBInstanceIdentifier="one", AllocatedStorage=200)
    assert primary.refresh()
    assert primary.diff().changes == ()
    assert primary.diff(allocatedStorage=300).changes == ("allocatedStorage",)
    with pytest.raises(ProviderError, match="never shrinks"):
        primary.update(allocatedStorage=100, maxAllocatedStorage=None)


def test_the_key_of_performance_insights_is_chosen_once(plugin: AwsPlugin, primary: AwsMade) -> None:
    key = "arn:aws:kms:eu-central-1:123456789012:key/one"
    found = primary.diff(performanceInsightsKmsKeyId=key)
    assert (found.changes, found.replaces) == (("performanceInsightsKmsKeyId",), ())
    primary.update(performanceInsightsKmsKeyId=key)
    with pytest.raises(ProviderError, match="RDS never changes it"):
        primary.update(performanceInsightsKmsKeyId=key.replace("one", "other"))


def test_a_minor_version_that_rds_put_in_is_no_drift(plugin: AwsPlugin, servers: Servers) -> None:
    instance = plugin.create("rds.Instance", **{**PRIMARY, "engineVersion": "16"})
    plugin.aws.client("rds").modify_db_instance(DBInstanceIdentifier="one", EngineVersion="16.99")
    assert instance.refresh()
    assert (instance["engineVersion"], instance["engineVersionActual"]) == ("16", "16.99")
    assert instance.diff().changes == ()


def test_versions_only_rise_and_a_major_one_only_where_it_is_allowed(plugin: AwsPlugin, servers: Servers) -> None:
    instance = plugin.create("rds.Instance", **{**PRIMARY, "engineVersion": "16.4"})
    instance.update(engineVersion="16.5")
    assert_as_declared(instance)
    with pytest.raises(ProviderError, match="no older version"):
        instance.update(engineVersion="16.4")
    with pytest.raises(ProviderError, match="allowMajorVersionUpgrade"):
        instance.update(engineVersion="17")
    instance.update(engineVersion="17", allowMajorVersionUpgrade=True)
    assert instance["engineVersionActual"] == resolved("17")


def test_replicas_are_the_next_servers_and_are_upgraded_first(plugin: AwsPlugin, servers: Servers) -> None:
    primary = plugin.create("rds.Instance", **{**PRIMARY, "engineVersion": "17.4"})
    first, second = (
        plugin.create("rds.Instance", **{**REPLICA, "identifier": f"replica-{number}", "engineVersion": "17.4"})
        for number in (1, 2)
    )
    assert [first["address"], second["address"]] == ["127.1.0.2", "127.1.0.3"]
    for one in (first, second):
        assert_as_declared(one)
    assert primary.refresh()
    assert primary["replicas"] == ["replica-1", "replica-2"]
    with pytest.raises(ProviderError, match=r"upgrade its replicas to 17.5 first: replica-1 \(17.4\), replica-2"):
        primary.update(engineVersion="17.5")
    for one in (first, second):
        one.update(engineVersion="17.5")
    primary.update(engineVersion="17.5")
    assert_as_declared(primary)
    second.delete()
    third = plugin.create("rds.Instance", **{**REPLICA, "identifier": "replica-3"})
    assert third["address"] == "127.1.0.3"
    assert len(servers.said) == 1, "a replica has its administrator from its source"


def test_a_replica_in_another_region_has_a_key_and_a_network_of_its_own(
    plugin: AwsPlugin, primary: AwsMade, servers: Servers
) -> None:
    there = AwsPlugin(region=RECOVERY)
    group = there.create("rds.SubnetGroup", name="there", subnetIds=subnets(there)[:2])
    far = {**REPLICA, "identifier": "far", "replicateSourceDb": primary["arn"], "availabilityZone": None}
    reasons = there.refusals("rds.Instance", **far)
    assert [reason.partition(":")[0] for reason in reasons] == ["kmsKeyId", "dbSubnetGroupName"]
    key = there.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    replica = there.create("rds.Instance", **far, kmsKeyId=key, dbSubnetGroupName=group["name"])
    assert (replica["region"], replica["kmsKeyId"], replica["address"]) == (RECOVERY, key, "127.1.0.2")
    assert_as_declared(replica)
    replica.delete()


def test_a_promoted_replica_has_no_source(plugin: AwsPlugin, primary: AwsMade) -> None:
    replica = plugin.create("rds.Instance", **REPLICA)
    with pytest.raises(ProviderError, match="no other source"):
        replica.update(replicateSourceDb="two")
    replica.update(
        replicateSourceDb=None,
        engine="postgres",
        engineVersion="17",
        username="wallet_admin",
        allocatedStorage=100,
        finalSnapshotIdentifier="promoted-final",
        skipFinalSnapshot=False,
    )
    assert replica["status"] == "available"


@pytest.mark.parametrize(
    "source,words",
    [
        ({"backupRetentionPeriod": 0}, "no automated backups"),
        ({"manageMasterUserPassword": True, "password": None}, "ManageMasterUserPassword"),
        ({"identifier": "other"}, "there is no instance one"),
        ({"engineVersion": "16"}, "the source runs 16"),
    ],
)
def test_a_replica_that_rds_would_not_make(
    plugin: AwsPlugin, servers: Servers, source: dict[str, object], words: str
) -> None:
    plugin.create("rds.Instance", **{**PRIMARY, **source})
    with pytest.raises(ProviderError, match=words):
        plugin.create("rds.Instance", **REPLICA, engineVersion="17")


def test_a_managed_password_is_that_of_the_server(plugin: AwsPlugin, servers: Servers) -> None:
    instance = plugin.create("rds.Instance", **{**PRIMARY, "password": None, "manageMasterUserPassword": True})
    (secret,) = instance["masterUserSecrets"]
    value = plugin.aws.client("secretsmanager").get_secret_value(SecretId=secret["secretArn"])["SecretString"]
    assert servers.said == [f"set up wallet_admin {json.loads(value)['password']}"]
    assert secret["secretStatus"] == "active"


def test_deletion_protection_holds_and_the_final_snapshot_stays(
    plugin: AwsPlugin, primary: AwsMade, servers: Servers
) -> None:
    with pytest.raises(ProviderError, match="protected"):
        primary.delete()
    primary.update(deletionProtection=False)
    primary.delete()
    snapshots = plugin.aws.client("rds").describe_db_snapshots()["DBSnapshots"]
    assert "one-final-abc1234" in [one["DBSnapshotIdentifier"] for one in snapshots]
    assert servers.said[-1] == "wipe"


def test_what_somebody_else_made_can_be_imported(plugin: AwsPlugin, servers: Servers) -> None:
    plugin.aws.client("rds").create_db_instance(
        DBInstanceIdentifier="theirs",
        Engine="postgres",
        EngineVersion="17.4",
        DBInstanceClass="db.r6g.large",
        AllocatedStorage=100,
        MasterUsername="wallet_admin",
        MasterUserPassword="theirs-1234",
        BackupRetentionPeriod=7,
    )
    inputs, outputs = plugin.imported("rds.Instance", "theirs")
    assert inputs["engineVersion"] == "17.4"
    assert inputs["username"] == "wallet_admin"
    assert inputs["backupRetentionPeriod"] == 7
    assert "password" not in inputs
    assert outputs["address"] == "127.1.0.1"


def test_a_server_that_does_not_do_as_rds_keeps_the_instance_for_the_next_update(
    plugin: AwsPlugin, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ProviderError("the server is away")

    monkeypatch.setattr(rds_server, "set_up", fail)
    with pytest.raises(PartialFailure, match="the server is away"):
        plugin.create("rds.Instance", **PRIMARY)


@pytest.mark.parametrize(
    "wrong,words",
    [
        ({"engine": "mysql"}, "allowed with the stand-in is postgres"),
        ({"engineVersion": "17.99"}, "does not offer"),
        ({"engineVersion": "9.6"}, "does not offer"),
        ({"instanceClass": "db.m1.small"}, "runs no PostgreSQL"),
        ({"maintenanceWindow": "sun:02:30-sun:03:30"}, "overlaps with backupWindow"),
        ({"backupWindow": "02:00-02:10"}, "10 minutes"),
        ({"backupRetentionPeriod": 36}, "35 or less"),
        ({"storageType": "gp2", "storageThroughput": 500}, "only with gp3"),
        ({"iops": 12_000}, "none below 400 GiB"),
        ({"allocatedStorage": 400, "iops": 12_000, "storageThroughput": 3_500}, "a quarter of the iops"),
        ({"maxAllocatedStorage": 105}, "a tenth more"),
        ({"finalSnapshotIdentifier": None}, "it could never be deleted"),
        ({"password": "short"}, "8 to 128"),
        ({"password": "with/slash-and-more"}, "8 to 128"),
        ({"username": "rdsadmin"}, "no name of RDS's own"),
        ({"manageMasterUserPassword": True}, "got true with a password"),
        ({"availabilityZone": "eu-central-1a"}, "none with multiAz"),
        ({"performanceInsightsRetentionPeriod": 30}, "multiples of 31"),
        ({"instanceClass": "db.t4g.micro"}, "allowed is false on db.t4g.micro"),
        ({"monitoringInterval": 60}, "set both or neither"),
        ({"identifier": "One"}, "small letters"),
        ({"publiclyAccessible": True}, "no public addresses"),
        ({"allocatedStorage": None}, "an instance with no source needs it"),
        ({"characterSetName": "x"}, "does not support this property"),
        ({"replicateSourceDb": "two"}, "a replica has it from its source"),
    ],
)
def test_what_rds_would_refuse_is_refused_at_preview(wrong: dict[str, object], words: str) -> None:
    reasons = refusals({**PRIMARY, **wrong})
    assert any(words in reason for reason in reasons), reasons
    assert not [reason for reason in reasons if "password" in wrong and str(wrong["password"]) in reason]


def test_what_is_not_known_yet_is_not_judged() -> None:
    late = ("kmsKeyId", "finalSnapshotIdentifier", "password", "monitoringRoleArn", "engineVersion")
    assert refusals({**PRIMARY, "monitoringInterval": 60, **dict.fromkeys(late, UNKNOWN)}) == []
    far = {"replicateSourceDb": UNKNOWN, "kmsKeyId": UNKNOWN, "dbSubnetGroupName": UNKNOWN}
    assert refusals({**REPLICA, **far}) == []
    assert refusals({**REPLICA, **far, "password": UNKNOWN})


def test_the_plugin_knows_the_classes_of_the_settings() -> None:
    assert frozenset(INSTANCE_CLASSES) == CLASSES


def test_events_go_to_a_topic_that_is_there(plugin: AwsPlugin, primary: AwsMade) -> None:
    topic = plugin.aws.client("sns").create_topic(Name="t")["TopicArn"]
    events = plugin.create(
        "rds.EventSubscription",
        snsTopic=topic,
        sourceType="db-instance",
        sourceIds=["one"],
        eventCategories=["failover", "low storage"],
        tags={"a": "b"},
    )
    assert_as_declared(events)
    events.update(eventCategories=["failover"])
    assert_as_declared(events)
    with pytest.raises(ProviderError, match="no instance two"):
        events.update(sourceIds=["two"])
    with pytest.raises(ProviderError, match="no topic"):
        plugin.create("rds.EventSubscription", snsTopic=f"{topic}-not")
    assert "sourceIds need it" in plugin.refusals("rds.EventSubscription", snsTopic=topic, sourceIds=["one"])[0]
    events.delete()
