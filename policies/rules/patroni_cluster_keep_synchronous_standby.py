"""Where there are replicas, one of them has every commit before the client hears of it."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.topology import DECLARING, Cluster, clusters_of, minimum_of
from policies.values import UNKNOWN, UNSET, identifier, show

__all__ = ["RULE"]

_UNSAFE = frozenset({"off", "local"})
_KNOWN = _UNSAFE | {"on", "remote_write", "remote_apply"}


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge `synchronousStandbys` and `synchronous_commit` of every cluster with replicas.

    What a member says of them is not judged: it only counts until the cluster is made, and then the cluster's counts.
    """
    clusters, nameless = clusters_of(resource)
    yield from (one for one in nameless if one.cannot_tell)  # the others are findings of patroni-cluster-keep-replicas
    for cluster in clusters:
        minimum = minimum_of(limits, cluster.scope)
        if minimum and len(cluster.members) + cluster.unknown > 1:
            yield from _judge(cluster, minimum)


def _judge(cluster: Cluster, minimum: int) -> Iterator[Finding]:
    replicas = f"{cluster.replicas} replica{'s' if cluster.replicas != 1 else ''}"
    value = cluster.at("synchronousStandbys")
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        yield Finding.judge(
            cluster.resource,
            cluster.where("synchronousStandbys"),
            value if cluster.replicas else UNKNOWN,
            found=show(value, identifier),
            allowed=f"at least {minimum}, as the scope has {replicas}",
        )
    commit = cluster.at("parameters", "synchronous_commit")
    if commit is not UNSET and (not isinstance(commit, str) or commit not in _KNOWN - _UNSAFE):
        yield Finding.judge(
            cluster.resource,
            cluster.where("parameters", "synchronous_commit"),
            commit if cluster.replicas else UNKNOWN,
            found=show(commit, _KNOWN.__contains__),
            allowed="on, remote_write or remote_apply",
        )


RULE = ResourceRule(
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
    types=DECLARING,
    example=Example(refused="synchronous_standbys=0 # of three members", taken="synchronous_standbys=1"),
    check=check,
)
