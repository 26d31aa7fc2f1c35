"""Buckets of the aws stand-in: what S3 keeps is read back as declared, drift is found, and S3's refusals are made."""

import json
from typing import Any

import pytest

from plugins.base import UNKNOWN, ProviderError
from tests.fixtures.aws_standin import AwsMade, AwsPlugin, assert_as_declared
from tests.fixtures.unknowns import each_unknown

KEY = "arn:aws:kms:eu-central-1:123456789012:key/2f6a1c1e"
ROLE = "arn:aws:iam::123456789012:role/replication"
DENY = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "arn:aws:s3:::acme-dumps/*"}
LOGS = {
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::acme-logs/*",
}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _encryption(algorithm: str, key: str | None = None) -> list[dict[str, Any]]:
    default = {"sseAlgorithm": algorithm, **({"kmsMasterKeyId": key} if key else {})}
    return [{"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": key is not None}]


def _life(id_: str, **actions: Any) -> dict[str, Any]:
    return {"id": id_, "status": "Enabled", "filter": {"prefix": f"{id_}/"}, **actions}


def _copy(**destination: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": "everything",
            "priority": 1,
            "status": "Enabled",
            "filter": {"prefix": ""},
            "deleteMarkerReplication": {"status": "Enabled"},
            "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
            "destination": {
                "bucket": "arn:aws:s3:::acme-copy",
                "encryptionConfiguration": {"replicaKmsKeyId": KEY},
                "metrics": {"status": "Enabled", "eventThreshold": {"minutes": 15}},
                "replicationTime": {"status": "Enabled", "time": {"minutes": 15}},
                **destination,
            },
        }
    ]


@pytest.fixture
def bucket(plugin: AwsPlugin) -> AwsMade:
    """A bucket with object lock."""
    return plugin.create("s3.Bucket", bucket="acme-dumps", objectLockEnabled=True, tags={"owner": "data"})


@pytest.fixture
def logs(plugin: AwsPlugin) -> AwsMade:
    """A bucket without object lock, into which logs may be delivered."""
    made = plugin.create("s3.Bucket", bucket="acme-logs")
    plugin.create("s3.BucketPolicy", bucket="acme-logs", policy=_policy(DENY, LOGS))
    return made


def _s3(plugin: AwsPlugin) -> Any:
    return plugin.aws.client("s3")


def test_a_bucket_is_made_tagged_and_deleted(plugin: AwsPlugin, bucket: AwsMade) -> None:
    assert bucket["arn"] == "arn:aws:s3:::acme-dumps"
    assert bucket["bucketRegionalDomainName"] == "acme-dumps.s3.eu-central-1.amazonaws.com"
    assert_as_declared(bucket)
    bucket.update(tags={"owner": "platform"})
    assert_as_declared(bucket)
    assert _s3(plugin).get_bucket_tagging(Bucket="acme-dumps")["TagSet"] == [{"Key": "owner", "Value": "platform"}]
    _s3(plugin).delete_bucket_tagging(Bucket="acme-dumps")
    assert bucket.mend() == ("tags",)
    bucket.delete()


def test_a_bucket_is_replaced_by_another_name_or_lock_and_by_nothing_else(bucket: AwsMade) -> None:
    assert bucket.diff(bucket="acme-dumps-2").replaces == ("bucket",)
    assert not bucket.diff(bucket="acme-dumps-2").delete_before_replace
    assert bucket.diff(objectLockEnabled=False).replaces == ("objectLockEnabled",)
    assert bucket.diff(objectLockEnabled=False).delete_before_replace
    assert bucket.diff(tags={}).replaces == ()


def test_a_bucket_with_something_in_it_is_not_deleted(plugin: AwsPlugin, bucket: AwsMade) -> None:
    _s3(plugin).put_object(Bucket="acme-dumps", Key="daily/postgres", Body=b"dump")
    with pytest.raises(ProviderError, match="cannot delete bucket acme-dumps: AWS answered BucketNotEmpty"):
        plugin.entity("s3.Bucket").delete(bucket.id, bucket.outputs, plugin.context())


def test_a_bucket_is_deleted_with_all_its_versions_where_the_program_says_so(
    plugin: AwsPlugin, bucket: AwsMade
) -> None:
    for body in (b"dump", b"another"):
        _s3(plugin).put_object(Bucket="acme-dumps", Key="daily/postgres", Body=body)
    _s3(plugin).delete_object(Bucket="acme-dumps", Key="daily/postgres")
    bucket.update(forceDestroy=True)
    bucket.delete()


def test_a_bucket_can_be_imported(plugin: AwsPlugin, bucket: AwsMade) -> None:
    inputs, outputs = plugin.imported("s3.Bucket", "acme-dumps")
    assert inputs == {
        "bucket": "acme-dumps",
        "objectLockEnabled": True,
        "tags": {"owner": "data"},
        "region": "eu-central-1",
    }
    assert outputs == bucket.outputs


def test_a_bucket_of_another_region_is_named(plugin: AwsPlugin, bucket: AwsMade) -> None:
    with pytest.raises(ProviderError, match="it is in eu-central-1, and was looked for in eu-west-1"):
        plugin.imported("s3.Bucket", "acme-dumps@eu-west-1")


@pytest.mark.parametrize("name", ["Acme", "a", "-acme", "acme.dumps", "a" * 64])
def test_names_that_s3_or_tls_do_not_take_are_refused(plugin: AwsPlugin, name: str) -> None:
    (reason,) = plugin.refusals("s3.Bucket", bucket=name)
    assert repr(name) in reason
    assert "3 to 63" in reason


def test_old_settings_inside_of_a_bucket_are_refused_by_name(plugin: AwsPlugin) -> None:
    (reason,) = plugin.refusals("s3.Bucket", bucket="acme-dumps", versioning={"enabled": True})
    assert reason.startswith("versioning: the stand-in does not support this property of aws:s3/bucket:Bucket")


SETTINGS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "s3.BucketServerSideEncryptionConfiguration",
        {"rules": _encryption("aws:kms", KEY)},
        {"rules": _encryption("AES256")},
    ),
    (
        "s3.BucketPublicAccessBlock",
        {
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        {"restrictPublicBuckets": False},
    ),
    (
        "s3.BucketOwnershipControls",
        {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"rule": {"objectOwnership": "ObjectWriter"}},
    ),
    ("s3.BucketPolicy", {"policy": _policy(DENY)}, {"policy": _policy(DENY, {**DENY, "Sid": "again"})}),
    (
        "s3.BucketObjectLockConfiguration",
        {"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}},
        {"rule": {"defaultRetention": {"mode": "COMPLIANCE", "years": 1}}},
    ),
    (
        "s3.BucketLifecycleConfiguration",
        {
            "rules": [
                _life("daily", expiration={"days": 30}),
                _life(
                    "all",
                    expiration={"expiredObjectDeleteMarker": True},
                    noncurrentVersionExpiration={"noncurrentDays": 30},
                    abortIncompleteMultipartUpload={"daysAfterInitiation": 7},
                ),
            ]
        },
        {"rules": [_life("daily", noncurrentVersionExpiration={"noncurrentDays": 30})]},
    ),
]


@pytest.mark.parametrize("kind,props,changes", SETTINGS, ids=[kind for kind, _, _ in SETTINGS])
def test_a_setting_of_a_bucket_lives_as_declared(
    plugin: AwsPlugin, bucket: AwsMade, kind: str, props: dict[str, Any], changes: dict[str, Any]
) -> None:
    made = plugin.create(kind, bucket=bucket["bucket"], **props)
    assert made.id == "acme-dumps"
    assert_as_declared(made)
    assert made.diff(**changes).changes == tuple(changes)
    assert made.diff(**changes).replaces == ()
    made.update(**changes)
    assert_as_declared(made)
    assert made.diff(bucket="another").replaces == ("bucket",)
    _, imported = plugin.imported(kind, "acme-dumps")
    assert imported == made.outputs
    made.delete()


@pytest.mark.parametrize("kind,props,changes", SETTINGS, ids=[kind for kind, _, _ in SETTINGS])
def test_what_somebody_else_changed_or_took_away_is_found(
    plugin: AwsPlugin, bucket: AwsMade, kind: str, props: dict[str, Any], changes: dict[str, Any]
) -> None:
    made = plugin.create(kind, bucket="acme-dumps", **props)
    plugin.create(kind, bucket="acme-dumps", **{**props, **changes})
    assert made.mend() == tuple(changes)
    plugin.entity(kind).delete("acme-dumps", made.outputs, plugin.context())
    assert not made.refresh()


def test_a_setting_of_no_bucket_is_refused_by_the_service_s_code(plugin: AwsPlugin) -> None:
    with pytest.raises(ProviderError, match="AWS answered NoSuchBucket to PutBucketPolicy"):
        plugin.create("s3.BucketPolicy", bucket="nowhere", policy=_policy(DENY))


def test_versioning_stays_on_in_a_bucket_with_locks(plugin: AwsPlugin, bucket: AwsMade) -> None:
    made = plugin.create("s3.BucketVersioning", bucket="acme-dumps", versioningConfiguration={"status": "Enabled"})
    assert_as_declared(made)
    with pytest.raises(ProviderError, match="got 'Suspended', allowed is 'Enabled': the bucket was made with object"):
        made.update(versioningConfiguration={"status": "Suspended"})
    plugin.entity("s3.BucketVersioning").delete(made.id, made.outputs, plugin.context())
    assert _s3(plugin).get_bucket_versioning(Bucket="acme-dumps")["Status"] == "Enabled"


def test_versioning_that_somebody_suspended_is_turned_on_again(plugin: AwsPlugin, logs: AwsMade) -> None:
    made = plugin.create("s3.BucketVersioning", bucket="acme-logs", versioningConfiguration={"status": "Enabled"})
    _s3(plugin).put_bucket_versioning(Bucket="acme-logs", VersioningConfiguration={"Status": "Suspended"})
    assert made.mend() == ("versioningConfiguration",)


def test_a_lock_needs_a_bucket_that_was_made_for_it(plugin: AwsPlugin, logs: AwsMade) -> None:
    with pytest.raises(ProviderError, match="bucket acme-logs was made without object lock"):
        plugin.create(
            "s3.BucketObjectLockConfiguration",
            bucket="acme-logs",
            rule={"defaultRetention": {"mode": "GOVERNANCE", "days": 1}},
        )


def test_access_logs_are_kept_and_taken_away(plugin: AwsPlugin, bucket: AwsMade, logs: AwsMade) -> None:
    made = plugin.create("s3.BucketLogging", bucket="acme-dumps", targetBucket="acme-logs", targetPrefix="dumps/")
    assert_as_declared(made)
    made.update(targetPrefix="all/")
    assert_as_declared(made)
    made.delete()


def test_logs_go_into_no_bucket_that_s3_cannot_deliver_to(plugin: AwsPlugin, bucket: AwsMade, logs: AwsMade) -> None:
    wanted = {"bucket": "acme-dumps", "targetBucket": "acme-logs", "targetPrefix": "dumps/"}
    encryption = "s3.BucketServerSideEncryptionConfiguration"
    encrypted = plugin.create(encryption, bucket="acme-logs", rules=_encryption("aws:kms", KEY))
    with pytest.raises(ProviderError, match="acme-logs is encrypted by a key of KMS"):
        plugin.create("s3.BucketLogging", **wanted)
    encrypted.update(rules=_encryption("AES256"))
    plugin.create("s3.BucketPolicy", bucket="acme-logs", policy=_policy(DENY))
    with pytest.raises(ProviderError, match="AWS answered InvalidTargetBucketForLogging"):
        plugin.create("s3.BucketLogging", **wanted)
    plugin.create(
        "s3.BucketObjectLockConfiguration",
        bucket="acme-dumps",
        rule={"defaultRetention": {"mode": "GOVERNANCE", "days": 1}},
    )
    with pytest.raises(ProviderError, match="acme-dumps locks objects by default"):
        plugin.create("s3.BucketLogging", **{**wanted, "targetBucket": "acme-dumps"})


@pytest.fixture
def copied(plugin: AwsPlugin, bucket: AwsMade) -> AwsMade:
    """A bucket that is copied into another region."""
    copy = plugin.create("s3.Bucket", bucket="acme-copy", region="eu-west-1", objectLockEnabled=True)
    assert copy["bucketRegion"] == "eu-west-1"
    return plugin.create("s3.BucketReplicationConfig", bucket="acme-dumps", role=ROLE, rules=_copy())


def test_copies_live_as_declared(copied: AwsMade) -> None:
    assert_as_declared(copied)
    rules = _copy()
    rules[0]["deleteMarkerReplication"] = {"status": "Disabled"}
    assert copied.diff(rules=rules).changes == ("rules",)
    copied.update(rules=rules)
    assert_as_declared(copied)
    copied.delete()


def test_copies_that_somebody_turned_off_are_found(plugin: AwsPlugin, copied: AwsMade) -> None:
    replication = _s3(plugin).get_bucket_replication(Bucket="acme-dumps")["ReplicationConfiguration"]
    replication["Rules"][0]["Status"] = "Disabled"
    _s3(plugin).put_bucket_replication(Bucket="acme-dumps", ReplicationConfiguration=replication)
    assert copied.mend() == ("rules",)
    _s3(plugin).delete_bucket_replication(Bucket="acme-dumps")
    assert not copied.refresh()


def test_copies_go_into_a_versioned_bucket_only(plugin: AwsPlugin, copied: AwsMade) -> None:
    with pytest.raises(ProviderError, match=r"destination\.bucket: nowhere does not exist"):
        copied.update(rules=_copy(bucket="arn:aws:s3:::nowhere"))
    plugin.create("s3.Bucket", bucket="acme-plain")
    with pytest.raises(ProviderError, match=r"destination\.bucket: acme-plain is not versioned"):
        copied.update(rules=_copy(bucket="arn:aws:s3:::acme-plain"))


def test_what_s3_wants_together_is_checked_before_anything_is_made(plugin: AwsPlugin) -> None:
    rules = _copy()
    del rules[0]["sourceSelectionCriteria"], rules[0]["destination"]["metrics"]
    reasons = plugin.refusals("s3.BucketReplicationConfig", bucket="acme-dumps", role=ROLE, rules=rules)
    assert [reason.split(":")[0] for reason in reasons] == ["rules[0]", "rules[0].destination.replicationTime"]
    for partly in each_unknown({"rules": _copy()}):
        assert plugin.refusals("s3.BucketReplicationConfig", bucket=UNKNOWN, role=UNKNOWN, **partly) == []


@pytest.mark.parametrize("kind,props", [(kind, props) for kind, props, _ in SETTINGS], ids=[one[0] for one in SETTINGS])
def test_what_is_not_known_yet_is_left_for_later(plugin: AwsPlugin, kind: str, props: dict[str, Any]) -> None:
    for partly in each_unknown(props):
        assert plugin.refusals(kind, bucket=UNKNOWN, **partly) == []


@pytest.mark.parametrize(
    "kind,props,reason",
    [
        (
            "s3.BucketServerSideEncryptionConfiguration",
            {"rules": [*_encryption("AES256"), *_encryption("AES256")]},
            "rules: got 2",
        ),
        (
            "s3.BucketServerSideEncryptionConfiguration",
            {"rules": _encryption("AES256", KEY)},
            "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId: given",
        ),
        (
            "s3.BucketObjectLockConfiguration",
            {"rule": {"defaultRetention": {"mode": "GOVERNANCE"}}},
            "rule.defaultRetention: got neither",
        ),
        ("s3.BucketLifecycleConfiguration", {"rules": [_life("daily")]}, "rules[0]: says nothing to do"),
        (
            "s3.BucketLifecycleConfiguration",
            {"rules": [_life("daily", expiration={"days": 1})] * 2},
            "rules[1].id: 'daily' is there twice",
        ),
        (
            "s3.BucketLifecycleConfiguration",
            {"rules": [_life("daily", expiration={"days": 1, "expiredObjectDeleteMarker": True})]},
            "rules[0].expiration: got days and expiredObjectDeleteMarker",
        ),
        (
            "s3.BucketLifecycleConfiguration",
            {"rules": [_life("daily", expiration={"days": 0})]},
            "rules[0].expiration.days: got 0, allowed is 1 or more",
        ),
        (
            "s3.BucketLifecycleConfiguration",
            {"rules": [_life("daily", transitions=[])]},
            "rules[0].transitions: the stand-in does not support",
        ),
    ],
)
def test_wrong_settings_are_refused_by_their_path(
    plugin: AwsPlugin, kind: str, props: dict[str, Any], reason: str
) -> None:
    (found,) = plugin.refusals(kind, bucket="acme-dumps", **props)
    assert found.startswith(reason)


def test_a_bucket_that_is_there_already_is_refused(plugin: AwsPlugin, bucket: AwsMade) -> None:
    with pytest.raises(ProviderError, match="AWS answered BucketAlreadyOwnedByYou to CreateBucket"):
        plugin.create("s3.Bucket", bucket="acme-dumps")
