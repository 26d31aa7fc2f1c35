"""KMS: keys, their replicas in other regions, aliases."""

import json
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Final

from botocore.exceptions import ClientError

from plugins.aws.clients import Aws, code_of, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import UNKNOWN, CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "Alias", "Key", "ReplicaKey"]

_GONE: Final = "NotFoundException"
_PENDING: Final = ("PendingDeletion", "PendingReplicaDeletion")
_WINDOW: Final = Field(kind="number", default=30, least=7, most=30, local=True)
_DESCRIPTION: Final = Field(kind="text", unset="")
_POLICY: Final = Field(kind="json")


def _lock_out(inputs: Props) -> list[CheckFailure]:
    """Refuse a policy that nobody could ever change again, as KMS does and the emulator does not."""
    policy = inputs.get("policy")
    if policy is None or policy is UNKNOWN:
        return []
    statements = json.loads(policy).get("Statement", [])
    actions = [
        action
        for one in (statements if isinstance(statements, list) else [statements])
        if one.get("Effect") == "Allow"
        for action in ([one["Action"]] if isinstance(one.get("Action"), str) else one.get("Action", []))
    ]
    if any(fnmatchcase("kms:PutKeyPolicy", action) for action in actions):
        return []
    reason = "policy: lets nobody change it again, which KMS refuses. Allow kms:PutKeyPolicy to whoever runs updates"
    return [CheckFailure("policy", reason)]


def _described(kms: Any, id_: str) -> Props | None:
    """Return the metadata of a key; one that waits for its deletion is gone, as the official plugin has it."""
    answer = unless_gone(lambda: kms.describe_key(KeyId=id_), _GONE)
    if answer is None or answer["KeyMetadata"]["KeyState"] in _PENDING:
        return None
    return dict(answer["KeyMetadata"])


def _common(kms: Any, key: Props) -> Props:
    tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
    return {
        "arn": key["Arn"],
        "description": key.get("Description") or "",
        "keyId": key["KeyId"],
        "keyUsage": key["KeyUsage"],
        "policy": kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"],
        "tags": as_map(tags, "TagKey", "TagValue"),
    }


def _apply(kms: Any, id_: str, state: Props, news: Props, *, enabled: bool) -> None:
    """Bring what keys and replicas share to what is wanted."""
    kms.update_key_description(KeyId=id_, Description=news.get("description", ""))
    if news.get("policy"):
        kms.put_key_policy(KeyId=id_, PolicyName="default", Policy=news["policy"])
    if enabled:
        kms.enable_key(KeyId=id_)
    else:
        kms.disable_key(KeyId=id_)
    put, gone = changes(state.get("tags"), news.get("tags"))
    if put:
        kms.tag_resource(KeyId=id_, Tags=as_list(put, "TagKey", "TagValue"))
    if gone:
        kms.untag_resource(KeyId=id_, TagKeys=gone)


def _schedule_deletion(kms: Any, id_: str, state: Props) -> None:
    if _described(kms, id_) is not None:
        kms.schedule_key_deletion(KeyId=id_, PendingWindowInDays=state.get("deletionWindowInDays") or 30)


