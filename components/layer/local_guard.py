"""Which resources hold data, what would lose it, and how clusters keep it: the inputs of `DataGuard`."""

from collections.abc import Iterable
from typing import Any

from components.host.local import ETCD
from components.mongodb.contents import DATA_KEY
from components.mongodb.documents import CollectionDefinition
from components.mongodb.local import NAME as MONGODB
from components.mongodb.local import members as mongodb_members
from components.postgres.definition import ClusterDefinition
from settings import Settings

__all__ = ["MASTER_KEY", "durability", "stateful_resources"]

MASTER_KEY = "fashion-wallet-field-encryption"
"""Name of the password that is the master key of encrypted fields."""


def stateful_resources(
    directory: str,
    clusters: Iterable[ClusterDefinition],
    settings: Settings,
    collections: Iterable[CollectionDefinition],
) -> dict[str, str]:
    """Return `Type:resource name` → a text of the inputs that decide which data it is.

    When the text of a resource changes, the resource would begin anew, without its data.
    """
    stateful = {f"Etcd:{ETCD}": f"directory={directory} name={ETCD}"}
    for cluster in clusters:
        where = f"directory={directory} scope={cluster.name}"
        stateful[f"PatroniCluster:{cluster.name}"] = where
        stateful |= {f"PatroniMember:{member}": f"{where} name={member}" for member in cluster.member_names}
        database = cluster.settings.database
        stateful[f"Database:{database}"] = f"{where} name={database}"
    return stateful | _documents(directory, settings, collections)


def _documents(directory: str, settings: Settings, collections: Iterable[CollectionDefinition]) -> dict[str, str]:
    where = f"directory={directory} set={MONGODB}"
    stateful = {f"MongoReplicaSet:{MONGODB}": where}
    stateful |= {f"MongodMember:{member.name}": f"{where} name={member.name}" for member in mongodb_members(settings)}
    database = settings.mongodb.database
    stateful |= {f"MongoCollection:{one.name}": f"{where} database={database} name={one.name}" for one in collections}
    # Without the keys, what they encrypted is as good as gone.
    return stateful | {f"MongoDataKey:{DATA_KEY}": f"{where} name={DATA_KEY}", f"RandomPassword:{MASTER_KEY}": where}


def durability(clusters: Iterable[ClusterDefinition]) -> dict[str, dict[str, Any]]:
    """Return, by scope, what the policies want of a cluster; the names are those of `PatroniCluster`'s inputs."""
    return {
        cluster.name: {
            "members": list(cluster.member_names),
            "synchronousStandbys": cluster.settings.synchronous_standbys,
        }
        for cluster in clusters
    }
