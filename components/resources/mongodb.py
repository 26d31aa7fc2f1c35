"""Resources of what lies inside MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.resources.base import WalletdbResource

__all__ = [
    "MongoCollection",
    "MongoCollectionArgs",
    "MongoDataKey",
    "MongoDataKeyArgs",
    "MongoIndex",
    "MongoIndexArgs",
    "MongoInputs",
    "MongoRole",
    "MongoRoleArgs",
    "MongoUser",
    "MongoUserArgs",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class MongoInputs:
    """Inputs of every resource inside MongoDB; hosts in `uri` may change at any time."""

    uri: pulumi.Input[str]
    ca_file: pulumi.Input[str] = ""
    """Authorities to trust; empty: those of the machine, where the URI asks for TLS."""
    certificate_key_file: pulumi.Input[str] = ""
    """The client's certificate and key in one file; without a user in `uri` its subject is the user."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MongoCollectionArgs(MongoInputs):
    """Inputs of `MongoCollection`."""

    database: pulumi.Input[str]
    name: pulumi.Input[str]
    schema: Mapping[str, Any]
    """MongoDB's $jsonSchema."""
    validation_level: str = "strict"
    """`strict`, `moderate` (documents that break the schema already may still be updated) or `off`."""
    validation_action: str = "error"
    """`error` or `warn`."""
    allow_drop: bool = False
    """True: it may be dropped with its documents."""


class MongoCollection(WalletdbResource):
    """A collection with its validator, which changes in place."""

    _outputs = ("status",)

    def __init__(self, name: str, args: MongoCollectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the collection."""
        super().__init__(name, args, opts)


@dataclass(frozen=True, kw_only=True, slots=True)
class MongoIndexArgs(MongoInputs):
    """Inputs of `MongoIndex`."""

    database: pulumi.Input[str]
    collection: pulumi.Input[str]
    keys: Sequence[Mapping[str, str | int]]
    """In their order, each as `field` and `order` (1, -1, `text`, `2d`, `2dsphere`, `hashed`)."""
    unique: bool = False
    sparse: bool = False
    expire_after_seconds: int | None = None
    """Documents go so long after the date in the key; omitted, they stay."""
    partial_filter: Mapping[str, Any] | None = None
    """Only documents that it selects are in the index; omitted, all are."""
    weights: Mapping[str, int] | None = None
    """Of the fields of a text index; omitted, each weighs 1."""


class MongoIndex(WalletdbResource):
    """An index, replaced by a new one beside it where MongoDB cannot change it in place."""

    _outputs = ("indexName", "status")

    def __init__(self, name: str, args: MongoIndexArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the index."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="indexName")
    def index_name(self) -> pulumi.Output[str]:
        """Name of the index in MongoDB."""
        return self._output("indexName")


@dataclass(frozen=True, kw_only=True, slots=True)
class MongoRoleArgs(MongoInputs):
    """Inputs of `MongoRole`."""

    database: pulumi.Input[str]
    """Where the role is defined."""
    name: pulumi.Input[str]
    privileges: Sequence[Mapping[str, Any]]
    """Each as `database`, `collection` (empty: every one) and `actions`."""
    roles: Sequence[Mapping[str, pulumi.Input[str]]] = ()
    """Roles that it includes, each as `role` and `database`."""


class MongoRole(WalletdbResource):
    """A role."""

    _outputs = ("status",)

    def __init__(self, name: str, args: MongoRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the role."""
        super().__init__(name, args, opts)


@dataclass(frozen=True, kw_only=True, slots=True)
class MongoUserArgs(MongoInputs):
    """Inputs of `MongoUser`."""

    database: pulumi.Input[str]
    """The database that the user authenticates against."""
    name: pulumi.Input[str]
    password: pulumi.Input[str]
    """Secret."""
    roles: Sequence[Mapping[str, pulumi.Input[str]]]
    """Each as `role` and `database`."""


class MongoUser(WalletdbResource):
    """A user with a password (SCRAM-SHA-256), which changes in place."""

    _outputs = ("status",)
    _secrets = ("password",)

    def __init__(self, name: str, args: MongoUserArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the user."""
        super().__init__(name, args, opts)


@dataclass(frozen=True, kw_only=True, slots=True)
class MongoDataKeyArgs(MongoInputs):
    """Inputs of `MongoDataKey`."""

    key_vault_database: str
    key_vault_collection: str
    name: str
    """The key's alternate name, by which services find it."""
    kms_provider: str
    """`local` or `aws`."""
    local_master_key: pulumi.Input[str] = ""
    """Base64url of 96 bytes; secret; empty with aws."""
    aws_key_arn: pulumi.Input[str] = ""
    aws_region: str = ""
    allow_drop: bool = False
    """True: it may be deleted, and what it encrypted becomes unreadable."""


class MongoDataKey(WalletdbResource):
    """A data key of client-side field-level encryption."""

    _outputs = ("keyId", "status")
    _secrets = ("localMasterKey",)

    def __init__(self, name: str, args: MongoDataKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the data key."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="keyId")
    def key_id(self) -> pulumi.Output[str]:
        """Id of the key, a UUID."""
        return self._output("keyId")
