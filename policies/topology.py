"""The clusters of a stack, as a resource declares them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

from policies.rule import Finding, Limits, Resource
from policies.values import UNKNOWN, at, identifier, show
from policies.wire import DATA_GUARD, PATRONI_CLUSTER

__all__ = ["DECLARING", "Cluster", "clusters_of", "minimum_of"]

DECLARING = (DATA_GUARD, PATRONI_CLUSTER)
"""What declares clusters: DataGuard all of them, before any server is touched, and each cluster itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One Patroni cluster: one of its members is the primary, the others are replicas.

    `path` leads to the cluster's properties in the resource that declares it. `unknown` is how many members beside the
    `members` there may be: those whose name is not known yet, any number where the list is not.
    """

    resource: Resource
    path: tuple[str, ...]
    scope: str
    members: frozenset[str]
    unknown: float

    @property
    def replicas(self) -> int:
        """How many replicas stand beside the primary."""
        return max(0, len(self.members) - 1)

    def at(self, *path: str) -> Any:
        """Return the plain value of a property of the cluster; see `policies.values.at`."""
        return at(self.resource.properties, *self.path, *path)

    def where(self, *path: str) -> str:
        """Return the path of a property as a message gives it."""
        return ".".join((*self.path, *path))


def clusters_of(resource: Resource) -> tuple[list[Cluster], list[Finding]]:
    """Return the clusters that a resource declares, and findings about what should name them and does not."""
    if resource.type == PATRONI_CLUSTER:
        scope = at(resource.properties, "scope")
        if isinstance(scope, str) and scope:
            return [_cluster(resource, (), scope)], []
        found = show(scope, identifier)
        return [], [Finding.judge(resource, "scope", scope, found=found, allowed="the name of the cluster")]
    declared = at(resource.properties, "clusters")
    if isinstance(declared, dict):
        return [_cluster(resource, ("clusters", scope), scope) for scope in declared], []
    found = show(declared, identifier)
    allowed = "a map of every cluster's members and synchronousStandbys"
    return [], [Finding.judge(resource, "clusters", declared, found=found, allowed=allowed)]


def _cluster(resource: Resource, path: tuple[str, ...], scope: str) -> Cluster:
    members = at(resource.properties, *path, "members")
    names = list(_names(members))
    return Cluster(
        resource=resource,
        path=path,
        scope=scope,
        members=frozenset(name for name in names if isinstance(name, str) and name),
        unknown=inf if members is UNKNOWN else names.count(UNKNOWN),
    )


def _names(members: Any) -> Iterator[Any]:
    """Yield the members' names: a list has them as such, or as `name` of each."""
    for member in members if isinstance(members, list) else []:
        yield at(member, "name") if isinstance(member, dict) else member


def minimum_of(limits: Limits, scope: str) -> int:
    """Return the minimum for a scope: its own of `minimumByScope`, else `minimum`."""
    return int(limits["minimumByScope"].get(scope, limits["minimum"]))
