"""Where other packs are wrong: ignored changes, two regions, children of components, inheriting replicas, previews."""

from collections.abc import Callable

import pytest

from policies.values import UNKNOWN, UNSET
from tests.policies.documents import document
from tests.policies.names import AWAY, secret
from tests.policies.other_clouds import POD
from tests.policies.world import Analyzer, Verdict, World

PRIMARY, REPLICA, RECOVERY = (f"Instance:postgres-{name}" for name in ("primary", "replica-b", "recovery"))
VAULT, PLAN = "Vault:fashion-wallet-vault", "Plan:fashion-wallet-plan"
Judge = Callable[[str, str, object], Verdict]


def test_an_ignored_change_is_judged_by_the_value_in_force_and_the_message_says_so(pack: Analyzer) -> None:
    for ignored in ("multiAz", "*", "multiAz.more"):
        world = World().put(PRIMARY, "multiAz", value=False).put(PRIMARY, "@ignoreChanges", [ignored])
        verdict = world.judge(pack)
        assert verdict.violations == {"rds-instance-enable-multi-az"}
        assert "multiAz is in ignore_changes of this resource, so a change of the program does" in verdict.messages[0]
    world = World().put(PRIMARY, "multiAz", value=False).put(PRIMARY, "@ignoreChanges", ["password"])
    assert "ignore_changes" not in world.judge(pack).messages[0]


def test_a_resource_s_own_region_goes_before_its_provider_s(pack: Analyzer) -> None:
    assert World().put(RECOVERY, "@region", "eu-central-1").put(RECOVERY, "region", AWAY).judge(pack).messages == []
    verdict = World().put(RECOVERY, "region", "eu-central-1").judge(pack)
    assert verdict.violations == {"database-keep-remote-replica"}


def test_the_same_key_in_two_regions_is_one_key(pack: Analyzer) -> None:
    away = "arn:aws:kms:eu-west-1:123456789012:key/mrk-relational"
    verdict = World().put("Vault:fashion-wallet-vault-recovery", "kmsKeyArn", away).judge(pack)
    assert verdict.violations == {"kms-key-forbid-sharing-with-backups"}


def test_children_of_components_are_judged_by_their_own_type_and_name(pack: Analyzer) -> None:
    kind = "fashionwallet:index:Relational$aws:rds/instance:Instance"
    world = World()
    world.resources["aws:rds/instance:Instance/postgres-primary"] = {
        **world.resources["aws:rds/instance:Instance/postgres-primary"],
        "multiAz": False,
    }
    world.changed.add("aws:rds/instance:Instance/postgres-primary")
    world.urn = lambda key: f"urn:pulumi:dev::fashion-wallet::{kind}::{key.rpartition('/')[2]}"  # type: ignore[method-assign]
    message = world.judge(pack, only=PRIMARY).messages[0]
    assert "Instance postgres-primary: multiAz is false; allowed: true." in message


INHERITED = ("storageEncrypted", "kmsKeyId", "engineVersion", "username", "dbSubnetGroupName", "backupRetentionPeriod")


def test_what_a_replica_inherits_need_not_be_said_and_must_be_of_a_primary(pack: Analyzer) -> None:
    world = World()
    for name in INHERITED:
        world.put(REPLICA, name, UNSET)
    assert world.judge(pack).messages == []
    for name in INHERITED:
        assert World().put(PRIMARY, name, UNSET).judge(pack).violations, name


def preview() -> World:
    """Return the stack as its first preview sees it: names are known, ARNs and ids are not, but what they are of."""
    world = World()
    for key, values in list(world.resources.items()):
        if not key.startswith("aws:"):
            continue
        name = key.rpartition("/")[2]
        short = f"{key.rpartition('/')[0].rpartition(':')[2]}:{name}"
        for output in ("arn", "id", "resourceId"):
            if output in values:
                world.put(short, output, UNKNOWN)
    keys = {"relational": "relational", "backups": "backups", "secrets": "secrets", "logs": "logs"}
    for short, path, domain in (
        (PRIMARY, "kmsKeyId", "relational"),
        (PRIMARY, "performanceInsightsKmsKeyId", "relational"),
        (VAULT, "kmsKeyArn", "backups"),
        ("Secret:avatar", "kmsKeyId", "secrets"),
        ("LogGroup:postgres", "kmsKeyId", "logs"),
    ):
        world.put(short, path, UNKNOWN).put(short, f"@depends.{path}", [f"Key:fashion-wallet-key-{keys[domain]}"])
    for short, path, target in (
        ("Selection:fashion-wallet-selection", "resources", PRIMARY),
        ("RestoreTestingSelection:fashion-wallet-restore-test-rds", "protectedResourceArns", PRIMARY),
    ):
        world.put(short, path, [UNKNOWN]).put(short, f"@depends.{path}", [target])
    for short, path, target in (
        (RECOVERY, "replicateSourceDb", PRIMARY),
        ("SecretRotation:avatar", "secretId", "Secret:avatar"),
        ("TopicSubscription:on-call", "topic", "Topic:alerts"),
        ("FlowLog:network", "vpcId", "Vpc:network"),
    ):
        world.put(short, path, UNKNOWN).put(short, f"@depends.{path}", [target])
    return world


