"""Policies of the keys, as pure functions: who may manage one, and who may use it for what.

No statement lets anybody both manage a key and decrypt with it. `root` in a principal is not a user: it says that
policies of IAM in this account decide, within what the statement allows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DOMAINS", "Scope", "key_policy"]

DOMAINS = ("relational", "documents", "timeseries", "backups", "secrets", "logs")
"""Kinds of data that have a key of their own."""

Statement = dict[str, Any]

_VERSION = "2012-10-17"
_SERVICES: Mapping[str, Sequence[str]] = {
    "relational": ("rds",),
    "documents": (),
    "timeseries": ("ec2",),
    "backups": ("backup", "rds", "s3"),
    "secrets": ("secretsmanager",),
    "logs": ("sns",),
}
"""Services of AWS that encrypt a domain's data on behalf of whoever calls them."""
_LOG_GROUPS = ("/fashion-wallet/*", "/aws/rds/*", "/aws/lambda/*", "RDSOSMetrics")
_PUBLISHERS = ("backup", "cloudwatch", "events", "events.rds")
"""Services that send alerts to topics which the key of `logs` encrypts."""

_MANAGE = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
)
_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Where a key is and who is known there."""

    account: str
    region: str
    administrators: Sequence[str] = ()
    """ARNs of roles. None: the account's IAM policies decide."""
    users: Sequence[str] = field(default=())
    """ARNs of roles that encrypt and decrypt with the key itself, not through a service of AWS."""

    @property
    def root(self) -> str:
        """Return the principal by which IAM's policies decide."""
        return f"arn:aws:iam::{self.account}:root"


def key_policy(domain: str, scope: Scope) -> dict[str, Any]:
    """Return the policy of the key of a domain in a region."""
    statements = [_manage(scope), *_through_services(domain, scope), *_by_users(scope)]
    if domain == "logs":
        statements += [_log_groups(scope), _alerts(scope)]
    return {"Version": _VERSION, "Statement": statements}


def _manage(scope: Scope) -> Statement:
    return {
        "Sid": "Manage",
        "Effect": "Allow",
        "Principal": {"AWS": sorted(scope.administrators) or scope.root},
        "Action": list(_MANAGE),
        "Resource": "*",
    }


def _through_services(domain: str, scope: Scope) -> list[Statement]:
    """Let the services of a domain use the key for callers of this account, and pass it on to what they run."""
    services = _SERVICES[domain]
    if not services:
        return []
    through = {
        "StringEquals": {
            "kms:CallerAccount": scope.account,
            "kms:ViaService": [f"{service}.{scope.region}.amazonaws.com" for service in services],
        }
    }
    return [
        {
            "Sid": "UseThroughServices",
            "Effect": "Allow",
            "Principal": {"AWS": scope.root},
            "Action": list(_USE),
            "Resource": "*",
            "Condition": through,
        },
        {
            "Sid": "GrantToServices",
            "Effect": "Allow",
            "Principal": {"AWS": scope.root},
            "Action": ["kms:CreateGrant", "kms:ListGrants"],
            "Resource": "*",
            "Condition": {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def _by_users(scope: Scope) -> list[Statement]:
    if not scope.users:
        return []
    return [
        {
            "Sid": "UseByRoles",
            "Effect": "Allow",
            "Principal": {"AWS": sorted(scope.users)},
            "Action": list(_USE),
            "Resource": "*",
        }
    ]


def _log_groups(scope: Scope) -> Statement:
    groups = f"arn:aws:logs:{scope.region}:{scope.account}:log-group:"
    return {
        "Sid": "LogGroups",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{scope.region}.amazonaws.com"},
        "Action": list(_USE),
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": [f"{groups}{name}" for name in _LOG_GROUPS]}},
    }


def _alerts(scope: Scope) -> Statement:
    """Let services publish to encrypted topics. Not all say for which account they do, so the topic is the bound."""
    topics = f"arn:aws:sns:{scope.region}:{scope.account}:fashion-wallet-*"
    return {
        "Sid": "Alerts",
        "Effect": "Allow",
        "Principal": {"Service": [f"{service}.amazonaws.com" for service in _PUBLISHERS]},
        "Action": list(_PUBLISH),
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
    }
