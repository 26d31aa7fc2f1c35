"""Secrets Manager: secrets, their versions, their policies, their rotation.

moto would start a rotation function in a container, and knows no application that makes one: schedules are kept here.
"""

import json
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, code_of, unless_gone
from plugins.aws.entity import Entity, KeptEntity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import CheckFailure, Context, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "Secret", "SecretPolicy", "SecretRotation", "SecretVersion"]

_GONE: Final = "ResourceNotFoundException"
_WINDOW: Final = (7, 30)
_MOST_DAYS: Final = 1000


class Secret(Entity):
    """`aws:secretsmanager/secret:Secret`. Its id is its ARN."""

    token = "aws:secretsmanager/secret:Secret"
    noun = "secret"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "description": Field(kind="text", unset=""),
        "forceOverwriteReplicaSecret": Field(kind="flag", default=False, local=True),
        "kmsKeyId": Field(kind="text"),
        "name": Field(kind="text", replaces=True),
        "recoveryWindowInDays": Field(kind="number", default=30, least=0, most=30, local=True),
        "replicas": Field(
            kind="objects",
            unset=[],
            fields={"kmsKeyId": Field(kind="text"), "region": Field(kind="text", required=True)},
        ),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse a window that the service does not take, and a replica beside the secret."""
        failures = []
        days = inputs["recoveryWindowInDays"]
        if isinstance(days, int) and days and not _WINDOW[0] <= days <= _WINDOW[1]:
            reason = f"recoveryWindowInDays: got {days}, allowed are 0 and {_WINDOW[0]} to {_WINDOW[1]}"
            failures.append(CheckFailure("recoveryWindowInDays", reason))
        replicas = inputs.get("replicas", [])
        if not contains_unknown(replicas) and inputs["region"] in [one["region"] for one in replicas]:
            failures.append(CheckFailure("replicas", f"replicas: {inputs['region']} is the secret's own region"))
        return failures

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the secret, without a value."""
        made = aws.client("secretsmanager").create_secret(
            Name=inputs["name"],
            Description=inputs.get("description", ""),
            Tags=as_list(inputs.get("tags")),
            **({"KmsKeyId": inputs["kmsKeyId"]} if inputs.get("kmsKeyId") else {}),
        )
        return made["ARN"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Copy it to other regions."""
        _replicate(aws, id_, inputs.get("replicas") or [], force=inputs["forceOverwriteReplicaSecret"])
        self._keep(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the secret; one that is to be deleted is gone."""
        found = _describe(aws, id_)
        if found is None:
            return None
        kept = aws.store.get(self._kind(aws), found["ARN"]) or {}
        keys = {one["region"]: one.get("kmsKeyId") for one in kept.get("replicas", [])}
        regions = [one["Region"] for one in found.get("ReplicationStatus", [])]
        return {
            "arn": found["ARN"],
            "description": found.get("Description") or "",
            "kmsKeyId": found.get("KmsKeyId"),
            "name": found["Name"],
            "replicas": [
                {"region": region, **({"kmsKeyId": keys[region]} if keys.get(region) else {})} for region in regions
            ],
            "tags": as_map(found.get("Tags")),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change description, key, copies and tags."""
        secrets = aws.client("secretsmanager")
        told = {"Description": news.get("description", ""), "KmsKeyId": news.get("kmsKeyId")}
        secrets.update_secret(SecretId=id_, **{key: value for key, value in told.items() if value is not None})
        has = {one["region"] for one in (self.find(aws, id_, state) or {}).get("replicas", [])}
        wanted = news.get("replicas") or []
        gone = sorted(has - {one["region"] for one in wanted})
        if gone:
            secrets.remove_regions_from_replication(SecretId=id_, RemoveReplicaRegions=gone)
        new = [one for one in wanted if one["region"] not in has]
        _replicate(aws, id_, new, force=news["forceOverwriteReplicaSecret"])
        put, untagged = changes(state.get("tags"), news.get("tags"))
        if put:
            secrets.tag_resource(SecretId=id_, Tags=as_list(put))
        if untagged:
            secrets.untag_resource(SecretId=id_, TagKeys=untagged)
        self._keep(aws, id_, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete it, after its window; its copies go first."""
        found = _describe(aws, id_)
        if found is None:
            return
        secrets = aws.client("secretsmanager")
        regions = [one["Region"] for one in found.get("ReplicationStatus", [])]
        if regions:
            secrets.remove_regions_from_replication(SecretId=id_, RemoveReplicaRegions=regions)
        days = state.get("recoveryWindowInDays", _WINDOW[1])
        how: dict[str, Any] = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        secrets.delete_secret(SecretId=id_, **how)
        aws.store.remove(self._kind(aws), id_)

    def _keep(self, aws: Aws, id_: str, inputs: Props) -> None:
        """Keep the keys of the copies, which moto does not tell."""
        aws.store.put(self._kind(aws), id_, {"replicas": inputs.get("replicas") or []})

    def _kind(self, aws: Aws) -> str:
        return f"{self.token}@{aws.region}"


def _describe(aws: Aws, id_: str) -> dict[str, Any] | None:
    secrets = aws.client("secretsmanager")
    found = unless_gone(lambda: secrets.describe_secret(SecretId=id_), _GONE)
    return None if found is None or found.get("DeletedDate") else dict(found)


def _replicate(aws: Aws, id_: str, replicas: list[dict[str, str]], *, force: bool) -> None:
    if not replicas:
        return
    aws.client("secretsmanager").replicate_secret_to_regions(
        SecretId=id_,
        ForceOverwriteReplicaSecret=force,
        AddReplicaRegions=[
            {"Region": one["region"], **({"KmsKeyId": one["kmsKeyId"]} if one.get("kmsKeyId") else {})}
            for one in replicas
        ],
    )


class SecretVersion(Entity):
    """`aws:secretsmanager/secretVersion:SecretVersion`. Its id is `ARN|VERSION`; another value is another version."""

    token = "aws:secretsmanager/secretVersion:SecretVersion"
    noun = "version of a secret"
    fields: ClassVar[Fields] = {
        "secretId": Field(kind="text", required=True, replaces=True),
        "secretString": Field(kind="text", required=True, replaces=True, secret=True),
        "versionStages": Field(kind="set"),
    }
    outputs: ClassVar = {"arn": "text", "hasSecretStringWo": "flag", "secretArn": "text", "versionId": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the value."""
        stages = {"VersionStages": inputs["versionStages"]} if inputs.get("versionStages") else {}
        made = aws.client("secretsmanager").put_secret_value(
            SecretId=inputs["secretId"], SecretString=inputs["secretString"], **stages
        )
        return f"{made['ARN']}|{made['VersionId']}", {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Ask for this very version, whatever came after it."""
        secret, _, version = id_.rpartition("|")
        if _describe(aws, secret) is None:
            return None
        secrets = aws.client("secretsmanager")
        found = unless_gone(lambda: secrets.get_secret_value(SecretId=secret, VersionId=version), _GONE)
        if found is None:
            return None
        return {
            "arn": found["ARN"],
            "hasSecretStringWo": False,
            "secretArn": found["ARN"],
            "secretId": wanted.get("secretId", found["ARN"]),
            "secretString": found.get("SecretString"),
            "versionId": version,
            "versionStages": found.get("VersionStages", []),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Move the stages, the only thing that changes in place."""
        secret, _, version = id_.rpartition("|")
        for stage in news.get("versionStages") or []:
            aws.client("secretsmanager").update_secret_version_stage(
                SecretId=secret, VersionStage=stage, MoveToVersionId=version
            )

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:
        """Leave it: the service removes versions itself, and a secret without its current one would be useless."""


class SecretPolicy(Entity):
    """`aws:secretsmanager/secretPolicy:SecretPolicy`. Its id is the ARN of its secret."""

    token = "aws:secretsmanager/secretPolicy:SecretPolicy"
    noun = "policy of a secret"
    fields: ClassVar[Fields] = {
        "blockPublicPolicy": Field(kind="flag", default=False, local=True),
        "policy": Field(kind="json", required=True),
        "secretArn": Field(kind="text", required=True, replaces=True),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse what lets everybody in, where public policies are blocked: moto looks at none."""
        policy = inputs["policy"]
        if contains_unknown(policy) or inputs["blockPublicPolicy"] is not True:
            return []
        statements = json.loads(policy).get("Statement", [])
        for one in statements if isinstance(statements, list) else [statements]:
            if (
                one.get("Effect") == "Allow"
                and one.get("Principal") in ("*", {"AWS": "*"})
                and not one.get("Condition")
            ):
                reason = f"policy: the statement {one.get('Sid', 'without Sid')} allows everybody. Name who may"
                return [CheckFailure("policy", reason)]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the policy."""
        self._put(aws, inputs)
        return inputs["secretArn"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the policy."""
        if _describe(aws, id_) is None:
            return None
        secrets = aws.client("secretsmanager")
        found = unless_gone(lambda: secrets.get_resource_policy(SecretId=id_), _GONE)
        if not found or not found.get("ResourcePolicy"):
            return None
        return {"policy": found["ResourcePolicy"], "secretArn": id_}

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the new policy over it."""
        self._put(aws, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the policy; it goes with its secret as well."""
        if _describe(aws, id_) is not None:
            unless_gone(lambda: aws.client("secretsmanager").delete_resource_policy(SecretId=id_), _GONE)

    def _put(self, aws: Aws, inputs: Props) -> None:
        # moto does not take the argument that blocks public policies.
        aws.client("secretsmanager").put_resource_policy(SecretId=inputs["secretArn"], ResourcePolicy=inputs["policy"])


class SecretRotation(KeptEntity):
    """`aws:secretsmanager/secretRotation:SecretRotation`. Its id is the ARN of its secret."""

    token = "aws:secretsmanager/secretRotation:SecretRotation"
    noun = "rotation of a secret"
    fields: ClassVar[Fields] = {
        "rotateImmediately": Field(kind="flag", default=True, local=True),
        "rotationLambdaArn": Field(kind="text", required=True),
        "rotationRules": Field(
            kind="object",
            required=True,
            fields={
                "automaticallyAfterDays": Field(kind="number", least=1, most=_MOST_DAYS),
                "duration": Field(kind="text"),
                "scheduleExpression": Field(kind="text"),
            },
        ),
        "secretId": Field(kind="text", required=True, replaces=True),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Want one of the two ways to say when."""
        rules = inputs["rotationRules"]
        if isinstance(rules, dict) and ("automaticallyAfterDays" in rules) == ("scheduleExpression" in rules):
            reason = "rotationRules: allowed is either automaticallyAfterDays or scheduleExpression"
            return [CheckFailure("rotationRules", reason)]
        return []

    def identity(self, aws: Aws, inputs: Props) -> str:
        """Return the secret's ARN, which must be there with a value."""
        secrets = aws.client("secretsmanager")
        try:
            secrets.get_secret_value(SecretId=inputs["secretId"])
        except secrets.exceptions.ClientError as error:
            if code_of(error) == _GONE:
                raise ProviderError(f"secretId: {inputs['secretId']} has no value to rotate") from None
            raise
        return str(inputs["secretId"])


ENTITIES: Final[tuple[type[Entity], ...]] = (Secret, SecretPolicy, SecretRotation, SecretVersion)
