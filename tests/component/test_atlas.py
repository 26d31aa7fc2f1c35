"""MongoDB on Atlas in the graph: the cluster and what guards it, who may do what, how clients connect, what is told."""

import json
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from components.mongodb.access import ROLES, USERS
from components.mongodb.atlas import ignored_changes
from components.mongodb.atlas_access import PROVISIONER, missing_actions
from components.mongodb.atlas_alerts import AtlasAlert, AtlasAlerts, AtlasAlertsArgs
from components.mongodb.atlas_names import action, maintenance_day, region, snapshot_day
from components.mongodb.atlas_notices import atlas_notices
from components.mongodb.uris import seeds_of
from rehearsal.atlas.names import ACTIONS
from settings import TlsSettings
from settings.cloud.atlas import AtlasSettings
from tests.component.atlas_graph import BACKUPS, KEY, ORGANIZATION, SUBNETS, atlas_layer
from tests.component.graph import MARK, Graph, Node, leaves, record

COMPLIANCE = {"authorized_email": "security@example.com", "authorized_first_name": "Ada", "authorized_last_name": "L"}


def _cluster(graph: Graph) -> dict[str, Any]:
    return graph.one("AdvancedCluster", "mongodb").inputs


def _region_config(graph: Graph) -> dict[str, Any]:
    (spec,) = _cluster(graph)["replicationSpecs"]
    (config,) = spec["regionConfigs"]
    return dict(config)


def test_the_cluster_is_one_replica_set_with_all_that_guards_it() -> None:
    cluster = _cluster(atlas_layer())
    assert cluster["name"] == "fashion-wallet-prod"
    assert cluster["clusterType"] == "REPLICASET"
    assert cluster["encryptionAtRestProvider"] == "AWS"
    assert cluster["versionReleaseSystem"] == "LTS"
    on = ("backupEnabled", "pitEnabled", "retainBackupsEnabled", "terminationProtectionEnabled", "redactClientLogData")
    assert {name: cluster[name] for name in on} == dict.fromkeys(on, True)
    assert cluster["deleteOnCreateTimeout"] is False
    assert cluster["advancedConfiguration"] == {
        "defaultWriteConcern": "majority",
        "javascriptEnabled": False,
        "minimumEnabledTlsProtocol": "TLS1_3",
        "oplogMinRetentionHours": 24,
    }
    assert cluster["tags"]["HoldsData"] == "true"


def test_nodes_are_as_many_as_the_settings_say_in_one_region_of_aws() -> None:
    config = _region_config(atlas_layer())
    assert (config["providerName"], config["regionName"], config["priority"]) == ("AWS", "EU_CENTRAL_1", 7)
    assert config["electableSpecs"] == {"instanceSize": "M30", "nodeCount": 3, "diskSizeGb": 40}
    five = _region_config(atlas_layer(settings=json.dumps({"mongodb": {"members": 5}})))
    assert five["electableSpecs"]["nodeCount"] == 5


@pytest.mark.parametrize(
    "chosen,ignored",
    [
        ({}, ["diskSizeGb"]),
        ({"storage_autoscaling": False}, []),
        ({"maximum_instance_size": "M50"}, ["instanceSize", "diskSizeGb"]),
        ({"maximum_instance_size": "M50", "storage_autoscaling": False}, ["instanceSize", "diskSizeGb"]),
    ],
)
def test_what_atlas_scales_is_no_drift_and_what_it_does_not_is_the_settings_own(
    chosen: dict[str, Any], ignored: list[str]
) -> None:
    settings = AtlasSettings(organization_id=ORGANIZATION, **chosen)
    assert [name.rpartition(".")[2] for name in ignored_changes(settings)] == ignored
    scaling = _region_config(atlas_layer(json.dumps(chosen)))["autoScaling"]
    assert scaling["diskGbEnabled"] is settings.storage_autoscaling
    assert scaling["computeEnabled"] is (settings.maximum_instance_size is not None)


def test_without_growing_disks_the_oplog_has_a_size_instead_of_hours() -> None:
    configuration = _cluster(atlas_layer(json.dumps({"storage_autoscaling": False})))["advancedConfiguration"]
    assert configuration["oplogSizeMb"] == 990
    assert "oplogMinRetentionHours" not in configuration


def test_what_holds_data_is_protected_exactly_where_the_settings_say() -> None:
    unprotected = atlas_layer(settings=json.dumps({"protect": False}))
    assert _cluster(unprotected)["terminationProtectionEnabled"] is False
    for graph, protected in ((atlas_layer(), True), (unprotected, False)):
        for kind in ("Project", "AdvancedCluster", "EncryptionAtRest", "CloudBackupSchedule", "MongoCollection"):
            assert {node.protect for node in graph.of(kind).values()} == {protected}, kind


