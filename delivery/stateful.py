"""Which types hold data, and what is lost with one: the one list behind the loud part of every comment."""

from collections.abc import Mapping
from typing import Final

__all__ = ["HOLDS_DATA", "held_by"]

_DATABASE: Final = "a database and everything in it"
_COPY: Final = "a server's data; the other members keep theirs, if there are any and they are well"
_KEY: Final = "a key: what it encrypted cannot be read again, backups included"

HOLDS_DATA: Final[Mapping[str, str]] = {
    "aws:rds/instance:Instance": "a database server and every database on it",
    "aws:rds/cluster:Cluster": "a database cluster and every database on it",
    "aws:s3/bucket:Bucket": "a bucket with every object in it: dumps and archived write-ahead log",
    "aws:s3/bucketV2:BucketV2": "a bucket with every object in it: dumps and archived write-ahead log",
    "aws:kms/key:Key": _KEY,
    "aws:kms/replicaKey:ReplicaKey": _KEY,
    "aws:backup/vault:Vault": "a vault with every recovery point in it",
    "aws:secretsmanager/secret:Secret": "a secret that services log in with",
    "mongodbatlas:index/advancedCluster:AdvancedCluster": "a cluster and every collection in it",
    "mongodbatlas:index/project:Project": "a project with every cluster in it",
    "kubernetes:postgresql.cnpg.io/v1:Cluster": "a database cluster and every database on it",
    "kubernetes:core/v1:PersistentVolumeClaim": "a volume and what is on it",
    "kubernetes:core/v1:Namespace": "a namespace with every volume claim in it",
    "postgresql:index/database:Database": _DATABASE,
    "postgresql:index/schema:Schema": "a schema and every table in it",
    "walletdb:index:Supervisor": "the folder of a stack with all its servers' data",
    "walletdb:index:Etcd": "who the leader is, and the history of that",
    "walletdb:index:PatroniCluster": "a cluster and every database on it",
    "walletdb:index:PatroniMember": _COPY,
    "walletdb:index:MongoReplicaSet": "a replica set and every collection in it",
    "walletdb:index:MongodMember": _COPY,
    "walletdb:index:MongoCollection": "a collection and every document in it",
    "walletdb:index:MongoDataKey": _KEY,
    "walletdb:index:RandomPassword": "a password, or the master key of encrypted fields",
    "walletdb:index:CertificateAuthority": "the key that signs every certificate",
}
"""Type token → what is lost when a resource of it is replaced or deleted."""


def held_by(kind: str) -> str:
    """What a resource of this type holds; empty where it holds no data.

    Kubernetes' custom resources are known under any version of their group.
    """
    if found := HOLDS_DATA.get(kind):
        return found
    for known, what in HOLDS_DATA.items():
        group, slash, rest = known.partition("/")
        same_kind = kind.rpartition(":")[2] == rest.rpartition(":")[2]
        if slash and known.startswith("kubernetes:") and kind.startswith(f"{group}/") and same_kind:
            return what
    return ""
