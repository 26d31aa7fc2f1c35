"""The clusters of a stack, as the members and clusters in it declare them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.rule import Limits, NotApplicableError, Resource, Stack
from policies.values import at
from policies.wire import PATRONI_CLUSTER, PATRONI_MEMBER

__all__ = ["Scope", "minimum_of", "scopes_of"]


@dataclass(slots=True)
class Scope:
    """One Patroni cluster: its members (one is the primary, the others replicas) and the cluster resources."""

    name: str
    members: list[Resource] = field(default_factory=list)
    clusters: list[Resource] = field(default_factory=list)

    @property
    def replicas(self) -> int:
        """How many replicas stand beside the primary."""
        return max(0, len(self.members) - 1)

    @property
    def subject(self) -> Resource:
        """The resource to report about: the cluster, else its first member."""
        return (self.clusters or self.members)[0]


def scopes_of(stack: Stack) -> tuple[Mapping[str, Scope], list[Resource]]:
    """Group members and clusters by scope; the second value has those whose scope is unset, empty or unknown.

    Raises:
        NotApplicableError: The stack has no Patroni cluster.
    """
    scopes: dict[str, Scope] = {}
    nameless: list[Resource] = []
    for resource in stack.of(PATRONI_MEMBER, PATRONI_CLUSTER):
        name = at(resource.properties, "scope")
        if not isinstance(name, str) or not name:
            nameless.append(resource)
            continue
        scope = scopes.setdefault(name, Scope(name))
        (scope.members if resource.type == PATRONI_MEMBER else scope.clusters).append(resource)
    if not scopes and not nameless:
        raise NotApplicableError("the stack has no Patroni cluster")
    return scopes, nameless


def minimum_of(limits: Limits, scope: str) -> int:
    """Return the minimum for a scope: its own of `minimumByScope`, else `minimum`."""
    return int(limits["minimumByScope"].get(scope, limits["minimum"]))
