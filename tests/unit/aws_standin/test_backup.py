"""AWS Backup in the aws stand-in: vaults in the emulator, all else kept with the checks that AWS makes."""

import json
import re
from typing import Any

import pytest

from plugins.aws.backup_checks import cron
from plugins.base import UNKNOWN, ProviderError
from tests.fixtures.aws_standin import AwsMade, AwsPlugin, assert_as_declared
from tests.fixtures.unknowns import each_unknown

KEY = "arn:aws:kms:eu-central-1:123456789012:key/2f6a1c1e"
DATABASE = "arn:aws:rds:eu-central-1:123456789012:db:postgres-primary"
RECOVERY = "eu-west-1"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _rule(**changes: Any) -> dict[str, Any]:
    return {
        "ruleName": "daily",
        "targetVaultName": "vault",
        "schedule": "cron(0 5 ? * * *)",
        "startWindow": 60,
        "completionWindow": 240,
        "lifecycle": {"deleteAfter": 30},
        **changes,
    }


@pytest.fixture
def vault(plugin: AwsPlugin) -> AwsMade:
    return plugin.create("backup.Vault", name="vault", kmsKeyArn=KEY, tags={"owner": "data"})


@pytest.fixture
def recovery(plugin: AwsPlugin) -> AwsMade:
    return plugin.create("backup.Vault", name="vault-recovery", region=RECOVERY)


@pytest.fixture
def role(plugin: AwsPlugin) -> str:
    return str(plugin.create("iam.Role", name="backup", assumeRolePolicy=_trust("backup.amazonaws.com"))["arn"])


@pytest.fixture
def plan(plugin: AwsPlugin, vault: AwsMade, recovery: AwsMade) -> AwsMade:
    copies = [{"destinationVaultArn": recovery["arn"], "lifecycle": {"deleteAfter": 30}}]
    return plugin.create("backup.Plan", name="plan", rules=[_rule(copyActions=copies)], tags={"owner": "data"})


@pytest.fixture
def testing(plugin: AwsPlugin, vault: AwsMade) -> AwsMade:
    return plugin.create(
        "backup.RestoreTestingPlan",
        name="monthly",
        scheduleExpression="cron(0 9 1 * ? *)",
        startWindowHours=8,
        recoveryPointSelection={
            "algorithm": "LATEST_WITHIN_WINDOW",
            "includeVaults": [vault["arn"]],
            "recoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"],
        },
    )


def test_a_vault_lives_as_declared(plugin: AwsPlugin, vault: AwsMade) -> None:
    assert vault["arn"] == "arn:aws:backup:eu-central-1:123456789012:backup-vault:vault"
    assert vault["recoveryPoints"] == 0
    assert_as_declared(vault)
    vault.update(tags={"team": "platform"})
    assert_as_declared(vault)
    plugin.aws.client("backup").untag_resource(ResourceArn=vault["arn"], TagKeyList=["team"])
    assert vault.mend() == ("tags",)
    assert vault.diff(kmsKeyArn=f"{KEY}0").replaces == ("kmsKeyArn",)
    assert vault.diff(kmsKeyArn=f"{KEY}0").delete_before_replace
    assert plugin.imported("backup.Vault", "vault")[1] == vault.outputs
    vault.delete()


def test_a_vault_s_name_is_checked(plugin: AwsPlugin) -> None:
    (reason,) = plugin.refusals("backup.Vault", name="a vault")
    assert reason == "name: got 'a vault', allowed is 2 to 50 letters, digits, - and _. Choose another name"