def told(verdict: Verdict) -> set[str]:
    """Return the rules about the stack that could not tell; those about one value say so of every unknown one."""
    about_a_value = {
        "backup-vault-use-customer-key",
        "log-group-use-customer-key",
        "rds-instance-encrypt-performance-insights",
        "rds-instance-use-customer-key",
        "secret-use-customer-key",
    }
    return verdict.cannot_tell - about_a_value


def test_the_first_preview_has_no_violation_and_tells_relations_by_what_values_are_made_of(pack: Analyzer) -> None:
    verdict = preview().judge(pack)
    assert verdict.violations == set()
    relations = {
        "database-keep-remote-replica",
        "database-require-backup-plan",
        "database-require-restore-test",
        "kms-key-forbid-sharing-with-backups",
        "kms-key-keep-one-domain",
        "rds-replica-forbid-orphan",
        "secret-require-rotation",
        "sns-topic-require-subscription",
        "vpc-record-flows",
    }
    assert told(verdict) & relations == set()


@pytest.mark.parametrize(
    "short,path,target,rule",
    [
        ("Selection:fashion-wallet-selection", "resources", REPLICA, "database-require-backup-plan"),
        (
            "RestoreTestingSelection:fashion-wallet-restore-test-rds",
            "protectedResourceArns",
            REPLICA,
            "database-require-restore-test",
        ),
        (RECOVERY, "replicateSourceDb", REPLICA, "database-keep-remote-replica"),
        (VAULT, "kmsKeyArn", "Key:fashion-wallet-key-relational", "kms-key-forbid-sharing-with-backups"),
        ("LogGroup:postgres", "kmsKeyId", "Key:fashion-wallet-key-secrets", "kms-key-keep-one-domain"),
        ("SecretRotation:avatar", "secretId", "Topic:alerts", "secret-require-rotation"),
        ("TopicSubscription:on-call", "topic", "Secret:avatar", "sns-topic-require-subscription"),
    ],
)
def test_a_preview_finds_a_relation_to_the_wrong_resource(
    pack: Analyzer, short: str, path: str, target: str, rule: str
) -> None:
    assert preview().put(short, f"@depends.{path}", [target]).judge(pack).violations == {rule}


def test_a_value_that_is_made_of_nothing_that_is_known_cannot_be_told(pack: Analyzer) -> None:
    world = preview()
    world.depends.clear()
    verdict = world.judge(pack)
    assert verdict.violations == set()
    assert {"database-require-backup-plan", "kms-key-keep-one-domain", "secret-require-rotation"} <= verdict.cannot_tell


def test_a_secret_in_the_wrong_place_is_found_and_hidden(pack: Analyzer) -> None:
    verdict = World().put(PRIMARY, "engineVersion", secret("12.hunter2")).judge(pack)
    assert verdict.violations == {"rds-instance-use-supported-version"}
    verdict = World().put(PRIMARY, "caCertIdentifier", secret("rds-ca-2019")).judge(pack)
    assert "caCertIdentifier is [secret]; allowed:" in verdict.messages[0]


