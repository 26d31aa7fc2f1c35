"""What lies inside MongoDB: collections with their indexes, the key of encrypted fields, roles and users.

The same on every substrate. Owns: everything that `documents/` and the access table declare. Does not own: servers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.mongodb.access import KEY_VAULT, KEY_VAULT_DATABASE, ROLES, USERS, CollectionAccess
from components.mongodb.cluster import Cluster
from components.mongodb.documents import CollectionDefinition, IndexDefinition
from components.resources import (
    MongoCollection,
    MongoCollectionArgs,
    MongoDataKey,
    MongoDataKeyArgs,
    MongoIndex,
    MongoIndexArgs,
    MongoRole,
    MongoRoleArgs,
    MongoUser,
    MongoUserArgs,
)

__all__ = ["AUTHENTICATION_DATABASE", "DATA_KEY", "Contents", "ContentsArgs", "MasterKey", "index_resource"]

AUTHENTICATION_DATABASE = "admin"
"""Where users and roles are; MongoDB Atlas knows no other."""
DATA_KEY = "personal"
"""Alternate name of the data key by which personal fields are encrypted."""

# An index on a large collection takes a while; so do the documents that a new validator is compared with.
_TIMEOUT = pulumi.CustomTimeouts(create="30m", update="30m", delete="5m")


@dataclass(frozen=True, kw_only=True, slots=True)
class MasterKey:
    """What encrypts the data keys: `local`, by 96 bytes that the stack keeps as a secret, or `aws`, by a key of KMS."""

    provider: str
    local_key: pulumi.Input[str] = ""
    aws_key_arn: pulumi.Input[str] = ""
    aws_region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContentsArgs:
    """Arguments of `Contents`."""

    cluster: Cluster
    database: str
    collections: Sequence[CollectionDefinition]
    passwords: Mapping[str, pulumi.Output[str]]
    master_key: MasterKey
    allow_data_loss: Sequence[str]
    """Ids of collections (`MongoCollection:designs`) that may be dropped with their documents, and of the data key."""
    protect: bool
    declare_access: bool = True
    """False: roles and users are made through an interface of the service's own (`atlas_access.py`), and not here."""


def index_resource(collection: str, index: IndexDefinition) -> str:
    """Return the name of an index in the program: `designs-userId_1_status_1`.

    MongoDB has one index for text in a collection, whatever its fields: it is `designs-text`, so that one with other
    fields is a replacement and not another index beside it.
    """
    text = any(order == "text" for _, order in index.keys)
    return f"{collection}-{'text' if text else index.default_name}"


class Contents(pulumi.ComponentResource):
    """A database that services can use."""

    made: list[pulumi.Resource]
    """All that was declared."""

    def __init__(self, name: str, args: ContentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare what lies inside."""
        super().__init__("fashionwallet:mongodb:Contents", name, None, opts)
        self._args = args
        self._connection = {
            "uri": args.cluster.admin.uri,
            "ca_file": args.cluster.admin.ca_file,
            "certificate_key_file": args.cluster.admin.certificate_key_file,
        }
        self.made = [
            *(made for definition in args.collections for made in self._create_collection(definition)),
            self._create_data_key(),
            *(self._create_access() if args.declare_access else ()),
        ]
        self.register_outputs({})

    def _create_collection(self, definition: CollectionDefinition) -> list[pulumi.Resource]:
        collection = MongoCollection(
            definition.name,
            MongoCollectionArgs(
                **self._connection,
                database=self._args.database,
                name=definition.name,
                schema=definition.schema,
                validation_level=definition.validation_level,
                validation_action=definition.validation_action,
                allow_drop=f"MongoCollection:{definition.name}" in self._args.allow_data_loss,
            ),
            self._options(protect=self._args.protect),
        )
        return [collection, *(self._create_index(definition, index, collection) for index in definition.indexes)]

    def _create_index(
        self, definition: CollectionDefinition, index: IndexDefinition, collection: MongoCollection
    ) -> MongoIndex:
        return MongoIndex(
            index_resource(definition.name, index),
            MongoIndexArgs(
                **self._connection,
                database=self._args.database,
                collection=definition.name,
                keys=[{"field": field, "order": order} for field, order in index.keys],
                unique=index.unique,
                sparse=index.sparse,
                expire_after_seconds=index.expire_after_seconds,
                partial_filter=index.partial_filter or None,
                weights=index.weights or None,
            ),
            self._options(after=[collection]),
        )

    def _create_data_key(self) -> MongoDataKey:
        key = self._args.master_key
        return MongoDataKey(
            DATA_KEY,
            MongoDataKeyArgs(
                **self._connection,
                key_vault_database=KEY_VAULT_DATABASE,
                key_vault_collection=KEY_VAULT,
                name=DATA_KEY,
                kms_provider=key.provider,
                local_master_key=key.local_key,
                aws_key_arn=key.aws_key_arn,
                aws_region=key.aws_region,
                allow_drop=f"MongoDataKey:{DATA_KEY}" in self._args.allow_data_loss,
            ),
            self._options(protect=self._args.protect),
        )

    def _create_access(self) -> list[pulumi.Resource]:
        roles: dict[str, MongoRole] = {}
        for role in ROLES:
            roles[role.name] = MongoRole(
                f"mongodb-role-{role.name}",
                MongoRoleArgs(
                    **self._connection,
                    database=AUTHENTICATION_DATABASE,
                    name=role.name,
                    privileges=[self._privilege(access) for access in role.access],
                    roles=[_role(name) for name in role.includes],
                ),
                self._options(after=[roles[name] for name in role.includes]),
            )
        users = [
            MongoUser(
                f"mongodb-user-{user.name}",
                MongoUserArgs(
                    **self._connection,
                    database=AUTHENTICATION_DATABASE,
                    name=user.name,
                    password=self._args.passwords[user.name],
                    roles=[_role(user.role)],
                ),
                self._options(after=[roles[user.role]]),
            )
            for user in USERS
        ]
        return [*roles.values(), *users]

    def _privilege(self, access: CollectionAccess) -> dict[str, Any]:
        database = KEY_VAULT_DATABASE if access.key_vault else self._args.database
        return {"database": database, "collection": access.collection, "actions": list(access.actions)}

    def _options(self, after: Sequence[pulumi.Resource] = (), *, protect: bool = False) -> pulumi.ResourceOptions:
        cluster = self._args.cluster
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=[*cluster.ready, *after],
            # Where the servers go, nothing need be taken out of them before.
            deleted_with=cluster.server,
            protect=protect,
            custom_timeouts=_TIMEOUT,
        )


def _role(name: str) -> dict[str, str]:
    return {"role": name, "database": AUTHENTICATION_DATABASE}
