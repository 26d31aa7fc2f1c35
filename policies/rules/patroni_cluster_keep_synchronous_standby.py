"""Where there are replicas, one of them has every commit before the client hears of it."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Finding, Limit, Limits, Resource, Stack, StackRule
from policies.topology import minimum_of, scopes_of
from policies.values import UNKNOWN, UNSET, at, identifier, show

__all__ = ["RULE"]

_UNSAFE = frozenset({"off", "local"})
_KNOWN = _UNSAFE | {"on", "remote_write", "remote_apply"}


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Judge `synchronousStandbys` and `synchronous_commit` of every member and cluster of a scope with replicas."""
    scopes, nameless = scopes_of(stack)
    for resource in nameless:  # an unset scope is a finding of patroni-cluster-keep-replicas
        if at(resource.properties, "scope") is UNKNOWN:
            yield Finding.judge(resource, "scope", UNKNOWN, found="", allowed="one with a synchronous standby")
    for scope in scopes.values():
        minimum = minimum_of(limits, scope.name)
        if scope.replicas and minimum:
            for resource in (*scope.clusters, *scope.members):
                yield from _judge(resource, minimum, scope.replicas)


def _judge(resource: Resource, minimum: int, replicas: int) -> Iterator[Finding]:
    value = at(resource.properties, "synchronousStandbys")
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        yield Finding.judge(
            resource,
            "synchronousStandbys",
            value,
            found=show(value, identifier),
            allowed=f"at least {minimum}, as the scope has {replicas} replica{'s' if replicas > 1 else ''}",
        )
    commit = at(resource.properties, "parameters", "synchronous_commit")
    if commit is not UNSET and (not isinstance(commit, str) or commit not in _KNOWN - _UNSAFE):
        yield Finding.judge(
            resource,
            "parameters.synchronous_commit",
            commit,
            found=show(commit, _KNOWN.__contains__),
            allowed="on, remote_write or remote_apply",
        )


RULE = StackRule(
    id="patroni-cluster-keep-synchronous-standby",
    title="A cluster with replicas has a synchronous standby.",
    severity=Severity.HIGH,
    reason="without one, a failover loses the commits that no replica had received, although clients saw them succeed",
    fix="set fashion-wallet:postgres synchronousStandbys (or that of timescale) to at least 1 and remove "
    "synchronous_commit from parameters",
    spec=("7.1.1", "5.2.2"),
    link="https://patroni.readthedocs.io/en/latest/replication_modes.html#synchronous-mode",
    limits=(
        Limit(
            name="minimum",
            schema={"type": "integer", "minimum": 0, "maximum": 15},
            default=1,
            meaning="The least number of synchronous standbys of a scope that `minimumByScope` does not name.",
        ),
        Limit(
            name="minimumByScope",
            schema={"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 15}},
            default={},
            meaning="The least number for single scopes; 0 turns the rule off for a scope.",
        ),
    ),
    absent="Unset and zero are violations where the scope has a replica; a scope of one node is not judged.",
    check=check,
)
