"""The dashboard of CloudWatch, out of the one list: a graph for each watch, with its limit as a line. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.monitoring.aws_alarm import EVENTS_WINDOW_S, RDS, DatabaseInstance, insights_search
from components.monitoring.metrics import POSTGRESQL
from components.monitoring.watches import CloudWatchWatch, InsightsWatch, LogWatch, Metric, Sources

__all__ = ["dashboard_body"]

_WIDTH, _HEIGHT, _COLUMNS = 8, 6, 3  # a dashboard is 24 wide
_ALARMS_HEIGHT = 6
_MOST_ALARMS = 100  # CloudWatch takes no more in one widget

Shown = CloudWatchWatch | InsightsWatch | LogWatch


def dashboard_body(
    *,
    region: str,
    period_s: int,
    namespace: str,
    sources: Sources,
    instances: Mapping[str, DatabaseInstance],
    proxy_name: pulumi.Input[str] | None,
    alarm_arns: Mapping[str, pulumi.Input[str]],
) -> pulumi.Output[str]:
    """Return the body as JSON: the state of all alarms on top, below it the graphs in the list's order."""
    place = _Place(region=region, period_s=period_s, namespace=namespace, instances=instances, proxy_name=proxy_name)
    graphs = [
        _graph(metric, watch, lines, sources, place)
        for metric in POSTGRESQL
        for watch in metric.watches
        if isinstance(watch, Shown) and (lines := list(_lines(watch, place)))
    ]
    alarms = list(_alarms(list(alarm_arns.values())))
    widgets = [*alarms, *({**graph, **_position(index, len(alarms))} for index, graph in enumerate(graphs))]
    return pulumi.Output.json_dumps({"start": "-PT6H", "periodOverride": "inherit", "widgets": widgets})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """What every graph needs to know."""

    region: str
    period_s: int
    namespace: str
    instances: Mapping[str, DatabaseInstance]
    proxy_name: pulumi.Input[str] | None


def _alarms(arns: list[pulumi.Input[str]]) -> Iterator[dict[str, Any]]:
    for row, first in enumerate(range(0, len(arns), _MOST_ALARMS)):
        yield {
            "type": "alarm",
            "x": 0,
            "y": row * _ALARMS_HEIGHT,
            "width": _WIDTH * _COLUMNS,
            "height": _ALARMS_HEIGHT,
            "properties": {"title": "Alarms", "sortBy": "stateUpdatedTimestamp", "alarms": arns[first:][:_MOST_ALARMS]},
        }


def _position(index: int, rows_of_alarms: int) -> dict[str, int]:
    row, column = divmod(index, _COLUMNS)
    top = rows_of_alarms * _ALARMS_HEIGHT
    return {"x": column * _WIDTH, "y": top + row * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}


def _graph(metric: Metric, watch: Shown, lines: list[Any], sources: Sources, place: _Place) -> dict[str, Any]:
    events = isinstance(watch, LogWatch) or (isinstance(watch, CloudWatchWatch) and watch.statistic == "Sum")
    return {
        "type": "metric",
        "properties": {
            "title": f"{metric.name}: {watch.key}",
            "region": place.region,
            "view": "timeSeries",
            "period": EVENTS_WINDOW_S if events else place.period_s,
            "metrics": lines,
            "yAxis": {"left": {"label": watch.unit, "showUnits": False}},
            "annotations": {"horizontal": [{"label": "alarm", "value": float(watch.limit(sources))}]},
        },
    }


def _lines(watch: Shown, place: _Place) -> Iterator[list[Any]]:
    if isinstance(watch, CloudWatchWatch) and watch.proxy:
        if place.proxy_name is not None:
            shown = {"stat": watch.statistic, "label": "postgres-proxy"}
            yield [RDS, watch.metric, "ProxyName", place.proxy_name, shown]
        return
    for number, (target, instance) in enumerate(place.instances.items(), 1):
        if instance.role not in watch.on:
            continue
        if isinstance(watch, CloudWatchWatch):
            shown = {"stat": watch.statistic, "label": target}
            yield [RDS, watch.metric, "DBInstanceIdentifier", instance.identifier, shown]
        elif isinstance(watch, LogWatch):
            yield [place.namespace, f"{target}-{watch.key}", {"stat": "Sum", "label": target}]
        else:
            yield from _insights_lines(watch, f"i{number}", target, instance)


def _insights_lines(watch: InsightsWatch, id_: str, target: str, instance: DatabaseInstance) -> Iterator[list[Any]]:
    ids = {operand: f"{id_}m{number}" for number, operand in enumerate(watch.operands, 1)}
    for operand, name in ids.items():
        if operand.startswith(("db.", "os.")):
            yield [{"id": name, "expression": insights_search(operand, instance), "visible": False}]
        else:
            shown = {"id": name, "stat": "Average", "visible": False}
            yield [RDS, operand, "DBInstanceIdentifier", instance.identifier, shown]
    yield [{"id": id_, "expression": watch.formula(ids), "label": target}]
