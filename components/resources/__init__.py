"""The resources of the provider plugin `walletdb`, one class each.

Input classes are the published interface: a field `cert_pem` is `certPem` on the wire; keys inside a value (names of
server parameters, say) reach the wire as they are.
"""

from components.resources.certificate_file import CertificateFile, CertificateFileArgs
from components.resources.certificates import (
    Certificate,
    CertificateArgs,
    CertificateAuthority,
    CertificateAuthorityArgs,
    RandomPassword,
    RandomPasswordArgs,
)
from components.resources.host import (
    DataGuard,
    DataGuardArgs,
    Etcd,
    EtcdArgs,
    RuntimeConfig,
    RuntimeConfigArgs,
    Supervisor,
    SupervisorArgs,
)
from components.resources.mongod import (
    MongodMember,
    MongodMemberArgs,
    MongoReplicaSet,
    MongoReplicaSetArgs,
    ReplicaSetMember,
)
from components.resources.mongodb import (
    MongoCollection,
    MongoCollectionArgs,
    MongoDataKey,
    MongoDataKeyArgs,
    MongoIndex,
    MongoIndexArgs,
    MongoInputs,
    MongoRole,
    MongoRoleArgs,
    MongoUser,
    MongoUserArgs,
)
from components.resources.network_path import NetworkPath, NetworkPathArgs
from components.resources.patroni import (
    Member,
    PatroniCluster,
    PatroniClusterArgs,
    PatroniMember,
    PatroniMemberArgs,
)
from components.resources.traffic import (
    HAProxy,
    HAProxyArgs,
    OptionalExtension,
    OptionalExtensionArgs,
    PgBouncer,
    PgBouncerArgs,
)

__all__ = [
    "Certificate",
    "CertificateArgs",
    "CertificateAuthority",
    "CertificateAuthorityArgs",
    "CertificateFile",
    "CertificateFileArgs",
    "DataGuard",
    "DataGuardArgs",
    "Etcd",
    "EtcdArgs",
    "HAProxy",
    "HAProxyArgs",
    "Member",
    "MongoCollection",
    "MongoCollectionArgs",
    "MongoDataKey",
    "MongoDataKeyArgs",
    "MongoIndex",
    "MongoIndexArgs",
    "MongoInputs",
    "MongoReplicaSet",
    "MongoReplicaSetArgs",
    "MongoRole",
    "MongoRoleArgs",
    "MongoUser",
    "MongoUserArgs",
    "MongodMember",
    "MongodMemberArgs",
    "NetworkPath",
    "NetworkPathArgs",
    "OptionalExtension",
    "OptionalExtensionArgs",
    "PatroniCluster",
    "PatroniClusterArgs",
    "PatroniMember",
    "PatroniMemberArgs",
    "PgBouncer",
    "PgBouncerArgs",
    "RandomPassword",
    "RandomPasswordArgs",
    "ReplicaSetMember",
    "RuntimeConfig",
    "RuntimeConfigArgs",
    "Supervisor",
    "SupervisorArgs",
]