def test_the_role_lets_in_atlas_alone_and_comes_before_the_key_is_tried() -> None:
    graph = atlas_layer()
    (role,) = graph.of("Role").values()
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::536727724300:root"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "external-id"}}
    assert graph.outputs["role"].startswith("arn:aws:iam")
    (encryption,) = graph.of("EncryptionAtRest").values()
    assert encryption.inputs["awsKmsConfig"]["customerMasterKeyId"] == KEY
    assert encryption.inputs["awsKmsConfig"]["region"] == "EU_CENTRAL_1"
    ancestors = graph.ancestors(encryption)
    assert "CloudProviderAccessAuthorization:mongodb-access-authorization" in ancestors
    cluster = graph.ancestors(graph.one("AdvancedCluster", "mongodb"))
    assert "EncryptionAtRest:mongodb-encryption-at-rest" in cluster
    assert "PrivateLinkEndpointService:mongodb-endpoint-tie" in cluster


def test_backups_live_as_long_as_the_specification_says_and_are_copied() -> None:
    (schedule,) = atlas_layer().of("CloudBackupSchedule").values()
    inputs = schedule.inputs
    daily, (weekly,) = inputs["policyItemDaily"], inputs["policyItemWeeklies"]
    assert (daily["retentionUnit"], daily["retentionValue"]) == ("days", 30)
    assert (weekly["retentionUnit"], weekly["retentionValue"], weekly["frequencyInterval"]) == ("days", 90, 7)
    assert inputs["restoreWindowDays"] == 7
    assert f"{inputs['referenceHourOfDay']:02.0f}:{inputs['referenceMinuteOfHour']:02.0f}" == BACKUPS.daily_at
    (copy,) = inputs["copySettings"]
    assert copy == {
        "cloudProvider": "AWS",
        "copyPolicyItems": [
            {"frequencyType": "daily", "retentionUnit": "days", "retentionValue": 30},
            {"frequencyType": "weekly", "retentionUnit": "days", "retentionValue": 90},
        ],
        "regionName": "EU_WEST_1",
        "shouldCopyOplogs": True,
        "zoneId": "zone-id",
    }
    assert not atlas_layer().of("BackupCompliancePolicy")


def test_a_compliance_policy_comes_after_the_schedule_and_is_as_strict() -> None:
    graph = atlas_layer(json.dumps({"backup_compliance": COMPLIANCE}))
    (policy,) = graph.of("BackupCompliancePolicy").values()
    assert "CloudBackupSchedule:mongodb-backup-schedule" in graph.ancestors(policy)
    inputs = policy.inputs
    assert inputs["authorizedEmail"] == "security@example.com"
    assert inputs["policyItemDaily"]["retentionValue"] == 30
    assert inputs["policyItemWeeklies"][0]["retentionValue"] == 90
    assert (inputs["pitEnabled"], inputs["restoreWindowDays"], inputs["copyProtectionEnabled"]) == (True, 7, True)


def test_the_way_in_is_the_private_endpoint_and_what_the_access_list_names() -> None:
    graph = atlas_layer(json.dumps({"access_cidrs": ["10.1.0.0/16"]}))
    (entry,) = graph.of("ProjectIpAccessList").values()
    assert (entry.name, entry.inputs["cidrBlock"]) == ("mongodb-access-10.1.0.0-16", "10.1.0.0/16")
    assert not atlas_layer().of("ProjectIpAccessList")
    (endpoint,) = graph.of("VpcEndpoint").values()
    assert endpoint.inputs["subnetIds"] == list(SUBNETS.values())
    assert endpoint.inputs["securityGroupIds"] == ["mongodb-endpoint-id"]
    ways = graph.of("SecurityGroupIngressRule")
    assert {(way.inputs["fromPort"], way.inputs["toPort"]) for way in ways.values()} == {(1024, 65535)}
    assert ways["mongodb-endpoint-from-client"].inputs["referencedSecurityGroupId"] == "sg-clients"
    assert ways["mongodb-endpoint-from-10-9-0-0-16"].inputs["cidrIpv4"] == "10.9.0.0/16"


