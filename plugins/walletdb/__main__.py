"""Serves the plugin to the Pulumi engine."""

from __future__ import annotations

from plugins.base.resource import Provider
from plugins.base.server import serve
from plugins.walletdb.certificate_file import CertificateFile
from plugins.walletdb.certificates import Certificate, CertificateAuthority
from plugins.walletdb.extension import OptionalExtension
from plugins.walletdb.guard import DataGuard
from plugins.walletdb.host import RuntimeConfig, Supervisor
from plugins.walletdb.mongo_access import MongoDataKey, MongoRole, MongoUser
from plugins.walletdb.mongo_objects import MongoCollection, MongoIndex
from plugins.walletdb.mongod import MongodMember, MongoReplicaSet
from plugins.walletdb.network_path import NetworkPath
from plugins.walletdb.passwords import RandomPassword
from plugins.walletdb.servers import Etcd, HAProxy, PatroniCluster, PatroniMember, PgBouncer

__all__ = ["VERSION", "provider"]

VERSION = "0.1.0"


def provider() -> Provider:
    """The plugin with all its resource types."""
    return Provider(
        name="walletdb",
        version=VERSION,
        resources=[
            Certificate(),
            CertificateAuthority(),
            CertificateFile(),
            DataGuard(),
            Etcd(),
            HAProxy(),
            MongoCollection(),
            MongoDataKey(),
            MongoIndex(),
            MongoReplicaSet(),
            MongoRole(),
            MongoUser(),
            MongodMember(),
            NetworkPath(),
            OptionalExtension(),
            PatroniCluster(),
            PatroniMember(),
            PgBouncer(),
            RandomPassword(),
            RuntimeConfig(),
            Supervisor(),
        ],
    )


if __name__ == "__main__":
    serve(provider())