def test_a_lock_is_another_one_with_every_change_and_drift_of_it_is_found(plugin: AwsPlugin, vault: AwsMade) -> None:
    lock = plugin.create(
        "backup.VaultLockConfiguration",
        backupVaultName="vault",
        minRetentionDays=7,
        maxRetentionDays=400,
        changeableForDays=3,
    )
    assert lock["backupVaultArn"] == vault["arn"]
    assert_as_declared(lock)
    for changed in ({"minRetentionDays": 1}, {"maxRetentionDays": None}, {"changeableForDays": 4}):
        assert lock.diff(**changed).replaces == tuple(changed)
    backup = plugin.aws.client("backup")
    backup.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=1, MaxRetentionDays=400)
    assert lock.mend() == ("minRetentionDays",)
    lock.delete()
    assert not backup.describe_backup_vault(BackupVaultName="vault")["Locked"]


def test_a_lock_whose_span_is_none_is_refused(plugin: AwsPlugin) -> None:
    wanted = {"backupVaultName": UNKNOWN, "minRetentionDays": 8, "maxRetentionDays": 7}
    (reason,) = plugin.refusals("backup.VaultLockConfiguration", **wanted)
    assert reason == "minRetentionDays: got 8, allowed is maxRetentionDays (7) or less. Lower it"
    assert plugin.refusals("backup.VaultLockConfiguration", **{**wanted, "minRetentionDays": UNKNOWN}) == []
    (reason,) = plugin.refusals("backup.VaultLockConfiguration", backupVaultName="vault", changeableForDays=2)
    assert reason == "changeableForDays: got 2, allowed is 3 or more"


def test_a_vault_s_policy_lives_as_declared(plugin: AwsPlugin, vault: AwsMade) -> None:
    made = plugin.create("backup.VaultPolicy", backupVaultName="vault", policy=POLICY)
    assert (made.id, made["backupVaultArn"]) == ("vault", vault["arn"])
    assert_as_declared(made)
    again = json.dumps({"Statement": [], "Version": "2012-10-17"})
    assert made.diff(policy=again).changes == ()
    made.update(policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "other"}]}))
    assert_as_declared(made)
    made.delete()


def test_a_vault_s_notifications_need_vault_and_topic_in_one_region(plugin: AwsPlugin, vault: AwsMade) -> None:
    topic = plugin.aws.at(RECOVERY).client("sns").create_topic(Name="alerts")["TopicArn"]
    wanted = {"backupVaultName": "vault", "backupVaultEvents": ["COPY_JOB_FAILED", "BACKUP_JOB_COMPLETED"]}
    with pytest.raises(ProviderError, match=r"snsTopicArn: there is no topic .* in eu-central-1"):
        plugin.create("backup.VaultNotifications", snsTopicArn=topic, **wanted)
    here = plugin.aws.client("sns").create_topic(Name="alerts")["TopicArn"]
    made = plugin.create("backup.VaultNotifications", snsTopicArn=here, **wanted)
    assert_as_declared(made)
    assert made.diff(backupVaultEvents=["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED"]).changes == ()
    assert made.diff(backupVaultEvents=["COPY_JOB_FAILED"]).replaces == ("backupVaultEvents",)
    (reason,) = plugin.refusals(
        "backup.VaultNotifications", snsTopicArn=here, **{**wanted, "backupVaultEvents": ["BACKUP_JOB_FAILED"]}
    )
    assert "backupVaultEvents[0]: got 'BACKUP_JOB_FAILED'" in reason
    made.delete()


@pytest.mark.parametrize("kind,props", [("VaultPolicy", {"policy": POLICY}), ("VaultLockConfiguration", {})])
def test_what_is_of_a_vault_needs_it(plugin: AwsPlugin, kind: str, props: dict[str, Any]) -> None:
    with pytest.raises(ProviderError, match=r"nowhere"):
        plugin.create(f"backup.{kind}", backupVaultName="nowhere", **props)


