"""Which resources hold data, what would lose it, and how clusters keep it: the inputs of `DataGuard`."""

from collections.abc import Iterable
from typing import Any

from components.host.local import ETCD
from components.postgres.definition import ClusterDefinition

__all__ = ["durability", "stateful_resources"]


def stateful_resources(directory: str, clusters: Iterable[ClusterDefinition]) -> dict[str, str]:
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
    return stateful


def durability(clusters: Iterable[ClusterDefinition]) -> dict[str, dict[str, Any]]:
    """Return, by scope, what the policies want of a cluster; the names are those of `PatroniCluster`'s inputs."""
    return {
        cluster.name: {
            "members": list(cluster.member_names),
            "synchronousStandbys": cluster.settings.synchronous_standbys,
        }
        for cluster in clusters
    }
