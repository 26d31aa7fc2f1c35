"""Names on the wire: the type tokens the rules read, and what is derived from a type and a URN."""

from typing import Final

__all__ = [
    "DATA_GUARD",
    "DEFAULT_PRIVILEGES",
    "ETCD",
    "GRANT",
    "GRANT_ROLE",
    "HAPROXY",
    "MONGOD_MEMBER",
    "MONGO_COLLECTION",
    "MONGO_DATA_KEY",
    "MONGO_REPLICA_SET",
    "MONGO_ROLE",
    "MONGO_USER",
    "PATRONI_CLUSTER",
    "PATRONI_MEMBER",
    "PGBOUNCER",
    "POSTGRESQL_DATABASE",
    "POSTGRESQL_PROVIDER",
    "ROLE",
    "SCHEMA",
    "guard_id",
    "stack_of",
    "type_name",
]

DATA_GUARD: Final = "walletdb:index:DataGuard"
ETCD: Final = "walletdb:index:Etcd"
HAPROXY: Final = "walletdb:index:HAProxy"
MONGOD_MEMBER: Final = "walletdb:index:MongodMember"
MONGO_COLLECTION: Final = "walletdb:index:MongoCollection"
MONGO_DATA_KEY: Final = "walletdb:index:MongoDataKey"
MONGO_REPLICA_SET: Final = "walletdb:index:MongoReplicaSet"
MONGO_ROLE: Final = "walletdb:index:MongoRole"
MONGO_USER: Final = "walletdb:index:MongoUser"
PATRONI_CLUSTER: Final = "walletdb:index:PatroniCluster"
PATRONI_MEMBER: Final = "walletdb:index:PatroniMember"
PGBOUNCER: Final = "walletdb:index:PgBouncer"

POSTGRESQL_PROVIDER: Final = "pulumi:providers:postgresql"
POSTGRESQL_DATABASE: Final = "postgresql:index/database:Database"
DEFAULT_PRIVILEGES: Final = "postgresql:index/defaultPrivileges:DefaultPrivileges"
GRANT: Final = "postgresql:index/grant:Grant"
GRANT_ROLE: Final = "postgresql:index/grantRole:GrantRole"
ROLE: Final = "postgresql:index/role:Role"
SCHEMA: Final = "postgresql:index/schema:Schema"


def type_name(resource_type: str) -> str:
    """Return the last part of a type: `Role` of `postgresql:index/role:Role`."""
    return resource_type.rsplit(":", 1)[-1]


def guard_id(resource_type: str, name: str) -> str:
    """Return the id under which `DataGuard` knows a resource: the type's last part, a colon, the resource's name.

    The name is the one in the program (the URN's), so the id stays the same when a server is renamed or replaced:
    `PatroniMember:postgres-1`, `Database:fashion-wallet`.
    """
    return f"{type_name(resource_type)}:{name}"


def stack_of(urn: str) -> str:
    """Return the stack's name of a URN (`urn:pulumi:<stack>::<project>::<type>::<name>`), empty if it is no URN."""
    head = urn.split("::", 1)[0]
    return head.removeprefix("urn:pulumi:") if head.startswith("urn:pulumi:") else ""
