"""Backups in AWS: vaults, plan, restore tests and buckets, as the program declares them."""

import functools
import json
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi_aws
import pytest

from components.backups.aws import Backups, BackupsArgs
from components.backups.layout import DAILY, PURPOSES, WEEKLY
from components.encryption.aws import Keys
from settings.cloud.backups import BackupSettings
from settings.cloud.rds import RdsSettings
from settings.cloud.tags import TagSettings
from tests.component.graph import Graph, Node, record

ADMINISTRATOR = "arn:aws:iam::123456789012:role/deployment"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/backups"
RECOVERY_KEY = "arn:aws:kms:eu-west-1:123456789012:key/backups"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
TARGETS = {
    "postgres-recovery": "arn:aws:rds:eu-central-1:123456789012:db:b",
    "postgres-primary": "arn:aws:rds:eu-central-1:123456789012:db:a",
}
LOGS = ("access-logs", "access-logs-recovery")
DATA = ("dumps", "dumps-recovery", "timescale", "timescale-recovery")


@dataclass
class _Key:
    arn: pulumi.Output[str]


class _Keys:
    """The keys of the stack, as far as backups ask for them."""

    def key(self, domain: str) -> _Key:
        assert domain == "backups"
        return _Key(pulumi.Output.from_input(KEY))

    def recovery_key(self, domain: str) -> _Key:
        assert domain == "backups"
        return _Key(pulumi.Output.from_input(RECOVERY_KEY))


def _settings(changes: str) -> BackupSettings:
    given = {"vaultAdministrators": [ADMINISTRATOR], "buckets": {"namePrefix": "acme-wallet-prod"}}
    return BackupSettings.model_validate({**given, **json.loads(changes)})


@functools.cache
def _made(changes: str = "{}", *, protect: bool = True) -> tuple[Graph, list[str]]:
    """Return the graph of the component, and its warnings."""
    warnings: list[str] = []

    def declare() -> dict[str, Any]:
        backups = Backups(
            "fashion-wallet",
            BackupsArgs(
                stack="prod",
                settings=_settings(changes),
                tags=TagSettings(owner="data", cost_center="42"),
                keys=cast("Keys", _Keys()),
                region="eu-central-1",
                recovery_region="eu-west-1",
                recovery=pulumi_aws.Provider("recovery", region="eu-west-1"),
                topic_arn=TOPIC,
                targets=TARGETS,
                rds=RdsSettings(),
                restore_overrides={"dbSubnetGroupName": "isolated"},
                protect=protect,
            ),
        )
        warnings.extend(backups.warnings)
        return {"backups": backups.outputs}

    return record(declare), warnings


def _graph(**changes: Any) -> Graph:
    return _made(json.dumps(changes))[0]


def _policy(node: Node) -> dict[str, dict[str, Any]]:
    """Return a policy's statements by their names."""
    return {statement["Sid"]: statement for statement in json.loads(node.inputs["policy"])["Statement"]}


def _rules() -> dict[str, Any]:
    rules = _graph().one("Plan", "fashion-wallet-plan").inputs["rules"]
    return {rule["ruleName"]: rule for rule in rules}


def _is_recovery(node: Node) -> bool:
    return "::recovery::" in node.provider


def test_the_plan_keeps_what_the_specification_says_and_a_copy_of_it_elsewhere() -> None:
    lives = {name: rule["lifecycle"] for name, rule in _rules().items()}
    assert lives == {"daily": {"deleteAfter": 30}, "weekly": {"deleteAfter": 90}, "continuous": {"deleteAfter": 30}}
    for rule in _rules().values():
        (copy,) = rule["copyActions"]
        assert copy["lifecycle"] == rule["lifecycle"]
        assert copy["destinationVaultArn"].endswith("fashion-wallet-vault-recovery")
        assert rule["targetVaultName"] == "fashion-wallet-vault-prod"
        assert rule["recoveryPointTags"]


def test_continuous_backups_have_life_and_time_of_those_that_they_take_over_from_rds() -> None:
    rule = _rules()["continuous"]
    assert rule["enableContinuousBackup"]
    assert rule["lifecycle"]["deleteAfter"] == RdsSettings().backup_retention_days
    assert rule["schedule"] == "cron(0 2 ? * * *)"
    assert RdsSettings().backup_window.startswith("02:00-")
    assert not any(_rules()[name]["enableContinuousBackup"] for name in ("daily", "weekly"))