class Key(Entity):
    """`aws:kms/key:Key`. Deleting one schedules its deletion; until then it may be brought back."""

    token = "aws:kms/key:Key"
    noun = "key"
    # The emulator takes any period and gives none back.
    kept = frozenset({"rotationPeriodInDays"})
    fields: ClassVar[Fields] = {
        "customerMasterKeySpec": Field(kind="text", default="SYMMETRIC_DEFAULT", replaces=True),
        "deletionWindowInDays": _WINDOW,
        "description": _DESCRIPTION,
        "enableKeyRotation": Field(kind="flag", default=False),
        "isEnabled": Field(kind="flag", default=True),
        "keyUsage": Field(kind="text", default="ENCRYPT_DECRYPT", replaces=True),
        "multiRegion": Field(kind="flag", default=False, replaces=True),
        "policy": _POLICY,
        "rotationPeriodInDays": Field(kind="number", least=90, most=2560),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text", "keyId": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse to be locked out."""
        return _lock_out(inputs)

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the key."""
        policy = {"Policy": inputs["policy"]} if inputs.get("policy") else {}
        made = aws.client("kms").create_key(
            Description=inputs.get("description", ""),
            KeySpec=inputs["customerMasterKeySpec"],
            KeyUsage=inputs["keyUsage"],
            MultiRegion=inputs["multiRegion"],
            Tags=as_list(inputs.get("tags"), "TagKey", "TagValue"),
            **policy,
        )
        return made["KeyMetadata"]["KeyId"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Turn rotation on, and the key off where it is wanted so."""
        kms = aws.client("kms")
        self._rotate(kms, id_, inputs)
        if not inputs["isEnabled"]:
            kms.disable_key(KeyId=id_)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the key, its policy, its rotation and its tags."""
        kms = aws.client("kms")
        key = _described(kms, id_)
        if key is None:
            return None
        return {
            **_common(kms, key),
            "customerMasterKeySpec": key["KeySpec"],
            "enableKeyRotation": kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"],
            "isEnabled": key["Enabled"],
            "multiRegion": key["MultiRegion"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change rotation, description, policy, state and tags."""
        kms = aws.client("kms")
        self._rotate(kms, id_, news)
        _apply(kms, id_, state, news, enabled=news["isEnabled"])

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Schedule the deletion."""
        _schedule_deletion(aws.client("kms"), id_, state)

    def _rotate(self, kms: Any, id_: str, inputs: Props) -> None:
        if inputs["enableKeyRotation"]:
            period = inputs.get("rotationPeriodInDays")
            kms.enable_key_rotation(KeyId=id_, **({"RotationPeriodInDays": period} if period else {}))
        else:
            kms.disable_key_rotation(KeyId=id_)


class ReplicaKey(Entity):
    """`aws:kms/replicaKey:ReplicaKey`: a multi-region key of another region, in this one, under the same id."""

    token = "aws:kms/replicaKey:ReplicaKey"
    noun = "replica of a key"
    fields: ClassVar[Fields] = {
        "deletionWindowInDays": _WINDOW,
        "description": _DESCRIPTION,
        "enabled": Field(kind="flag", default=True),
        "policy": _POLICY,
        "primaryKeyArn": Field(kind="text", required=True, replaces=True),
        "tags": TAGS,
    }
    outputs: ClassVar = {
        "arn": "text",
        "keyId": "text",
        "keyRotationEnabled": "flag",
        "keySpec": "text",
        "keyUsage": "text",
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse to be locked out."""
        return _lock_out(inputs)

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Ask the primary's region to replicate the key into this one."""
        primary = str(inputs["primaryKeyArn"])
        region, key = primary.split(":")[3], primary.rpartition("/")[2]
        metadata = _described(aws.at(region).client("kms"), key)
        if metadata is None:
            raise ProviderError(f"primaryKeyArn: there is no key {primary}")
        if not metadata["MultiRegion"]:
            raise ProviderError(f"primaryKeyArn: {primary} is no multi-region key. Set its multiRegion to true")
        if _described(aws.client("kms"), key) is not None:
            raise ProviderError(f"primaryKeyArn: {primary} has a replica in {aws.region} already. Import it")
        aws.at(region).client("kms").replicate_key(KeyId=key, ReplicaRegion=aws.region)
        return key, {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Give it what is its own: the emulator copies these from the primary."""
        kms = aws.client("kms")
        copied = as_map(kms.list_resource_tags(KeyId=id_)["Tags"], "TagKey", "TagValue")
        _apply(kms, id_, {"tags": copied}, inputs, enabled=inputs["enabled"])

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Ask for the replica in this region."""
        kms = aws.client("kms")
        key = _described(kms, id_)
        if key is None:
            return None
        primary = key.get("MultiRegionConfiguration", {}).get("PrimaryKey", {}).get("Arn")
        return {
            **_common(kms, key),
            "enabled": key["Enabled"],
            "keyRotationEnabled": kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"],
            "keySpec": key["KeySpec"],
            "primaryKeyArn": primary or wanted.get("primaryKeyArn"),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change description, policy, state and tags."""
        _apply(aws.client("kms"), id_, state, news, enabled=news["enabled"])

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Schedule the deletion of the replica alone."""
        _schedule_deletion(aws.client("kms"), id_, state)


class Alias(Entity):
    """`aws:kms/alias:Alias`. Its id is its name."""

    token = "aws:kms/alias:Alias"
    noun = "alias"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", replaces=True),
        "targetKeyId": Field(kind="text", required=True),
    }
    outputs: ClassVar = {"arn": "text", "targetKeyArn": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the alias.

        The emulator shares a key's aliases with its replicas: one that points to the very key counts as made.
        """
        kms = aws.client("kms")
        try:
            kms.create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        except ClientError as error:
            key = _described(kms, inputs["targetKeyId"])
            shared = key is not None and key["MultiRegion"] and self._target(kms, inputs["name"]) == key["KeyId"]
            if code_of(error) != "AlreadyExistsException" or not shared:
                raise
        return inputs["name"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Look for the alias among those of the region; the target is spelled as it is wanted, by id or ARN."""
        kms = aws.client("kms")
        target = self._target(kms, id_)
        key = _described(kms, target) if target else None
        if key is None:
            return None
        asked = str(wanted.get("targetKeyId", ""))
        return {
            "arn": aws.arn("kms", id_),
            "name": id_,
            "targetKeyArn": key["Arn"],
            "targetKeyId": asked if asked in (key["KeyId"], key["Arn"]) else key["KeyId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Point it to another key."""
        aws.client("kms").update_alias(AliasName=id_, TargetKeyId=news["targetKeyId"])

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the alias."""
        kms = aws.client("kms")
        unless_gone(lambda: kms.delete_alias(AliasName=id_), _GONE)

    def _target(self, kms: Any, name: str) -> str | None:
        for page in kms.get_paginator("list_aliases").paginate():
            for alias in page["Aliases"]:
                if alias["AliasName"] == name:
                    return str(alias.get("TargetKeyId", "")) or None
        return None


ENTITIES: Final[tuple[type[Entity], ...]] = (Alias, Key, ReplicaKey)
