"""Roles, users and data keys as resources."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, Final, Literal

from typing_extensions import override

from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context
from plugins.walletdb.mongo_base import MongoObject, Target, changed
from walletdb.mongodb import access, data_keys
from walletdb.mongodb.connection import Client

__all__ = ["MongoDataKey", "MongoRole", "MongoUser"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RoleInputs(Target):
    """Inputs of `MongoRole`."""

    database: str
    name: str
    privileges: tuple[access.Privilege, ...]
    roles: tuple[access.GrantedRole, ...]

    @property
    def spec(self) -> access.RoleSpec:
        """The role itself."""
        return access.RoleSpec(database=self.database, name=self.name, privileges=self.privileges, roles=self.roles)


class MongoRole(MongoObject):
    """A role. Privileges that somebody changed by hand are found by a refresh and set back by the next update."""

    token = "walletdb:index:MongoRole"
    noun = "role"
    kind = RoleInputs
    identity = ("database", "name")

    @override
    def id_of(self, declared: RoleInputs) -> str:
        return f"{declared.database}.{declared.name}"

    @override
    def ensure(self, client: Client, declared: RoleInputs, state: Props, ctx: Context) -> Props:
        access.ensure_role(client, declared.spec)
        return {}

    @override
    def found(self, client: Client, declared: RoleInputs, state: Props) -> Props | None:
        differences = access.role_differences(client, declared.spec)
        return None if differences is None else {"status": changed(differences)}

    @override
    def remove(self, client: Client, declared: RoleInputs, state: Props, ctx: Context) -> None:
        access.drop_role(client, declared.spec)


@dataclasses.dataclass(frozen=True, kw_only=True)
class UserInputs(Target):
    """Inputs of `MongoUser`."""

    database: str
    name: str
    password: str = dataclasses.field(repr=False)
    roles: tuple[access.GrantedRole, ...]

    @property
    def spec(self) -> access.UserSpec:
        """The user itself."""
        return access.UserSpec(database=self.database, name=self.name, password=self.password, roles=self.roles)


class MongoUser(MongoObject):
    """A user with a password. A refresh authenticates as the user, so that a password set by hand is found."""

    token = "walletdb:index:MongoUser"
    noun = "user"
    kind = UserInputs
    identity = ("database", "name")
    secrets = frozenset({"password"})

    @override
    def check_whole(self, declared: UserInputs) -> list[CheckFailure]:
        return [] if declared.password else [CheckFailure("password", "is empty; allowed is any other text")]

    @override
    def id_of(self, declared: UserInputs) -> str:
        return f"{declared.database}.{declared.name}"

    @override
    def ensure(self, client: Client, declared: UserInputs, state: Props, ctx: Context) -> Props:
        access.ensure_user(client, declared.spec)
        return {}

    @override
    def found(self, client: Client, declared: UserInputs, state: Props) -> Props | None:
        differences = access.user_differences(client, declared.connection, declared.spec)
        return None if differences is None else {"status": changed(differences)}

    @override
    def remove(self, client: Client, declared: UserInputs, state: Props, ctx: Context) -> None:
        access.drop_user(client, declared.spec)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataKeyInputs(Target):
    """Inputs of `MongoDataKey`."""

    key_vault_database: str
    key_vault_collection: str
    name: str
    kms_provider: Literal["local", "aws"]
    local_master_key: str = dataclasses.field(repr=False)
    aws_key_arn: str
    aws_region: str
    allow_drop: bool

    @property
    def spec(self) -> data_keys.DataKeySpec:
        """The data key itself."""
        return data_keys.DataKeySpec(
            key_vault_database=self.key_vault_database,
            key_vault_collection=self.key_vault_collection,
            name=self.name,
            kms_provider=self.kms_provider,
            local_master_key=self.local_master_key,
            aws_key_arn=self.aws_key_arn,
            aws_region=self.aws_region,
        )


_MASTER: Final = {"kmsProvider": "kmsProvider", "localMasterKey": "the local master key", "awsKeyArn": "awsKeyArn"}
"""Inputs that say which master key closes the data key, and what a message calls them."""


class MongoDataKey(MongoObject):
    """A data key of field-level encryption. It is never made anew: what it encrypted could no longer be read."""

    token = "walletdb:index:MongoDataKey"
    noun = "data key"
    kind = DataKeyInputs
    identity = ("keyVaultDatabase", "keyVaultCollection", "name")
    secrets = frozenset({"localMasterKey"})
    stable_outputs: ClassVar = ("keyId",)

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        inputs, failures = super().check(olds, news, ctx)
        failures += [
            CheckFailure(
                name,
                f"{said} cannot change: data key {olds.get('name')} is closed with the one before, and what it "
                "encrypted would become unreadable; set the value back, or declare a data key of another name",
            )
            for name, said in _MASTER.items()
            if name in olds and not contains_unknown([olds[name], news.get(name)]) and olds[name] != news.get(name)
            if all(olds.get(same) == news.get(same) for same in self.identity)
        ]
        return inputs, failures

    @override
    def check_whole(self, declared: DataKeyInputs) -> list[CheckFailure]:
        local = declared.kms_provider == "local"
        fault = data_keys.fault_of_master_key(declared.local_master_key) if local else ""
        failures = [CheckFailure("localMasterKey", fault)] if fault else []
        if not local and declared.local_master_key:
            failures.append(CheckFailure("localMasterKey", "must be empty with kmsProvider aws"))
        for name, value in (("awsKeyArn", declared.aws_key_arn), ("awsRegion", declared.aws_region)):
            if local and value:
                failures.append(CheckFailure(name, f"got '{value}'; must be empty with kmsProvider local"))
            if not local and not value:
                failures.append(CheckFailure(name, "is empty; kmsProvider aws needs it"))
        return failures

    @override
    def id_of(self, declared: DataKeyInputs) -> str:
        return f"{declared.spec.vault}.{declared.name}"

    @override
    def ensure(self, client: Client, declared: DataKeyInputs, state: Props, ctx: Context) -> Props:
        return {"keyId": data_keys.ensure(client, declared.spec)}

    @override
    def found(self, client: Client, declared: DataKeyInputs, state: Props) -> Props | None:
        differences = data_keys.differences(client, declared.spec)
        return None if differences is None else {"status": changed(differences)}

    @override
    def remove(self, client: Client, declared: DataKeyInputs, state: Props, ctx: Context) -> None:
        data_keys.drop(client, declared.spec, allowed=declared.allow_drop)
