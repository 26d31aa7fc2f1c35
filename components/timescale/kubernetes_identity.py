"""Who a pod is to AWS: a role that one service account, and nobody else, may become; no key is kept anywhere.

Owns: the role, what it may do with one bucket and its key, and the one stored secret that it may read. Does not own:
the bucket, the secret, their keys, the service account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import iam

from components.tags import tags
from settings.cloud.kubernetes import KubernetesSettings
from settings.cloud.tags import TagSettings

__all__ = ["Bucket", "PodRole", "PodRoleArgs", "StoredSecret", "pod_role_name"]

_COMPONENT = "kubernetes"
_AUDIENCE = "sts.amazonaws.com"
_KEY_USE = ("kms:Decrypt", "kms:GenerateDataKey")


def pod_role_name(stack: str, purpose: str) -> str:
    """Return the name of a role; the policy of a secret names it before it is there."""
    return f"fashion-wallet-{stack}-{purpose}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """A bucket, the key of what is in it, and what a pod may do with its objects."""

    name: pulumi.Input[str]
    arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSecret:
    """A secret in Secrets Manager, and the key that encrypts it."""

    arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PodRoleArgs:
    """Arguments of `PodRole`."""

    stack: str
    purpose: str
    """Ends the role's name."""
    settings: KubernetesSettings
    tags: TagSettings
    service_account: str
    bucket: Bucket
    object_actions: Sequence[str]
    """What it may do with objects, say `s3:GetObject`."""
    prefix: str = ""
    """Beginning of the keys that it may touch."""
    secret: StoredSecret | None = None
    """What it may read in Secrets Manager; the secret's own policy has to let it, too."""


class PodRole(pulumi.ComponentResource):
    """A role of IAM for one service account (IRSA)."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PodRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the role and its policy."""
        super().__init__("fashionwallet:timescale:PodRole", name, None, opts)
        role = self._create_role(name, args)
        policy = self._create_policy(name, args, role)
        # Not before it may do anything: a pod that starts sooner would fail and back off.
        self.arn = pulumi.Output.all(role.arn, policy.id).apply(lambda made: str(made[0]))
        self.register_outputs({"arn": self.arn})

    def _create_role(self, name: str, args: PodRoleArgs) -> iam.Role:
        return iam.Role(
            f"{name}-role",
            name=pod_role_name(args.stack, args.purpose),
            assume_role_policy=pulumi.Output.json_dumps(_trust(args)),
            tags=tags(args.stack, args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_policy(self, name: str, args: PodRoleArgs, role: iam.Role) -> iam.RolePolicy:
        return iam.RolePolicy(
            f"{name}-role-policy",
            name=args.purpose,
            role=role.name,
            policy=pulumi.Output.json_dumps(_permissions(args)),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _trust(args: PodRoleArgs) -> dict[str, Any]:
    issuer, namespace = args.settings.oidc_issuer, args.settings.namespace
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": args.settings.oidc_provider_arn},
                "Condition": {
                    "StringEquals": {
                        f"{issuer}:aud": _AUDIENCE,
                        f"{issuer}:sub": f"system:serviceaccount:{namespace}:{args.service_account}",
                    }
                },
            }
        ],
    }


def _permissions(args: PodRoleArgs) -> dict[str, Any]:
    bucket = args.bucket
    inside = {"Condition": {"StringLike": {"s3:prefix": [f"{args.prefix}*"]}}} if args.prefix else {}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "List", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [bucket.arn], **inside},
            {
                "Sid": "Objects",
                "Effect": "Allow",
                "Action": sorted(args.object_actions),
                "Resource": [pulumi.Output.concat(bucket.arn, f"/{args.prefix}*")],
            },
            {"Sid": "Key", "Effect": "Allow", "Action": list(_KEY_USE), "Resource": [bucket.key_arn]},
            *(_reading(args.secret) if args.secret is not None else ()),
        ],
    }


def _reading(secret: StoredSecret) -> tuple[dict[str, Any], ...]:
    """Let the role read one secret; its key decrypts for Secrets Manager alone, and nothing but this secret."""
    service = pulumi.Output.from_input(secret.arn).apply(
        lambda arn: f"secretsmanager.{arn.split(':')[3]}.amazonaws.com"
    )
    only = {"kms:ViaService": service, "kms:EncryptionContext:SecretARN": secret.arn}
    return (
        {
            "Sid": "Password",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [secret.arn],
        },
        {
            "Sid": "PasswordKey",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [secret.key_arn],
            "Condition": {"StringEquals": only},
        },
    )
