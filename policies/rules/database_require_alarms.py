"""Every instance on RDS has the alarms that a database needs."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import METRIC_ALARM, RDS_INSTANCE, is_replica
from policies.limits import names
from policies.rule import Example, Finding, Limits, NotApplicableError, Resource, Stack, StackRule
from policies.values import UNKNOWN, UNSET, at

__all__ = ["RULE"]


_NAMES = ("identifier", "id", "resourceId")
_INSIGHTS = re.compile(r"DB_PERF_INSIGHTS\('RDS', '([^']+)'")
"""An expression over a counter of Performance Insights, which names the instance by its resource id."""


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Look for an alarm on each metric with the instance in its dimensions; `|` stands between metrics of one kind."""
    instances = list(stack.of(RDS_INSTANCE))
    if not instances:
        raise NotApplicableError("the stack has no instance on RDS")
    watched = _watched(stack)
    for instance in instances:
        replica = is_replica(instance)
        known, unsure = _metrics_of(instance, watched)
        for metric in (*limits["metrics"], *(limits["replicaMetrics"] if replica is not False else ())):
            names = metric.split("|")
            if _among(names, known):
                continue
            maybe = UNKNOWN in known or _among(names, unsure) or UNKNOWN in unsure
            yield Finding(
                resource=instance,
                where=f"an alarm on {' or '.join(names)}",
                found="not there",
                allowed="a MetricAlarm with the instance in its dimensions",
                cannot_tell=maybe or (replica is UNKNOWN and metric in limits["replicaMetrics"]),
            )


def _among(names: list[str], metrics: list[Any]) -> bool:
    return any(isinstance(metric, str) and name in metric for metric in metrics for name in names)


def _watched(stack: Stack) -> dict[Any, list[Any]]:
    """Return the metrics of all alarms by the instance's name, by the URN an unknown one is made of, or `UNKNOWN`."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for alarm in stack.of(METRIC_ALARM):
        sources = [urn for urns in alarm.depends_on.values() for urn in urns]
        for metric, instance in _metrics(alarm):
            if instance is UNKNOWN:
                for urn in sources or [UNKNOWN]:
                    found[urn].append(metric)
            elif isinstance(instance, str):
                found[instance].append(metric)
    return found


def _metrics(alarm: Resource) -> Iterator[tuple[Any, Any]]:
    """Yield the metrics of an alarm, each with the instance that it is of."""
    yield alarm.at("metricName"), alarm.at("dimensions", "DBInstanceIdentifier")
    queries = alarm.at("metricQueries")
    for query in queries if isinstance(queries, list) else [queries] if queries is UNKNOWN else []:
        yield at(query, "metric", "metricName"), at(query, "metric", "dimensions", "DBInstanceIdentifier")
        expression = at(query, "expression")
        if expression is UNKNOWN:
            yield UNKNOWN, UNKNOWN
        elif isinstance(expression, str) and (named := _INSIGHTS.search(expression)):
            yield expression, named[1]


def _metrics_of(instance: Resource, watched: dict[Any, list[Any]]) -> tuple[list[Any], list[Any]]:
    """Return the metrics that an instance's alarms watch, and those that somebody's do and perhaps this one's."""
    own = [value for value in (instance.at(name) for name in _NAMES) if value is not UNSET]
    known = [metric for name in (*own, instance.urn) if isinstance(name, str) for metric in watched.get(name, ())]
    unsure = list(watched.get(UNKNOWN, ()))
    if not any(isinstance(one, str) for one in own) or UNKNOWN in own:
        unsure += [metric for metrics in watched.values() for metric in metrics]
    return known, unsure


RULE = StackRule(
    id="database-require-alarms",
    title="Every instance on RDS has the alarms that a database needs.",
    severity=Severity.HIGH,
    reason="the disk that fills, the processor that is full and the replica that falls behind are seen by users first",
    fix="declare alarms for the instance (components/monitoring/aws.py)",
    spec=("5.1.1", "7.1.1"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.html",
    topic="monitoring",
    limits=(
        names(
            "metrics",
            ["CPUUtilization", "DatabaseConnections", "FreeStorageSpace|fileSys"],
            "The metrics of every instance; of those with `|` between them one is enough.",
        ),
        names("replicaMetrics", ["ReplicaLag"], "The metrics of replicas beside."),
    ),
    absent="An instance without one of the alarms is a violation.",
    example=Example(
        refused="# no alarm names the instance",
        taken='dimensions={"DBInstanceIdentifier": primary.identifier}, metric_name="CPUUtilization"',
    ),
    check=check,
)