def test_the_schedules_are_those_of_the_settings() -> None:
    assert {name: rule["schedule"] for name, rule in _rules().items() if name != "continuous"} == {
        "daily": "cron(0 5 ? * * *)",
        "weekly": "cron(30 6 ? * SUN *)",
    }
    test = _graph(restoreTest={"dayOfMonth": 15, "at": "10:30"}).of("RestoreTestingPlan")
    assert [node.inputs["scheduleExpression"] for node in test.values()] == ["cron(30 10 15 * ? *)"]


@pytest.mark.parametrize("suffix,key", [("", KEY), ("-recovery", RECOVERY_KEY)])
def test_each_vault_is_encrypted_locked_protected_and_weakened_by_administrators_only(suffix: str, key: str) -> None:
    graph = _graph()
    vault = graph.one("Vault", f"fashion-wallet-vault{suffix}")
    assert vault.inputs["kmsKeyArn"] == key
    assert vault.protect
    assert _is_recovery(vault) is bool(suffix)
    lock = graph.one("VaultLockConfiguration", f"fashion-wallet-vault{suffix}-lock")
    assert (lock.inputs["minRetentionDays"], lock.inputs["maxRetentionDays"]) == (7, 400)
    assert "changeableForDays" not in lock.inputs
    statements = _policy(graph.one("VaultPolicy", f"fashion-wallet-vault{suffix}-policy"))
    (statement,) = statements.values()
    assert (statement["Effect"], statement["Principal"]) == ("Deny", {"AWS": "*"})
    assert {"backup:DeleteRecoveryPoint", "backup:DeleteBackupVaultAccessPolicy"} <= set(statement["Action"])
    assert statement["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": [ADMINISTRATOR]}}
    assert _is_recovery(lock) is bool(suffix)


def test_no_backup_is_made_before_the_vaults_are_locked() -> None:
    graph = _graph()
    waits = graph.ancestors(graph.one("Selection", "fashion-wallet-selection"))
    assert {
        "VaultLockConfiguration:fashion-wallet-vault-lock",
        "VaultLockConfiguration:fashion-wallet-vault-recovery-lock",
    } <= waits


def test_what_is_backed_up_and_restored_is_exactly_what_was_named() -> None:
    graph = _graph()
    wanted = [TARGETS["postgres-primary"], TARGETS["postgres-recovery"]]
    assert graph.one("Selection", "fashion-wallet-selection").inputs["resources"] == wanted
    test = graph.one("RestoreTestingSelection", "fashion-wallet-restore-test-rds").inputs
    assert test["protectedResourceArns"] == wanted
    assert test["protectedResourceType"] == "RDS"
    assert test["restoreMetadataOverrides"] == {"dbSubnetGroupName": "isolated"}


def test_nothing_to_back_up_is_refused_for_aws_would_take_everything() -> None:
    given = dict.fromkeys(("settings", "tags", "keys", "recovery"))
    with pytest.raises(ValueError, match="nothing to back up"):
        BackupsArgs(
            stack="prod",
            region="eu-central-1",
            recovery_region="eu-west-1",
            topic_arn=TOPIC,
            targets={},
            rds=RdsSettings(),
            protect=True,
            **cast("dict[str, Any]", given),
        )


def test_who_backs_up_cannot_restore_and_only_aws_backup_may_be_either() -> None:
    graph = _graph()
    policies = {
        name: node.inputs["policyArn"].rsplit("/", 1)[-1] for name, node in graph.of("RolePolicyAttachment").items()
    }
    assert policies == {
        "fashion-wallet-backup": "AWSBackupServiceRolePolicyForBackup",
        "fashion-wallet-restore": "AWSBackupServiceRolePolicyForRestores",
    }
    for name in policies:
        (statement,) = json.loads(graph.one("Role", name).inputs["assumeRolePolicy"])["Statement"]
        assert statement["Principal"] == {"Service": "backup.amazonaws.com"}
    assert graph.one("Selection", "fashion-wallet-selection").inputs["iamRoleArn"].endswith(":fashion-wallet-backup")
    test = graph.one("RestoreTestingSelection", "fashion-wallet-restore-test-rds").inputs
    assert test["iamRoleArn"].endswith(":fashion-wallet-restore")


def test_the_topic_hears_of_jobs_that_are_over() -> None:
    told = _graph().one("VaultNotifications", "fashion-wallet-vault-notifications").inputs
    assert told["snsTopicArn"] == TOPIC
    assert {"BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"} <= set(told["backupVaultEvents"])