def test_auditing_and_maintenance_are_on_in_a_tightened_project() -> None:
    graph = atlas_layer(json.dumps({"maintenance_day": "TUE", "maintenance_hour": 4}))
    (auditing,) = graph.of("Auditing").values()
    assert auditing.inputs["enabled"] is True
    assert "dropCollection" in auditing.inputs["auditFilter"]
    (window,) = graph.of("MaintenanceWindow").values()
    assert (window.inputs["dayOfWeek"], window.inputs["hourOfDay"]) == (3, 4)
    (project,) = graph.of("Project").values()
    off = ("isDataExplorerEnabled", "isDataExplorerGenAiFeaturesEnabled", "withDefaultAlertsSettings")
    assert {name: project.inputs[name] for name in off} == dict.fromkeys(off, False)


def _rights(node: Node) -> set[tuple[str, str, str]]:
    return {
        (one["action"], place.get("databaseName", ""), place.get("collectionName", ""))
        for one in node.inputs["actions"]
        for place in one["resources"]
    }


def test_roles_and_users_are_those_of_the_one_table() -> None:
    graph = atlas_layer()
    roles = graph.of("CustomDbRole")
    assert set(roles) == {f"mongodb-role-{name}" for name in (*(role.name for role in ROLES), PROVISIONER)}
    design = roles["mongodb-role-design_service"]
    assert design.inputs["inheritedRoles"] == [{"roleName": "app_readwrite", "databaseName": "admin"}]
    assert ("INSERT", "fashion-wallet-main", "designs") in _rights(design)
    assert ("FIND", "fashion-wallet-main", "avatars") in _rights(design)
    assert ("INSERT", "fashion-wallet-main", "avatars") not in _rights(design)
    assert "CustomDbRole:mongodb-role-app_readwrite" in graph.ancestors(design)
    users = graph.of("DatabaseUser")
    assert {node.inputs["username"] for node in users.values()} == {*(user.name for user in USERS), PROVISIONER}
    for node in users.values():
        assert node.inputs["authDatabaseName"] == "admin"
        assert node.inputs["scopes"] == [{"name": "fashion-wallet-prod", "type": "CLUSTER"}]
        (role,) = node.inputs["roles"]
        assert f"CustomDbRole:mongodb-role-{role['roleName']}" in graph.ancestors(node)
    assert not graph.of("MongoRole")
    assert not graph.of("MongoUser")


def test_no_role_has_more_than_the_table_says_and_atlas_has_every_action() -> None:
    graph = atlas_layer()
    for role in ROLES:
        wanted = {
            (action(name), "encryption" if one.key_vault else "fashion-wallet-main", one.collection)
            for one in role.access
            for name in one.actions
            if action(name) is not None
        }
        assert _rights(graph.one("CustomDbRole", f"mongodb-role-{role.name}")) == wanted
    declared = {one["action"] for node in graph.of("CustomDbRole").values() for one in node.inputs["actions"]}
    assert declared <= ACTIONS


def test_what_atlas_cannot_allow_is_known() -> None:
    missing = {name for actions in missing_actions().values() for name in actions}
    assert missing == {"indexStats"}
    assert "INDEX_STATS" not in ACTIONS
    every = {name for role in ROLES for one in role.access for name in one.actions}
    assert {action(name) for name in every - missing} <= ACTIONS


def test_the_user_of_updates_changes_structure_and_neither_users_nor_documents() -> None:
    rights = _rights(atlas_layer().one("CustomDbRole", f"mongodb-role-{PROVISIONER}"))
    assert ("CREATE_INDEX", "fashion-wallet-main", "") in rights
    assert ("INSERT", "encryption", "") in rights
    assert not {name for name, database, _ in rights if database == "fashion-wallet-main"} & {
        "INSERT",
        "UPDATE",
        "REMOVE",
    }


def test_collections_are_made_by_that_user_after_it_is_there_under_the_documents_key() -> None:
    graph = atlas_layer()
    designs = graph.one("MongoCollection", "designs")
    assert designs.inputs["uri"].startswith("mongodb://provisioner:")
    assert f"DatabaseUser:mongodb-user-{PROVISIONER}" in graph.ancestors(designs)
    assert designs.deleted_with == graph.one("AdvancedCluster", "mongodb").urn
    (key,) = graph.of("MongoDataKey").values()
    assert (key.inputs["kmsProvider"], key.inputs["awsKeyArn"]) == ("aws", KEY)


