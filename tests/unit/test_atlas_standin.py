"""The stand-in for the mongodbatlas plugin over the emulator: each type made, found, changed, imported and dropped."""

from collections.abc import Iterator
from typing import Any

import pytest

from plugins.base import PartialFailure, ProviderError
from plugins.mongodbatlas.errors import AtlasError
from plugins.mongodbatlas.ids import decode_id, encode_id
from plugins.mongodbatlas.provider import ENTITIES, MongodbatlasProvider
from rehearsal.atlas.server import Emulator
from tests.fixtures.atlas import ORGANIZATION, AtlasPlugin, Made, cluster_inputs, emulator

VPCE = "vpce-0123456789abcdef0"
ROLE = "arn:aws:iam::123456789012:role/mongodb-atlas"


@pytest.fixture
def atlas() -> Iterator[Emulator]:
    with emulator() as running:
        yield running


@pytest.fixture
def plugin(atlas: Emulator) -> AtlasPlugin:
    return AtlasPlugin(atlas.url)


@pytest.fixture
def project(plugin: AtlasPlugin) -> Made:
    return plugin.project(tags={"owner": "platform"}, isDataExplorerEnabled=False, withDefaultAlertsSettings=False)


def _cluster(plugin: AtlasPlugin, project: Made, **changes: Any) -> Made:
    return plugin.create("AdvancedCluster", **cluster_inputs(project.id, **changes))