def test_a_rule_that_breaks_is_a_violation_that_shows_no_value(pack: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> list[object]:
        raise KeyError("hunter2")

    rule = next(one for one in pack.pack.rules if one.id == "rds-instance-enable-multi-az")  # type: ignore[attr-defined]
    monkeypatch.setattr(type(rule), "check", property(lambda _: broken))
    message = World().judge(pack, only=PRIMARY).messages[0]
    assert "the rule broke (KeyError) and judged nothing." in message
    assert "hunter2" not in message
    assert f"{PLAN}" not in message


@pytest.mark.parametrize("target", [UNSET, "", "  ", 0, "acme-dumps"])
def test_a_log_that_goes_nowhere_or_into_its_own_bucket_is_none(pack: Analyzer, target: object) -> None:
    world = World().put("BucketLogging:dumps", "targetBucket", target)
    assert "s3-bucket-log-access" in world.judge(pack).violations


@pytest.mark.parametrize(
    "resource,rule",
    [
        ("BucketPolicy:dumps", "s3-bucket-require-tls"),
        ("VaultPolicy:fashion-wallet-vault-policy", "backup-vault-deny-deletion"),
    ],
)
@pytest.mark.parametrize("text", ["{", "null", "[1]"])
def test_a_policy_that_nobody_can_read_denies_nothing(pack: Analyzer, resource: str, rule: str, text: str) -> None:
    assert rule in World().put(resource, "policy", text).judge(pack).violations


def test_a_pod_without_containers_is_judged_as_one_that_says_nothing(pack: Analyzer) -> None:
    verdict = World().put("Deployment:exporter", "spec.template.spec", {"restartPolicy": "Always"}).judge(pack)
    assert {"pod-pin-images", "pod-forbid-privileges", "pod-limit-memory"} <= verdict.violations


def test_a_second_guard_takes_nothing_from_the_first(pack: Analyzer) -> None:
    world = World().add("walletdb:index:DataGuard", "second", stateful={}, clusters={}, allow=[], lost=[])
    assert world.judge(pack).messages == []


def test_a_workload_whose_namespace_nobody_knows_does_not_hide_the_others(pack: Analyzer) -> None:
    world = World().put("NetworkPolicy:default", "", UNSET)
    for workload in ("Cluster:timescale", "Pooler:pooler", "CronJob:dump"):
        world.put(workload, "metadata.namespace", UNKNOWN)
    assert world.judge(pack).violations == {"namespace-require-default-deny"}


@pytest.mark.parametrize("action", ["*", "*:*", "kms:*"])
def test_a_policy_that_allows_everything_is_not_told_of_decryption_too(pack: Analyzer, action: str) -> None:
    statement = {"Effect": "Allow", "Action": [action], "Resource": "*"}
    verdict = World().put("RolePolicy:proxy", "policy", document(statement)).judge(pack)
    assert verdict.violations
    assert "iam-policy-forbid-decrypt-everywhere" not in verdict.violations


def test_a_bare_pod_is_judged_by_its_own_spec(pack: Analyzer) -> None:
    world = World().add(
        "kubernetes:core/v1:Pod", "debug", metadata={"namespace": "timescale"}, spec={**POD, "hostPID": True}
    )
    verdict = world.judge(pack)
    assert "pod-forbid-privileges" in verdict.violations
    assert "Pod debug: spec.hostPID is true; allowed: false, or unset." in "\n".join(verdict.messages)


def test_as_many_replicas_as_demanded_cannot_be_told_while_a_zone_is_unknown(pack: Analyzer) -> None:
    world = World().put(REPLICA, "availabilityZone", UNKNOWN)
    assert "rds-primary-keep-replicas" in world.judge(pack).cannot_tell
    world.put("Instance:postgres-replica-c", "", UNSET)
    assert "rds-primary-keep-replicas" in world.judge(pack).cannot_tell


@pytest.mark.parametrize("known", ["arn", "keyId", "id"])
def test_a_key_that_is_known_is_told_by_a_value_that_is_not_but_is_made_of_it(pack: Analyzer, known: str) -> None:
    """So is the second update: the key is there, and the resource that is to use it is new."""
    key = "Key:fashion-wallet-key-relational"
    world = World().put(key, "arn", UNSET).put(key, known, "mrk-relational")
    world.put("LogGroup:postgres", "kmsKeyId", UNKNOWN).put("LogGroup:postgres", "@depends.kmsKeyId", [key])
    assert world.judge(pack).violations == {"kms-key-keep-one-domain"}
    other = "Key:fashion-wallet-key-logs"
    world.put("LogGroup:postgres", "@depends.kmsKeyId", [other, "Topic:alerts"])
    assert world.judge(pack).violations == set()


def test_a_bucket_s_key_is_told_by_what_its_encryption_is_made_of(pack: Analyzer) -> None:
    short = "BucketServerSideEncryptionConfiguration:dumps"
    rules = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": UNKNOWN}}]
    world = World().put(short, "rules", rules)
    world.put(short, "@depends.rules", ["Key:fashion-wallet-key-backups"])
    assert world.judge(pack).violations == set()
    world.put(short, "@depends.rules", ["Key:fashion-wallet-key-relational"])
    verdict = world.judge(pack)
    assert verdict.violations == {"kms-key-forbid-sharing-with-backups"}
    assert f"{short.replace(':', ' ')}: rules is the key of relational too" in "\n".join(verdict.messages)


def test_a_replica_elsewhere_whose_source_is_unknown_is_no_certain_one(pack: Analyzer) -> None:
    messages = "\n".join(World().put(RECOVERY, "replicateSourceDb", UNKNOWN).judge(pack).messages)
    assert (
        "Instance postgres-primary: cannot tell until `pulumi up`, which checks again, whether its replica" in messages
    )