def test_a_plan_lives_as_declared_and_has_a_new_version_with_each_change(plan: AwsMade) -> None:
    assert plan["arn"] == f"arn:aws:backup:eu-central-1:123456789012:backup-plan:{plan.id}"
    assert_as_declared(plan)
    version = plan["version"]
    plan.update(rules=[_rule(lifecycle={"deleteAfter": 60}), _rule(ruleName="weekly")])
    assert_as_declared(plan)
    assert plan["version"] != version
    assert plan.diff(rules=[_rule(lifecycle={}), _rule(ruleName="weekly")]).changes == ("rules",)
    assert plan.diff(name="another").replaces == ("name",)
    plan.delete()


def test_two_plans_of_one_name_are_refused(plugin: AwsPlugin, plan: AwsMade) -> None:
    with pytest.raises(ProviderError, match=f"there is a plan plan already: {plan.id}"):
        plugin.create("backup.Plan", name="plan", rules=[_rule()])


@pytest.mark.parametrize(
    "changes,reason",
    [
        ({"targetVaultName": "nowhere"}, "rules[0].targetVaultName: there is no vault nowhere in eu-central-1"),
        (
            {"copyActions": [{"destinationVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:vault"}]},
            "rules[0].copyActions[0].destinationVaultArn: there is no vault vault in eu-west-1",
        ),
        (
            {"copyActions": [{"destinationVaultArn": "arn:aws:s3:::acme-dumps"}]},
            "rules[0].copyActions[0].destinationVaultArn: got 'arn:aws:s3:::acme-dumps'",
        ),
    ],
)
def test_a_plan_needs_its_vaults(plugin: AwsPlugin, plan: AwsMade, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProviderError, match=re.escape(reason)):
        plan.update(rules=[_rule(**changes)])


@pytest.mark.parametrize(
    "changes,reason",
    [
        ({"ruleName": "every day"}, "rules[0].ruleName: got 'every day'"),
        ({"schedule": "rate(1 day)"}, "rules[0].schedule: got 'rate(1 day)'"),
        ({"startWindow": 59}, "rules[0].startWindow: got 59, allowed is 60 or more"),
        (
            {"lifecycle": {"coldStorageAfter": 10, "deleteAfter": 99}},
            "rules[0].lifecycle.deleteAfter: got 99, allowed is 100 or more",
        ),
        (
            {"enableContinuousBackup": True, "lifecycle": {"deleteAfter": 36}},
            "rules[0].lifecycle.deleteAfter: got 36, allowed is 1 to 35 for continuous backups",
        ),
        ({"enableContinuousBackup": True, "lifecycle": {}}, "rules[0].lifecycle.deleteAfter: got None"),
        (
            {"enableContinuousBackup": True, "lifecycle": {"coldStorageAfter": 1, "deleteAfter": 35}},
            "rules[0].lifecycle.coldStorageAfter: got 1, allowed is none",
        ),
        (
            {"copyActions": [{"destinationVaultArn": UNKNOWN, "lifecycle": {"coldStorageAfter": 1, "deleteAfter": 2}}]},
            "rules[0].copyActions[0].lifecycle.deleteAfter: got 2",
        ),
        ({"scanActions": []}, "rules[0].scanActions: the stand-in does not support this property"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_path(plugin: AwsPlugin, changes: dict[str, Any], reason: str) -> None:
    (found,) = plugin.refusals("backup.Plan", name="plan", rules=[_rule(**changes)])
    assert found.startswith(reason)


def test_a_rule_of_unknown_values_is_left_for_later(plugin: AwsPlugin) -> None:
    unknown = _rule(targetVaultName=UNKNOWN, schedule=UNKNOWN, lifecycle={"deleteAfter": UNKNOWN})
    assert plugin.refusals("backup.Plan", name="plan", rules=[unknown]) == []
    copies = [{"destinationVaultArn": KEY, "lifecycle": {"deleteAfter": 30}}]
    for partly in each_unknown({"rules": [_rule(copyActions=copies, enableContinuousBackup=True)]}):
        assert plugin.refusals("backup.Plan", name="plan", **partly) == []
    (reason,) = plugin.refusals("backup.Plan", name="plan", rules=[_rule(), _rule()])
    assert reason.startswith("rules[1].ruleName: 'daily' is there twice")


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 5 ? * * *)",
        "cron(30 6 ? * SUN *)",
        "cron(0 9 1 * ? *)",
        "cron(0/15 8-18 ? jan,DEC MON-FRI 2026-2030)",
        "cron(0 0 L * ? *)",
        "cron(0 0 15W * ? *)",
        "cron(0 0 ? * 6#3 *)",
        "cron(0 0 ? * 2L *)",
    ],
)
def test_a_schedule_of_aws_is_taken(schedule: str) -> None:
    assert cron("schedule", schedule) == []