def _electable(made: Made) -> dict[str, Any]:
    specs: dict[str, Any] = made.outputs["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]
    return specs


def test_a_project_is_made_with_its_settings_changed_and_dropped(plugin: AtlasPlugin, project: Made) -> None:
    project.assert_settled()
    settings = plugin.api.get(f"/groups/{project.id}/settings")
    assert settings["isDataExplorerEnabled"] is False
    project.update(name="renamed", tags={"owner": "data"}, isPerformanceAdvisorEnabled=False)
    project.assert_settled()
    assert plugin.api.get(f"/groups/{project.id}")["name"] == "renamed"
    assert plugin.api.get(f"/groups/{project.id}/settings")["isPerformanceAdvisorEnabled"] is False
    assert project.diff(orgId="0" * 24).replaces == ("orgId",)
    with pytest.raises(ProviderError, match="can only be said when the project is made"):
        project.update(withDefaultAlertsSettings=True)
    project.delete()
    assert not project.refresh()


def test_drift_of_a_project_shows_and_is_mended(plugin: AtlasPlugin, project: Made) -> None:
    plugin.api.patch(f"/groups/{project.id}/settings", {"isDataExplorerEnabled": True})
    assert project.refresh()
    assert project.diff(isDataExplorerEnabled=False).changes == ("isDataExplorerEnabled",)
    project.update(isDataExplorerEnabled=False)
    assert plugin.api.get(f"/groups/{project.id}/settings")["isDataExplorerEnabled"] is False


def test_a_cluster_is_waited_for_and_has_what_was_asked(plugin: AtlasPlugin, project: Made) -> None:
    made = _cluster(plugin, project)
    assert made.outputs["stateName"] == "IDLE"
    assert made.outputs["clusterId"] == made.id
    assert made.outputs["connectionStrings"]["standard"].startswith("mongodb://127.0.0.11:27017,127.0.0.12:27017,")
    configuration = made.outputs["advancedConfiguration"]
    assert configuration["minimumEnabledTlsProtocol"] == "TLS1_3"
    assert configuration["oplogMinRetentionHours"] == 24
    assert made.outputs["replicationSpecs"][0]["containerId"].keys() == {"AWS:EU_CENTRAL_1"}
    made.assert_settled()


def test_a_larger_size_is_set_in_place_and_another_name_replaces(plugin: AtlasPlugin, project: Made) -> None:
    made = _cluster(plugin, project)
    larger = cluster_inputs(project.id)["replicationSpecs"]
    larger[0]["regionConfigs"][0]["electableSpecs"]["instanceSize"] = "M40"
    diff = made.diff(replicationSpecs=larger)
    assert (diff.changes, diff.replaces) == (("replicationSpecs",), ())
    made.update(replicationSpecs=larger)
    assert _electable(made) == {
        "instanceSize": "M40",
        "nodeCount": 3,
        "diskSizeGb": 40,
        "diskIops": 3000,
        "ebsVolumeType": "STANDARD",
    }
    made.assert_settled()
    assert made.diff(name="another").replaces == ("name",)
    assert made.diff(projectId="0" * 24).replaces == ("projectId",)


def test_a_disk_that_atlas_has_grown_is_not_shrunk_by_a_change_of_something_else(
    plugin: AtlasPlugin, project: Made
) -> None:
    made = _cluster(plugin, project)
    grown = plugin.api.get(f"/groups/{project.id}/clusters/fashion-wallet-test", "2024-08-05")["replicationSpecs"]
    body = [{"regionConfigs": [{**grown[0]["regionConfigs"][0], "electableSpecs": {"diskSizeGB": 60}}]}]
    for name in ("readOnlySpecs", "analyticsSpecs"):
        del body[0]["regionConfigs"][0][name]
    plugin.api.patch(f"/groups/{project.id}/clusters/fashion-wallet-test", {"replicationSpecs": body}, "2024-10-23")
    made.update(tags={"owner": "data"})
    assert _electable(made)["diskSizeGb"] == 60
    assert made.refresh()
    assert made.inputs["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]["diskSizeGb"] == 60


def test_termination_protection_refuses_a_deletion_until_it_is_taken_off(plugin: AtlasPlugin, project: Made) -> None:
    made = _cluster(plugin, project, terminationProtectionEnabled=True)
    with pytest.raises(ProviderError, match="TERMINATION_PROTECTION_ENABLED"):
        made.delete()
    assert made.refresh()
    with pytest.raises(ProviderError, match="CANNOT_CLOSE_GROUP_ACTIVE_ATLAS_CLUSTERS"):
        project.delete()
    made.update(terminationProtectionEnabled=False)
    made.delete()
    assert not made.refresh()
    project.delete()


def test_a_cluster_that_is_not_idle_in_time_is_kept_and_the_next_update_goes_on(
    atlas: Emulator, plugin: AtlasPlugin, project: Made
) -> None:
    atlas.settle_s = 1.0
    inputs = plugin.check("AdvancedCluster", cluster_inputs(project.id))
    entity = plugin.entity("AdvancedCluster")
    with pytest.raises(PartialFailure) as raised:
        entity.create("thing", inputs, plugin.context(timeout_s=0.1))
    failure = raised.value
    assert "waited 0.1 s" in str(failure)
    made = Made(plugin, "AdvancedCluster", failure.id, failure.inputs, failure.outputs)
    wanted = inputs["advancedConfiguration"]
    assert made.diff(advancedConfiguration=wanted).changes == ("advancedConfiguration",)
    made.update(advancedConfiguration=wanted)
    assert made.refresh()
    assert made.outputs["advancedConfiguration"]["oplogMinRetentionHours"] == 24
    assert made.outputs["stateName"] == "IDLE"
    assert made.outputs["advancedConfiguration"]["minimumEnabledTlsProtocol"] == "TLS1_3"


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"pitEnabled": True, "backupEnabled": False}, "CANNOT_ENABLE_PIT_WITHOUT_BACKUP"),
        ({"encryptionAtRestProvider": "AWS"}, "ENCRYPTION_AT_REST_NOT_CONFIGURED"),
        ({"mongoDbMajorVersion": "5.0"}, "INVALID_ENUM_VALUE"),
        ({"name": "no spaces"}, "INVALID_ATTRIBUTE"),
    ],
)
def test_atlas_refuses_a_cluster_that_cannot_be(
    plugin: AtlasPlugin, project: Made, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(ProviderError, match=code):
        _cluster(plugin, project, **changes)


def _authorized(plugin: AtlasPlugin, project: Made) -> tuple[Made, Made]:
    setup = plugin.create("CloudProviderAccessSetup", projectId=project.id, providerName="AWS")
    authorization = plugin.create(
        "CloudProviderAccessAuthorization",
        projectId=project.id,
        roleId=setup.outputs["roleId"],
        aws={"iamAssumedRoleArn": ROLE},
    )
    return setup, authorization


def test_encryption_at_rest_needs_an_authorized_role_and_is_turned_off_after_the_cluster(
    plugin: AtlasPlugin, project: Made
) -> None:
    setup, authorization = _authorized(plugin, project)
    assert decode_id(setup.id) == {
        "id": setup.outputs["roleId"],
        "project_id": project.id,
        "provider_name": "AWS",
    }
    assert setup.outputs["awsConfigs"][0]["atlasAwsAccountArn"].startswith("arn:aws:iam::")
    assert authorization.outputs["aws"] == {"iamAssumedRoleArn": ROLE}
    kms = {"enabled": True, "customerMasterKeyId": "arn:aws:kms:eu-central-1:1:key/x", "region": "EU_CENTRAL_1"}
    with pytest.raises(ProviderError, match="CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED"):
        plugin.create("EncryptionAtRest", projectId=project.id, awsKmsConfig={**kms, "roleId": "0" * 24})
    wanted = {**kms, "roleId": setup.outputs["roleId"]}
    encryption = plugin.create("EncryptionAtRest", projectId=project.id, awsKmsConfig=wanted)
    assert encryption.outputs["awsKmsConfig"]["valid"] is True
    for made in (setup, authorization, encryption):
        made.assert_settled()
    cluster = _cluster(plugin, project, encryptionAtRestProvider="AWS")
    with pytest.raises(ProviderError, match="CANNOT_DISABLE_ENCRYPTION_AT_REST_IN_USE"):
        encryption.delete()
    with pytest.raises(ProviderError, match="CANNOT_DEAUTHORIZE_ROLE_IN_USE"):
        setup.delete()
    cluster.delete()
    encryption.delete()
    assert not encryption.refresh()
    setup.delete()
    assert not setup.refresh()
    assert not authorization.refresh()


def _schedule(plugin: AtlasPlugin, cluster: Made, project: Made, **changes: Any) -> Made:
    zone = cluster.outputs["replicationSpecs"][0]["zoneId"]
    copy = {
        "cloudProvider": "AWS",
        "regionName": "EU_WEST_1",
        "zoneId": zone,
        "copyPolicyItems": [{"frequencyType": "daily", "retentionUnit": "days", "retentionValue": 30}],
        "shouldCopyOplogs": True,
    }
    wanted = {
        "projectId": project.id,
        "clusterName": cluster.outputs["name"],
        "referenceHourOfDay": 3,
        "referenceMinuteOfHour": 0,
        "restoreWindowDays": 7,
        "policyItemDaily": {"frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 30},
        "policyItemWeeklies": [{"frequencyInterval": 7, "retentionUnit": "days", "retentionValue": 90}],
        "copyPolicyItemsEnabled": True,
        "copySettings": [copy],
    }
    return plugin.create("CloudBackupSchedule", **{**wanted, **changes})


def test_a_schedule_takes_the_place_of_atlas_own(plugin: AtlasPlugin, project: Made) -> None:
    cluster = _cluster(plugin, project)
    made = _schedule(plugin, cluster, project)
    made.assert_settled()
    path = f"/groups/{project.id}/clusters/{cluster.outputs['name']}/backup/schedule"
    items = plugin.api.get(path, "2024-08-05")["policies"][0]["policyItems"]
    assert [(item["frequencyType"], item["retentionValue"]) for item in items] == [("daily", 30), ("weekly", 90)]
    made.update(policyItemDaily={"frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 35})
    made.assert_settled()
    assert made.outputs["policyItemDaily"]["retentionValue"] == 35
    with pytest.raises(ProviderError, match="less than the daily one's"):
        made.update(policyItemDaily={"frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 91})
    made.delete()
    assert not made.refresh()


def test_a_compliance_policy_cannot_be_weakened_removed_or_escaped(plugin: AtlasPlugin, project: Made) -> None:
    cluster = _cluster(plugin, project)
    who = {
        "projectId": project.id,
        "authorizedEmail": "security@example.com",
        "authorizedUserFirstName": "Ada",
        "authorizedUserLastName": "Lovelace",
        "pitEnabled": True,
        "restoreWindowDays": 7,
        "policyItemDaily": {"frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 30},
    }
    with pytest.raises(ProviderError, match="keeps its daily snapshots for less than 30 days"):
        plugin.create("BackupCompliancePolicy", **who)
    schedule = _schedule(plugin, cluster, project)
    policy = plugin.create("BackupCompliancePolicy", **who)
    policy.assert_settled()
    with pytest.raises(ProviderError, match="cannot be weakened"):
        policy.update(pitEnabled=False)
    with pytest.raises(ProviderError, match="BACKUP_COMPLIANCE_POLICY_NOT_DELETABLE"):
        policy.delete()
    with pytest.raises(ProviderError, match="less than 30 days"):
        schedule.update(policyItemDaily={"frequencyInterval": 1, "retentionUnit": "days", "retentionValue": 29})
    with pytest.raises(ProviderError, match="BACKUP_COMPLIANCE_POLICY_PROTECTS_BACKUPS"):
        cluster.delete()
    cluster.update(retainBackupsEnabled=True)
    cluster.delete()
    with pytest.raises(ProviderError, match="ACTIVE_BACKUP_COMPLIANCE_POLICY"):
        project.delete()


def test_a_private_endpoint_gives_the_cluster_a_connection_string(plugin: AtlasPlugin, project: Made) -> None:
    service = plugin.create("PrivateLinkEndpoint", projectId=project.id, providerName="AWS", region="EU_CENTRAL_1")
    assert service.outputs["endpointServiceName"].startswith("com.amazonaws.vpce.eu-central-1.vpce-svc-")
    tie = plugin.create(
        "PrivateLinkEndpointService",
        projectId=project.id,
        providerName="AWS",
        privateLinkId=service.outputs["privateLinkId"],
        endpointServiceId=VPCE,
    )
    assert tie.outputs["awsConnectionStatus"] == "AVAILABLE"
    cluster = _cluster(plugin, project)
    (private,) = cluster.outputs["connectionStrings"]["privateEndpoints"]
    assert [end["endpointId"] for end in private["endpoints"]] == [VPCE]
    assert private["connectionString"].endswith("replicaSet=atlas-set")
    for made in (service, tie):
        made.assert_settled()
    with pytest.raises(ProviderError, match="has interface endpoints"):
        service.delete()
    tie.delete()
    assert not tie.refresh()
    service.delete()
    assert not service.refresh()


def test_what_belongs_to_the_project_is_made_changed_and_dropped(plugin: AtlasPlugin, project: Made) -> None:
    entry = plugin.create("ProjectIpAccessList", projectId=project.id, cidrBlock="10.0.0.0/8", comment="ours")
    auditing = plugin.create("Auditing", projectId=project.id, enabled=True, auditFilter='{"atype": "dropDatabase"}')
    window = plugin.create("MaintenanceWindow", projectId=project.id, dayOfWeek=1, hourOfDay=2)
    alert = plugin.create(
        "AlertConfiguration",
        projectId=project.id,
        eventType="OUTSIDE_METRIC_THRESHOLD",
        enabled=True,
        metricThresholdConfig={
            "metricName": "CONNECTIONS_PERCENT",
            "operator": "GREATER_THAN",
            "threshold": 80,
            "units": "RAW",
            "mode": "AVERAGE",
        },
        notifications=[{"typeName": "EMAIL", "emailAddress": "a@example.com", "delayMin": 0, "intervalMin": 60}],
    )
    for made in (entry, auditing, window, alert):
        made.assert_settled()
    auditing.update(auditFilter='{"atype":"dropCollection"}')
    window.update(hourOfDay=4)
    alert.update(enabled=False)
    for made in (auditing, window, alert):
        made.assert_settled()
    assert entry.diff(comment="others").replaces == ("comment",)
    for made in (entry, auditing, window, alert):
        made.delete()
    assert not entry.refresh()
    assert not window.refresh()
    assert not alert.refresh()
    assert plugin.api.get(f"/groups/{project.id}/auditLog")["enabled"] is False


@pytest.mark.parametrize(
    "changes,text",
    [
        ({"metricThresholdConfig": {"metricName": "NO_SUCH", "threshold": 1, "units": "RAW"}}, "NO_SUCH"),
        (
            {"metricThresholdConfig": {"metricName": "OPLOG_MASTER_TIME", "threshold": 1, "units": "RAW"}},
            "allowed are DAYS, HOURS",
        ),
        ({"eventType": "NO_PRIMARY", "metricThresholdConfig": None}, ""),
        ({"eventType": "TOO_MANY_ELECTIONS", "metricThresholdConfig": None}, "needs a threshold"),
    ],
)
def test_alerts_are_of_names_and_units_that_atlas_has(
    plugin: AtlasPlugin, project: Made, changes: dict[str, Any], text: str
) -> None:
    wanted = {
        "projectId": project.id,
        "eventType": "OUTSIDE_METRIC_THRESHOLD",
        "notifications": [{"typeName": "GROUP", "roles": ["GROUP_OWNER"], "emailEnabled": True}],
        **changes,
    }
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if not text:
        plugin.create("AlertConfiguration", **wanted).assert_settled()
        return
    with pytest.raises(ProviderError, match=text):
        plugin.create("AlertConfiguration", **wanted)


def test_what_is_imported_is_what_was_made(plugin: AtlasPlugin, project: Made) -> None:
    cluster = _cluster(plugin, project)
    id_, inputs, outputs = plugin.imported("AdvancedCluster", f"{project.id}-fashion-wallet-test")
    assert id_ == cluster.id
    assert outputs["connectionStrings"] == cluster.outputs["connectionStrings"]
    assert inputs["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]["instanceSize"] == "M30"
    assert plugin.imported("Project", project.id)[1]["name"] == "fashion-wallet"
    entry = plugin.create("ProjectIpAccessList", projectId=project.id, cidrBlock="10.0.0.0/8")
    assert plugin.imported("ProjectIpAccessList", f"{project.id}-10.0.0.0/8")[0] == entry.id
    with pytest.raises(ProviderError, match=r"allowed is \{project_id\}-\{name\}"):
        plugin.imported("AdvancedCluster", "fashion-wallet-test")


def test_ids_are_those_of_the_official_plugin() -> None:
    assert encode_id(project_id="5f", entry="10.0.0.0/8") == "ZW50cnk=:MTAuMC4wLjAvOA==-cHJvamVjdF9pZA==:NWY="
    assert decode_id(encode_id(b="with-hyphen", a="with:colon")) == {"a": "with:colon", "b": "with-hyphen"}
    assert decode_id("5f0c9f0e5d57b1a2c3d4e5f6") == {}


def test_what_the_stand_in_does_not_have_is_refused_by_name(plugin: AtlasPlugin) -> None:
    refusals = plugin.refusals("Project", {"orgId": ORGANIZATION, "teams": []})
    assert "does not support this property" in refusals["teams"]
    specs = cluster_inputs("p")["replicationSpecs"]
    specs[0]["regionConfigs"][0]["analyticsSpecs"] = {}
    refusals = plugin.refusals("AdvancedCluster", cluster_inputs("p", replicationSpecs=specs))
    assert list(refusals) == ["replicationSpecs[0].regionConfigs[0].analyticsSpecs"]
    assert "cidrBlock" in plugin.refusals("ProjectIpAccessList", {"projectId": "p"})
    assert "mongodbatlas:index/team:Team" in plugin.provider.unsupported("mongodbatlas:index/team:Team")


@pytest.mark.parametrize(
    "url", ["", "https://cloud.mongodb.com/", "http://10.0.0.1:8080", "http://example.com", "https://127.0.0.1:1"]
)
def test_it_never_talks_to_anything_but_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_ATLAS_BASE_URL", url)
    with pytest.raises(ProviderError, match=r"plugin install resource mongodbatlas v4\.18\.0"):
        MongodbatlasProvider().configure({"publicKey": "a", "privateKey": "b"})
    failures = MongodbatlasProvider().check_config({}, {})[1]
    assert [failure.property for failure in failures] == ["baseUrl"]


def test_missing_keys_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ProviderError, match="MONGODB_ATLAS_PUBLIC_KEY, MONGODB_ATLAS_PRIVATE_KEY"):
        MongodbatlasProvider().configure({"baseUrl": "http://127.0.0.1:1"})


def test_nobody_answers_or_the_key_is_wrong(atlas: Emulator) -> None:
    wrong = MongodbatlasProvider().configure({"baseUrl": atlas.url, "publicKey": "a", "privateKey": "b"})["api"]
    with pytest.raises(AtlasError, match="MONGODB_ATLAS_PUBLIC_KEY"):
        wrong.get("/groups/5f")
    keys = {"publicKey": "a", "privateKey": "b"}
    away = MongodbatlasProvider().configure({"baseUrl": "http://127.0.0.1:1", **keys})["api"]
    with pytest.raises(ProviderError, match=r"no Atlas API answers at http://127\.0\.0\.1:1"):
        away.get("/groups/5f")


def test_the_types_are_each_there_once() -> None:
    tokens = [entity.token for entity in ENTITIES]
    assert len(set(tokens)) == len(tokens) == 16