def test_every_bucket_is_protected_versioned_never_public_and_of_its_owner_alone() -> None:
    graph = _graph()
    buckets = graph.of("Bucket")
    assert sorted(buckets) == sorted(f"fashion-wallet-bucket-{what}" for what in (*LOGS, *DATA))
    for name, bucket in buckets.items():
        assert bucket.protect
        assert bucket.inputs["bucket"] == name.replace("fashion-wallet-bucket", "acme-wallet-prod")
        assert bucket.inputs["tags"]
        assert graph.one("BucketVersioning", f"{name}-versioning").inputs["versioningConfiguration"] == {
            "status": "Enabled"
        }
        block = graph.one("BucketPublicAccessBlock", f"{name}-public-access").inputs
        assert [value for key, value in block.items() if key != "bucket"] == [True] * 4
        ownership = graph.one("BucketOwnershipControls", f"{name}-ownership").inputs
        assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
        policy = _policy(graph.one("BucketPolicy", f"{name}-policy"))
        assert policy["OnlyByTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert policy["OnlyByRecentTls"]["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.3"}}


def test_all_parts_of_a_bucket_are_in_its_region() -> None:
    graph = _graph()
    nodes = [node for node in graph.nodes.values() if node.type.startswith("aws:s3/")]
    for node in nodes:
        assert _is_recovery(node) is ("-recovery" in node.name)
    assert sum(_is_recovery(node) for node in nodes) > 20


@pytest.mark.parametrize("what", DATA)
def test_a_bucket_of_backups_is_encrypted_by_the_backups_key_and_by_no_other(what: str) -> None:
    graph = _graph()
    key = RECOVERY_KEY if what.endswith("recovery") else KEY
    (rule,) = graph.one("BucketServerSideEncryptionConfiguration", f"fashion-wallet-bucket-{what}-encryption").inputs[
        "rules"
    ]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}
    assert rule["bucketKeyEnabled"]
    policy = _policy(graph.one("BucketPolicy", f"fashion-wallet-bucket-{what}-policy"))
    assert policy["OnlyEncryptedByKms"]["Condition"]["StringNotEquals"] == {
        "s3:x-amz-server-side-encryption": "aws:kms"
    }
    assert policy["OnlyByTheBackupsKey"]["Condition"]["StringNotEquals"] == {
        "s3:x-amz-server-side-encryption-aws-kms-key-id": key
    }
    assert policy["OnlyAdministratorsOverrideLocks"]["Action"] == "s3:BypassGovernanceRetention"
    assert all(statement["Effect"] == "Deny" for statement in policy.values())


@pytest.mark.parametrize("what,days", [("dumps", 30), ("dumps-recovery", 30), ("timescale", 7)])
def test_a_version_is_locked_and_wal_no_longer_than_it_is_kept(what: str, days: int) -> None:
    graph = _graph()
    assert graph.one("Bucket", f"fashion-wallet-bucket-{what}").inputs["objectLockEnabled"]
    lock = graph.one("BucketObjectLockConfiguration", f"fashion-wallet-bucket-{what}-lock").inputs
    assert lock["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": days}}


