"""Every time-series cluster has base backups on a schedule."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import CNPG_CLUSTER, CNPG_SCHEDULE
from policies.relations import relation
from policies.rule import Example, Finding, Limits, NotApplicableError, Stack, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for a schedule that names each cluster as Kubernetes does, by its metadata."""
    clusters = list(stack.of(CNPG_CLUSTER))
    if not clusters:
        raise NotApplicableError("the stack has no time-series cluster on Kubernetes")
    for cluster in clusters:
        own = cluster.at("metadata", "name")
        found = relation(_same(one.at("spec", "cluster", "name"), own) for one in stack.of(CNPG_SCHEDULE))
        if found is not True:
            yield Finding(
                resource=cluster,
                where="its base backups",
                found="not there",
                allowed="a ScheduledBackup for this cluster",
                cannot_tell=found is UNKNOWN,
            )


def _same(name: Any, own: Any) -> Any:
    if UNKNOWN in (name, own):
        return UNKNOWN
    return isinstance(name, str) and bool(name) and name == own


RULE = StackRule(
    id="cnpg-cluster-require-schedule",
    title="Every time-series cluster has base backups on a schedule.",
    severity=Severity.CRITICAL,
    reason="WAL without a base backup restores nothing",
    fix="declare a ScheduledBackup with the cluster's name",
    spec=("5.2.1",),
    link="https://cloudnative-pg.io/documentation/current/backup/#scheduled-backups",
    topic="backups",
    absent="A resource that has none is a violation.",
    example=Example(refused="kind: Cluster # alone", taken="kind: ScheduledBackup, spec: {cluster: {name: timescale}}"),
    check=check,
)