@pytest.mark.parametrize(
    "schedule,words",
    [
        ("0 5 * * *", "cron with 6 fields"),
        ("cron(0 5 * * *)", "cron with 6 fields"),
        ("cron(0 5 * * * *)", "exactly one of day of month and day of week"),
        ("cron(0 5 ? * ? *)", "exactly one of day of month and day of week"),
        ("cron(60 5 ? * * *)", "0 to 59 in the field minutes"),
        ("cron(0 24 ? * * *)", "0 to 23 in the field hours"),
        ("cron(0 0 32 * ? *)", "1 to 31 in the field day of month"),
        ("cron(0 0 1 JANUARY ? *)", "1 to 12 in the field month"),
        ("cron(0 0 ? * 0 *)", "1 to 7 in the field day of week"),
        ("cron(0 0 1 1 ? 1969)", "1970 to 2199 in the field year"),
        ("cron(0/0 0 1 1 ? *)", "0 to 59 in the field minutes"),
        ("cron(0-1-2 0 1 1 ? *)", "0 to 59 in the field minutes"),
    ],
)
def test_a_schedule_that_aws_does_not_take_is_refused(schedule: str, words: str) -> None:
    (failure,) = cron("schedule", schedule)
    assert failure.property == "schedule"
    assert repr(schedule) in failure.reason
    assert words in failure.reason


def test_a_selection_lives_with_its_plan(plugin: AwsPlugin, plan: AwsMade, role: str) -> None:
    made = plugin.create("backup.Selection", name="rds", planId=plan.id, iamRoleArn=role, resources=[DATABASE])
    assert_as_declared(made)
    assert made.diff(resources=[DATABASE, f"{DATABASE}-2"]).replaces == ("resources",)
    with pytest.raises(ProviderError, match=r"it has selections: rds\. Delete them first"):
        plugin.entity("backup.Plan").delete(plan.id, plan.outputs, plugin.context())
    made.delete()
    plan.delete()


def test_a_selection_of_nothing_would_be_one_of_everything_and_is_refused(plugin: AwsPlugin) -> None:
    wanted = {"name": "rds", "planId": UNKNOWN, "iamRoleArn": UNKNOWN}
    (reason,) = plugin.refusals("backup.Selection", resources=[], **wanted)
    assert reason.startswith("resources: got none")
    assert plugin.refusals("backup.Selection", resources=[UNKNOWN], **wanted) == []


def test_a_selection_needs_its_plan_and_a_role_that_aws_backup_may_take(
    plugin: AwsPlugin, plan: AwsMade, role: str
) -> None:
    wanted = {"name": "rds", "planId": plan.id, "iamRoleArn": role, "resources": [DATABASE]}
    other = plugin.create("iam.Role", name="other", assumeRolePolicy=_trust("rds.amazonaws.com"))["arn"]
    for changes, reason in (
        ({"planId": "nowhere"}, "planId: there is no plan nowhere in eu-central-1"),
        ({"iamRoleArn": other}, "role other cannot be assumed by backup.amazonaws.com"),
        ({"iamRoleArn": f"{role}-2"}, "iamRoleArn: there is no role backup-2"),
        ({"iamRoleArn": "backup"}, "iamRoleArn: got 'backup', allowed is the ARN of a role"),
    ):
        with pytest.raises(ProviderError, match=reason):
            plugin.create("backup.Selection", **{**wanted, **changes})


