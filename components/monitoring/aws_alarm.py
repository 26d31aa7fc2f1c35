"""What one alarm of CloudWatch looks like, out of a watch and what it is about. Pure: it makes no resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
from pulumi_aws import cloudwatch

from components.monitoring.watches import (
    CloudWatchWatch,
    InsightsWatch,
    InstanceRole,
    LogWatch,
    Metric,
    Sources,
)

__all__ = [
    "EVENTS_WINDOW_S",
    "Alarm",
    "DatabaseInstance",
    "insights_queries",
    "insights_search",
    "instances_of",
    "of_insights",
    "of_log",
    "of_metric",
]

EVENTS_WINDOW_S = 300
"""What is counted, and not measured, is counted within five minutes."""
RDS = "AWS/RDS"

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseInstance:
    """An instance of RDS that is watched."""

    role: InstanceRole
    identifier: pulumi.Input[str]
    resource_id: pulumi.Input[str]
    """By which Performance Insights knows it (`DbiResourceId`), and not the identifier."""
    log_group: pulumi.Input[str]
    """Where its PostgreSQL log goes: `/aws/rds/instance/IDENTIFIER/postgresql`."""


def instances_of(
    identifiers: Mapping[str, pulumi.Output[str]], resource_ids: Mapping[str, pulumi.Output[str]]
) -> dict[str, DatabaseInstance]:
    """Return the instances of a cluster by the names of their resources, which end by what they are for."""
    return {
        name: DatabaseInstance(
            role=_role(name),
            identifier=identifier,
            resource_id=resource_ids[name],
            log_group=pulumi.Output.concat("/aws/rds/instance/", identifier, "/postgresql"),
        )
        for name, identifier in identifiers.items()
    }


def _role(name: str) -> InstanceRole:
    if name.endswith("-primary"):
        return "primary"
    return "recovery" if name.endswith("-recovery") else "replica"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """An alarm but for its name and whom it tells."""

    description: str
    comparison: Comparison
    threshold: float
    periods: int
    datapoints: int
    missing: str
    what: Mapping[str, Any]
    """The metric, or the queries, as `cloudwatch.MetricAlarm` takes them."""


def of_metric(metric: Metric, watch: CloudWatchWatch, dimension: Mapping[str, Any], sources: Sources) -> Alarm:
    """Return the alarm on a metric of an instance, or of the proxy."""
    events = watch.statistic == "Sum"
    limit = float(watch.limit(sources))
    return Alarm(
        description=_description(metric, watch, limit),
        comparison=_comparison(below=watch.below, events=events),
        threshold=limit,
        missing=watch.missing,
        **_window(sources, events=events),
        what={
            "namespace": RDS,
            "metric_name": watch.metric,
            "statistic": watch.statistic,
            "period": EVENTS_WINDOW_S if events else sources.monitoring.period_s,
            "dimensions": dimension,
        },
    )


def of_insights(metric: Metric, watch: InsightsWatch, instance: DatabaseInstance, sources: Sources) -> Alarm:
    """Return the alarm on arithmetic with counters of an instance."""
    limit = float(watch.limit(sources))
    return Alarm(
        description=_description(metric, watch, limit),
        comparison=_comparison(below=watch.below, events=False),
        threshold=limit,
        missing=watch.missing,
        **_window(sources, events=False),
        what={"metric_queries": insights_queries(watch, instance, sources.monitoring.period_s)},
    )


def of_log(metric: Metric, watch: LogWatch, namespace: str, name: str, sources: Sources) -> Alarm:
    """Return the alarm on events that a metric filter counts."""
    limit = float(watch.limit(sources))
    return Alarm(
        description=_description(metric, watch, limit),
        comparison=_comparison(below=False, events=True),
        threshold=limit,
        missing="notBreaching",  # nothing was logged
        **_window(sources, events=True),
        what={"namespace": namespace, "metric_name": name, "statistic": "Sum", "period": EVENTS_WINDOW_S},
    )


def insights_queries(
    watch: InsightsWatch, instance: DatabaseInstance, period_s: int
) -> list[cloudwatch.MetricAlarmMetricQueryArgs]:
    """Return the queries of an alarm: one for each operand, and the arithmetic, whose value counts."""
    ids = {operand: f"m{number}" for number, operand in enumerate(watch.operands, 1)}
    queries = [_operand(operand, id_, instance, period_s) for operand, id_ in ids.items()]
    value = cloudwatch.MetricAlarmMetricQueryArgs(
        id="value", expression=watch.formula(ids), label=watch.key, return_data=True
    )
    return [*queries, value]


def insights_search(operand: str, instance: DatabaseInstance) -> pulumi.Output[str]:
    """Return the expression that looks up a counter of Performance Insights."""
    return pulumi.Output.concat("DB_PERF_INSIGHTS('RDS', '", instance.resource_id, f"', '{operand}.avg')")


def _operand(
    operand: str, id_: str, instance: DatabaseInstance, period_s: int
) -> cloudwatch.MetricAlarmMetricQueryArgs:
    if operand.startswith(("db.", "os.")):
        return cloudwatch.MetricAlarmMetricQueryArgs(
            id=id_, expression=insights_search(operand, instance), label=operand, period=period_s, return_data=False
        )
    return cloudwatch.MetricAlarmMetricQueryArgs(
        id=id_,
        label=operand,
        return_data=False,
        metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=RDS,
            metric_name=operand,
            stat="Average",
            period=period_s,
            dimensions={"DBInstanceIdentifier": instance.identifier},
        ),
    )


def _window(sources: Sources, *, events: bool) -> dict[str, int]:
    if events:
        return {"periods": 1, "datapoints": 1}
    return {"periods": sources.monitoring.evaluation_periods, "datapoints": sources.monitoring.datapoints_to_alarm}


def _comparison(*, below: bool, events: bool) -> Comparison:
    if below:
        return "LessThanThreshold"
    return "GreaterThanOrEqualToThreshold" if events else "GreaterThanThreshold"


def _description(metric: Metric, watch: CloudWatchWatch | InsightsWatch | LogWatch, limit: float) -> str:
    below = not isinstance(watch, LogWatch) and watch.below
    return f"{metric.name}: {'less' if below else 'more'} than {limit:g} {watch.unit}. {metric.meaning}"
