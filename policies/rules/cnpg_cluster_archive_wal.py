"""The time-series cluster archives its WAL all the time."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import CNPG_CLUSTER
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, at, is_true

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Look for a plugin that archives, or for the older store in the cluster itself."""
    plugins, store = resource.at("spec", "plugins"), resource.at("spec", "backup", "barmanObjectStore")
    entries = plugins if isinstance(plugins, list) else [plugins]
    answers = [_archives(one) for one in entries]
    if isinstance(store, dict) and store:
        return
    if True not in answers:
        yield Finding(
            resource=resource,
            where="spec.plugins",
            found="without one that archives WAL",
            allowed="a plugin with isWALArchiver",
            cannot_tell=UNKNOWN in (store, *answers),
        )


def _archives(plugin: Any) -> Any:
    if plugin is UNKNOWN:
        return UNKNOWN
    archives, enabled = at(plugin, "isWALArchiver"), at(plugin, "enabled")
    if UNKNOWN in (archives, enabled):
        return UNKNOWN
    return is_true(archives) and (enabled is UNSET or is_true(enabled))


RULE = ResourceRule(
    id="cnpg-cluster-archive-wal",
    title="The time-series cluster archives its WAL all the time.",
    severity=Severity.CRITICAL,
    reason="without it the newest point in time that can be restored is the last base backup",
    fix="give the cluster the Barman Cloud plugin with isWALArchiver: true",
    spec=("5.2.1",),
    link="https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/",
    topic="kubernetes",
    absent="Unset and empty are violations.",
    example=Example(
        refused="plugins: []", taken="plugins: [{name: barman-cloud.cloudnative-pg.io, isWALArchiver: true}]"
    ),
    types=(CNPG_CLUSTER,),
    check=check,
)