def test_the_uri_leads_through_the_endpoint_with_the_options_of_the_specification() -> None:
    graph = atlas_layer()
    uri = urlsplit(graph.outputs["uri"])
    assert "uri" in graph.secret_outputs
    assert uri.netloc.rpartition("@")[2] == "pl-0.mongodb.net:1024,pl-0.mongodb.net:1025"
    assert uri.path == "/fashion-wallet-main"
    options = {name: values[0] for name, values in parse_qs(uri.query).items()}
    assert "tlsCAFile" not in options
    assert {name: options[name] for name in ("replicaSet", "tls", "w", "readPreference", "maxPoolSize")} == {
        "replicaSet": "atlas-set",
        "tls": "true",
        "w": "majority",
        "readPreference": "primaryPreferred",
        "maxPoolSize": "100",
    }


def test_no_password_is_in_clear_in_any_input() -> None:
    for node in atlas_layer().nodes.values():
        assert not [text for text in leaves(node.plain) if isinstance(text, str) and MARK in text], node.name


@pytest.mark.parametrize(
    "text", ["mongodb+srv://cluster.mongodb.net/", "mongodb://a:1/", "mongodb:///?replicaSet=x", ""]
)
def test_a_connection_string_of_another_shape_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="not as expected") as raised:
        seeds_of(text)
    assert "cluster.mongodb.net" not in str(raised.value)


def test_names_are_spelled_as_atlas_does() -> None:
    assert region("eu-central-1") == "EU_CENTRAL_1"
    assert [maintenance_day(day) for day in ("SUN", "MON", "SAT")] == [1, 2, 7]
    assert [snapshot_day(day) for day in ("SUN", "MON", "SAT")] == [7, 1, 6]
    assert action("listCollections") == "LIST_COLLECTIONS"


def _alerts(emails: tuple[str, ...], *alerts: AtlasAlert) -> Graph:
    chosen = AtlasSettings(organization_id=ORGANIZATION, alert_emails=emails)

    def declare() -> dict[str, Any]:
        AtlasAlerts("mongodb", AtlasAlertsArgs(project_id="p", settings=chosen, alerts=alerts))
        return {}

    return record(declare)


LAG = AtlasAlert(name="lag", metric="OPLOG_SLAVE_LAG_MASTER_TIME", threshold=10, units="SECONDS")


def test_alerts_tell_every_address_or_the_projects_owners() -> None:
    graph = _alerts(("a@example.com", "b@example.com"), LAG, AtlasAlert(name="primary", event_type="NO_PRIMARY"))
    lag = graph.one("AlertConfiguration", "mongodb-alert-lag").inputs
    assert [one["emailAddress"] for one in lag["notifications"]] == ["a@example.com", "b@example.com"]
    assert lag["metricThresholdConfig"]["threshold"] == 10
    assert "metricThresholdConfig" not in graph.one("AlertConfiguration", "mongodb-alert-primary").inputs
    (owners,) = _alerts((), LAG).one("AlertConfiguration", "mongodb-alert-lag").inputs["notifications"]
    assert (owners["typeName"], owners["roles"]) == ("GROUP", ["GROUP_OWNER"])


@pytest.mark.parametrize(
    "wrong", [{"metric": "CONNECTIONS"}, {"event_type": "NO_PRIMARY", "metric": "CONNECTIONS"}, {}]
)
def test_an_alert_that_atlas_would_refuse_is_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="alert wrong"):
        AtlasAlert(name="wrong", **wrong)


def _told(today: date = date(2026, 1, 1), tls: str = "TLSv1.3", **atlas: Any) -> str:
    settings = AtlasSettings.model_validate({"organization_id": ORGANIZATION, **atlas})
    return "\n".join(atlas_notices(settings, TlsSettings.model_validate({"minimum_version": tls}), today=today))


def test_warnings_say_what_cannot_be_given_and_what_cannot_be_undone() -> None:
    assert "an owner of the Atlas project can delete every backup" in _told()
    loud = _told(backup_compliance=COMPLIANCE)
    assert "NO UPDATE CAN TAKE IT BACK" in loud
    assert "security@example.com" in loud
    assert "app_admin lacks indexStats" in _told()
    assert "ends on 2027-08-31" in _told(today=date(2027, 6, 1), mongodb_major="7.0")
    assert "ends on" not in _told(mongodb_major="7.0")
    assert "share their CPUs" in _told(instance_size="M20")
    assert "wants TLSv1.3" in _told(tls="TLSv1.2")
    assert "10.0.0.0/8 may connect" in _told(access_cidrs=["10.0.0.0/8"])
    assert "Prometheus cannot reach the members" in _told()
    assert "Prometheus" not in _told(access_cidrs=["10.0.0.0/8"])
    assert "has no effect" in _told(maximum_instance_size="M40")