def test_a_restore_test_lives_as_declared(plugin: AwsPlugin, testing: AwsMade, role: str) -> None:
    assert_as_declared(testing)
    assert testing["recoveryPointSelection"]["selectionWindowDays"] == 30
    selection = plugin.create(
        "backup.RestoreTestingSelection",
        name="rds",
        restoreTestingPlanName="monthly",
        iamRoleArn=role,
        protectedResourceType="RDS",
        protectedResourceArns=[DATABASE],
        validationWindowHours=24,
    )
    assert selection.id == "rds:monthly"
    assert_as_declared(selection)
    selection.update(validationWindowHours=48, restoreMetadataOverrides={"dbSubnetGroupName": "isolated"})
    assert_as_declared(selection)
    assert selection.diff(restoreMetadataOverrides=None).changes == ("restoreMetadataOverrides",)
    with pytest.raises(ProviderError, match=r"it has selections: rds\. Delete them first"):
        plugin.entity("backup.RestoreTestingPlan").delete(testing.id, testing.outputs, plugin.context())
    selection.delete()
    testing.update(scheduleExpression="cron(0 9 15 * ? *)")
    assert_as_declared(testing)
    testing.delete()


@pytest.mark.parametrize(
    "kind,props,reason",
    [
        ("RestoreTestingPlan", {"name": "every-month"}, "name: got 'every-month', allowed is 1 to 50 letters"),
        ("RestoreTestingPlan", {"scheduleExpression": "monthly"}, "scheduleExpression: got 'monthly'"),
        ("RestoreTestingPlan", {"startWindowHours": 169}, "startWindowHours: got 169, allowed is 168 or less"),
        ("RestoreTestingSelection", {"protectedResourceArns": []}, "protectedResourceArns: got none"),
        ("RestoreTestingSelection", {"protectedResourceType": "Rds"}, "protectedResourceType: got 'Rds'"),
    ],
)
def test_a_wrong_restore_test_is_refused(plugin: AwsPlugin, kind: str, props: dict[str, Any], reason: str) -> None:
    right: dict[str, dict[str, Any]] = {
        "RestoreTestingPlan": {
            "name": "monthly",
            "scheduleExpression": "cron(0 9 1 * ? *)",
            "recoveryPointSelection": {
                "algorithm": "LATEST_WITHIN_WINDOW",
                "includeVaults": [UNKNOWN],
                "recoveryPointTypes": ["SNAPSHOT"],
            },
        },
        "RestoreTestingSelection": {
            "name": "rds",
            "restoreTestingPlanName": UNKNOWN,
            "iamRoleArn": UNKNOWN,
            "protectedResourceType": "RDS",
            "protectedResourceArns": [UNKNOWN],
        },
    }
    assert plugin.refusals(f"backup.{kind}", **right[kind]) == []
    for partly in each_unknown(right[kind]):
        assert plugin.refusals(f"backup.{kind}", **partly) == []
    (found,) = plugin.refusals(f"backup.{kind}", **{**right[kind], **props})
    assert found.startswith(reason)


def test_a_restore_test_needs_its_vaults_and_its_plan(plugin: AwsPlugin, testing: AwsMade, role: str) -> None:
    selection = {**testing["recoveryPointSelection"], "includeVaults": ["arn:aws:backup:x:1:backup-vault:nowhere"]}
    with pytest.raises(ProviderError, match=r"includeVaults\[0\]: there is no vault nowhere"):
        testing.update(recoveryPointSelection=selection)
    with pytest.raises(ProviderError, match="restoreTestingPlanName: there is no plan weekly"):
        plugin.create(
            "backup.RestoreTestingSelection",
            name="rds",
            restoreTestingPlanName="weekly",
            iamRoleArn=role,
            protectedResourceType="RDS",
            protectedResourceArns=["*"],
        )
