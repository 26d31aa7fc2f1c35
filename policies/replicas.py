"""Which instance on RDS is a replica of which."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from policies.arns import region_of
from policies.cloud import RDS_INSTANCE, is_replica
from policies.rule import Resource, Stack
from policies.values import UNKNOWN, UNSET

__all__ = ["other_region", "replicas_of", "source_of"]

_NAMES = ("identifier", "arn", "id")


def source_of(stack: Stack, replica: Resource) -> Any:
    """Whether a replica is of an instance of the stack: true, false, or `UNKNOWN`."""
    names = stack.once("names of instances", lambda: _names(stack))
    value, sources = replica.at("replicateSourceDb"), replica.depends_on.get("replicateSourceDb", ())
    if isinstance(value, str) and value in names:
        return names[value] != {replica.urn}
    made_of = [stack.get(urn) for urn in sources]
    if any(one is not None and one.type == RDS_INSTANCE and one is not replica for one in made_of):
        return True
    if value is UNKNOWN:
        return False if sources else UNKNOWN
    return UNKNOWN if UNKNOWN in names and isinstance(value, str) else False


def _names(stack: Stack) -> dict[Any, set[str]]:
    """Return the instances by each of their names."""
    found: dict[Any, set[str]] = defaultdict(set)
    for instance in stack.of(RDS_INSTANCE):
        for name in _NAMES:
            value = instance.at(name)
            if value is not UNSET:
                found[value if isinstance(value, str) else UNKNOWN].add(instance.urn)
    return found


def replicas_of(stack: Stack, primary: Resource) -> Iterator[tuple[Resource, Any]]:
    """Yield the replicas of an instance: each with true, or `UNKNOWN` where nobody can tell."""
    for instance, verdict in stack.referring(RDS_INSTANCE, ("replicateSourceDb",), primary, *_NAMES):
        if instance is not primary and is_replica(instance) is not False:
            yield instance, verdict


def other_region(replica: Resource, primary: Resource) -> Any:
    """Whether two instances are in two regions: true, false, or `UNKNOWN`."""
    mine, theirs = (_region(one) for one in (replica, primary))
    return UNKNOWN if UNKNOWN in (mine, theirs) else mine != theirs


def _region(instance: Resource) -> Any:
    return instance.region if instance.region is not UNSET else region_of(instance.at("arn")) or UNKNOWN
