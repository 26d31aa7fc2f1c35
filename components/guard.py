"""Which resources hold data, and what would lose it: the inputs of `DataGuard`."""

from collections.abc import Iterable

from components.host.local import ETCD
from components.postgres.definition import ClusterDefinition

__all__ = ["stateful_resources"]


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