@pytest.mark.parametrize(
    "what,lives",
    [
        ("dumps", {DAILY: 30, WEEKLY: 90}),
        ("dumps-recovery", {DAILY: 30, WEEKLY: 90}),
        ("timescale", {}),
        ("access-logs", {"": 365}),
    ],
)
def test_objects_end_as_the_settings_say_and_leave_nothing_behind(what: str, lives: dict[str, int]) -> None:
    rules = _graph().one("BucketLifecycleConfiguration", f"fashion-wallet-bucket-{what}-lifecycle").inputs["rules"]
    *ends, leftovers = rules
    assert {rule["filter"]["prefix"]: rule["expiration"]["days"] for rule in ends} == lives
    assert leftovers["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert leftovers["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert ("expiration" in leftovers) is not bool(lives)


def test_access_logs_go_where_s3_can_deliver_them_in_each_region() -> None:
    graph = _graph()
    logging = graph.of("BucketLogging")
    assert sorted(logging) == sorted(f"fashion-wallet-bucket-{what}-logging" for what in DATA)
    for name, node in logging.items():
        suffix = "-recovery" if "recovery" in name else ""
        assert node.inputs["targetBucket"] == f"acme-wallet-prod-access-logs{suffix}"
        assert f"BucketPolicy:fashion-wallet-bucket-access-logs{suffix}-policy" in graph.ancestors(node)
    for what in LOGS:
        name = f"fashion-wallet-bucket-{what}"
        (rule,) = graph.one("BucketServerSideEncryptionConfiguration", f"{name}-encryption").inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
        assert f"{name}-lock" not in graph.of("BucketObjectLockConfiguration")
        allowed = _policy(graph.one("BucketPolicy", f"{name}-policy"))["AccessLogsOfOurBuckets"]
        assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
        assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
        assert len(allowed["Condition"]["ArnLike"]["aws:SourceArn"]) == len(PURPOSES)


def test_each_bucket_of_backups_is_copied_encrypted_within_the_recovery_point_objective() -> None:
    graph = _graph()
    copies = graph.of("BucketReplicationConfig")
    assert sorted(copies) == [f"fashion-wallet-bucket-{purpose}-replication" for purpose in PURPOSES]
    for purpose in PURPOSES:
        node = copies[f"fashion-wallet-bucket-{purpose}-replication"]
        (rule,) = node.inputs["rules"]
        destination = rule["destination"]
        assert destination["bucket"].endswith(f"bucket-{purpose}-recovery")
        assert destination["encryptionConfiguration"] == {"replicaKmsKeyId": RECOVERY_KEY}
        assert destination["replicationTime"] == {"status": "Enabled", "time": {"minutes": 15}}
        assert {
            f"BucketVersioning:fashion-wallet-bucket-{purpose}-versioning",
            f"BucketVersioning:fashion-wallet-bucket-{purpose}-recovery-versioning",
        } <= graph.ancestors(node)


def test_the_role_of_copies_reads_here_writes_there_and_uses_keys_for_these_buckets_only() -> None:
    graph = _graph()
    policy = _policy(graph.one("RolePolicy", "fashion-wallet-bucket-replication"))
    written = policy["WriteCopies"]
    assert all("-recovery/*" in arn for arn in written["Resource"])
    assert not any("recovery" in arn for arn in policy["ReadVersions"]["Resource"])
    decrypt, encrypt = policy["DecryptByTheKey"], policy["EncryptByTheRecoveryKey"]
    assert (decrypt["Resource"], encrypt["Resource"]) == ([KEY], [RECOVERY_KEY])
    assert decrypt["Condition"]["StringEquals"] == {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}
    assert encrypt["Condition"]["StringEquals"] == {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    for statement in policy.values():
        assert statement["Effect"] == "Allow"
        assert "*" not in statement["Resource"]
        assert not any(action.endswith("*") for action in statement["Action"])


def test_outputs_say_where_backups_are() -> None:
    outputs = _graph().outputs["backups"]
    assert outputs["buckets"] == {purpose: f"acme-wallet-prod-{purpose}" for purpose in PURPOSES}
    assert outputs["recovery_buckets"] == {purpose: f"acme-wallet-prod-{purpose}-recovery" for purpose in PURPOSES}
    assert outputs["vault_arn"].endswith(":fashion-wallet-vault")
    assert outputs["restore_testing_plan"] == "fashion_wallet_prod"
    assert "backups" not in _graph().secret_outputs


def test_everything_that_takes_tags_has_them() -> None:
    taggable = {"Bucket", "Vault", "Plan", "RestoreTestingPlan", "Role"}
    nodes = [node for node in _graph().nodes.values() if node.kind in taggable]
    assert {node.kind for node in nodes} == taggable
    assert all(node.inputs["tags"] for node in nodes)


def test_what_can_never_be_taken_back_is_warned_of() -> None:
    _, quiet = _made()
    assert len(quiet) == 1
    changes = {
        "vaultLock": {"changeableForDays": 3},
        "buckets": {"namePrefix": "acme-wallet-prod", "objectLock": {"mode": "COMPLIANCE"}},
    }
    graph, loud = _made(json.dumps(changes))
    assert any("vaultLock.changeableForDays is 3" in text for text in loud)
    assert any("objectLock.mode is COMPLIANCE" in text for text in loud)
    assert graph.one("VaultLockConfiguration", "fashion-wallet-vault-lock").inputs["changeableForDays"] == 3


def test_a_throwaway_stack_protects_nothing() -> None:
    graph, _ = _made(protect=False)
    assert not any(node.protect for node in graph.nodes.values())
    emptied = {name for name, node in graph.of("Bucket").items() if node.inputs["forceDestroy"]}
    assert emptied == {f"fashion-wallet-bucket-{what}" for what in LOGS}
    assert not any(node.inputs["forceDestroy"] for node in _graph().of("Bucket").values())
