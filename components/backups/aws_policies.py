"""Who may do what with vaults and buckets of backups, as documents of IAM: pure functions of names and ARNs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

__all__ = ["ReplicatedBucket", "assumed_by", "data_bucket", "log_bucket", "replication", "vault"]

Statement = dict[str, Any]
_VERSION = "2012-10-17"
_LEAST_TLS = 1.3  # spec 6.2.1

_WHAT_WEAKENS_A_VAULT = [
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:DeleteBackupVaultNotifications",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint",
    "backup:PutBackupVaultAccessPolicy",
    "backup:PutBackupVaultLockConfiguration",
    "backup:UpdateRecoveryPointLifecycle",
]
_WHAT_WEAKENS_A_BUCKET = [
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicatedBucket:
    """A bucket and its copy in the recovery region."""

    source_arn: pulumi.Input[str]
    replica_arn: pulumi.Input[str]


def assumed_by(service: str, condition: Mapping[str, Any] | None = None) -> pulumi.Output[str]:
    """Return the trust policy of a role that one service of AWS may take."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return _document([{**statement, "Condition": dict(condition)} if condition else statement])


def vault(administrators: Sequence[str]) -> pulumi.Output[str]:
    """Return the policy of a vault: nobody but its administrators may delete recovery points or weaken the vault.

    AWS Backup itself still deletes what has reached the end of its life: policies of vaults don't bind it.
    """
    return _document(
        [
            {
                "Sid": "OnlyAdministratorsWeakenTheVault",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": _WHAT_WEAKENS_A_VAULT,
                "Resource": "*",
                "Condition": _nobody_but(administrators),
            }
        ]
    )


def data_bucket(
    bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str], administrators: Sequence[str]
) -> pulumi.Output[str]:
    """Return the policy of a bucket of backups: by TLS only, encrypted by its one key only, locks stay.

    An upload that names no encryption gets the bucket's own; only one that names another is refused.
    """
    objects = pulumi.Output.concat(bucket_arn, "/*")
    algorithm, key = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    return _document(
        [
            *_by_tls_only(bucket_arn),
            {
                **_deny("OnlyEncryptedByKms", "s3:PutObject", objects),
                "Condition": {"Null": {algorithm: "false"}, "StringNotEquals": {algorithm: "aws:kms"}},
            },
            {
                **_deny("OnlyByTheBackupsKey", "s3:PutObject", objects),
                "Condition": {"Null": {key: "false"}, "StringNotEquals": {key: key_arn}},
            },
            {
                **_deny("OnlyAdministratorsOverrideLocks", "s3:BypassGovernanceRetention", objects),
                "Condition": _nobody_but(administrators),
            },
            {
                **_deny(
                    "OnlyAdministratorsWeakenTheBucket",
                    _WHAT_WEAKENS_A_BUCKET,
                    bucket_arn,
                ),
                "Condition": _nobody_but(administrators),
            },
        ]
    )


def log_bucket(
    bucket_arn: pulumi.Input[str], source_arns: Sequence[pulumi.Input[str]], account: pulumi.Input[str]
) -> pulumi.Output[str]:
    """Return the policy of a bucket of access logs: S3 may write the logs of these buckets of this account."""
    return _document(
        [
            *_by_tls_only(bucket_arn),
            {
                "Sid": "AccessLogsOfOurBuckets",
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": pulumi.Output.concat(bucket_arn, "/*"),
                "Condition": {
                    "ArnLike": {"aws:SourceArn": list(source_arns)},
                    "StringEquals": {"aws:SourceAccount": account},
                },
            },
        ]
    )


def replication(
    buckets: Sequence[ReplicatedBucket],
    *,
    region: str,
    key_arn: pulumi.Input[str],
    recovery_region: str,
    recovery_key_arn: pulumi.Input[str],
) -> pulumi.Output[str]:
    """Return what the role of S3's replication may: read these buckets, write their copies, and use the two keys."""
    sources = [bucket.source_arn for bucket in buckets]
    replicas = [bucket.replica_arn for bucket in buckets]
    return _document(
        [
            _allow("ReadConfiguration", ["s3:GetReplicationConfiguration", "s3:ListBucket"], sources),
            _allow(
                "ReadVersions",
                [
                    "s3:GetObjectLegalHold",
                    "s3:GetObjectRetention",
                    "s3:GetObjectVersionAcl",
                    "s3:GetObjectVersionForReplication",
                    "s3:GetObjectVersionTagging",
                ],
                _objects(sources),
            ),
            _allow("WriteCopies", ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"], _objects(replicas)),
            {
                **_allow("DecryptByTheKey", ["kms:Decrypt"], [key_arn]),
                "Condition": _of_these_buckets(region, sources),
            },
            {
                **_allow("EncryptByTheRecoveryKey", ["kms:Encrypt", "kms:GenerateDataKey"], [recovery_key_arn]),
                "Condition": _of_these_buckets(recovery_region, replicas),
            },
        ]
    )


def _document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": _VERSION, "Statement": list(statements)})


def _allow(sid: str, actions: list[str], resources: Sequence[pulumi.Input[str]]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": list(resources)}


def _deny(sid: str, action: str | list[str], resource: Any) -> Statement:  # noqa: ANN401 - an input or a list of them
    return {"Sid": sid, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": action, "Resource": resource}


def _by_tls_only(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    resources = [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")]
    return [
        {**_deny("OnlyByTls", "s3:*", resources), "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {
            **_deny("OnlyByRecentTls", "s3:*", resources),
            "Condition": {"NumericLessThan": {"s3:TlsVersion": str(_LEAST_TLS)}},
        },
    ]


def _nobody_but(administrators: Sequence[str]) -> dict[str, Any]:
    return {"ArnNotLike": {"aws:PrincipalArn": list(administrators)}}


def _objects(arns: Sequence[pulumi.Input[str]]) -> list[pulumi.Output[str]]:
    return [pulumi.Output.concat(arn, "/*") for arn in arns]


def _of_these_buckets(region: str, arns: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    """Return the condition that S3 asks for the sake of these buckets; with bucket keys it names the bucket."""
    return {
        "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [*arns, *_objects(arns)]},
    }
