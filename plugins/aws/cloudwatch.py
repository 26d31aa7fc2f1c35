"""CloudWatch: alarms on metrics, and dashboards. Alarms on other alarms are in `cloudwatch_composite.py`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.cloudwatch_checks import check_alarm, check_dashboard
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import CheckFailure, Context, Props
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "Dashboard", "MetricAlarm"]

_GONE: Final = ("ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError")
_COMPARISONS: Final = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
)
_STATISTICS: Final = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
_MISSING: Final = ("breaching", "ignore", "missing", "notBreaching")
_ARNS: Final = Field(kind="set", unset=[])
# Properties of an alarm and their names in the service's API, but for dimensions, queries and tags.
_WIRE: Final[Mapping[str, str]] = {
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "insufficientDataActions": "InsufficientDataActions",
    "metricName": "MetricName",
    "name": "AlarmName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
}
_QUERY: Final[Mapping[str, str]] = {
    "expression": "Expression",
    "id": "Id",
    "label": "Label",
    "period": "Period",
    "returnData": "ReturnData",
}
_STAT_FIELDS: Final[Fields] = {
    "dimensions": Field(kind="map", unset={}),
    "metricName": Field(kind="text", required=True),
    "namespace": Field(kind="text", required=True),
    "period": Field(kind="number", required=True, least=10),
    "stat": Field(kind="text", required=True),
    "unit": Field(kind="text", unset=""),
}
_QUERY_FIELDS: Final[Fields] = {
    "expression": Field(kind="text", unset=""),
    "id": Field(kind="text", required=True),
    "label": Field(kind="text", unset=""),
    "metric": Field(kind="object", fields=_STAT_FIELDS),
    "period": Field(kind="number", least=10),
    "returnData": Field(kind="flag", default=False),
}


class MetricAlarm(Entity):
    """`aws:cloudwatch/metricAlarm:MetricAlarm`. Its id is its name."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    noun = "alarm"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "actionsEnabled": Field(kind="flag", default=True),
        "alarmActions": _ARNS,
        "alarmDescription": Field(kind="text", unset=""),
        "comparisonOperator": Field(kind="text", required=True, allowed=_COMPARISONS),
        "datapointsToAlarm": Field(kind="number", least=1),
        "dimensions": Field(kind="map", unset={}),
        "evaluationPeriods": Field(kind="number", required=True, least=1),
        "extendedStatistic": Field(kind="text", unset=""),
        "insufficientDataActions": _ARNS,
        "metricName": Field(kind="text", unset=""),
        "metricQueries": Field(kind="objects", unset=[], fields=_QUERY_FIELDS),
        "name": Field(kind="text", replaces=True),
        "namespace": Field(kind="text", unset=""),
        "okActions": _ARNS,
        "period": Field(kind="number", least=10),
        "statistic": Field(kind="text", allowed=_STATISTICS, unset=""),
        "tags": TAGS,
        "threshold": Field(kind="real", required=True),
        "treatMissingData": Field(kind="text", default="missing", allowed=_MISSING),
        "unit": Field(kind="text", unset=""),
    }
    outputs: ClassVar = {"arn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check what the service checks and the emulator does not."""
        return list(check_alarm(inputs))

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the alarm; as the service has it, one of the name that is there already becomes it."""
        aws.client("cloudwatch").put_metric_alarm(**_alarm(inputs), Tags=as_list(inputs.get("tags")))
        return inputs["name"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Ask for the alarm and its tags."""
        cloudwatch = aws.client("cloudwatch")
        alarms = cloudwatch.describe_alarms(AlarmNames=[id_], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        if not alarms:
            return None
        (alarm,) = alarms
        found = {name: alarm[wire] for name, wire in _WIRE.items() if alarm.get(wire) not in (None, "")}
        return {
            **{name: field.unset if field.default is None else field.default for name, field in self.fields.items()},
            **found,
            "arn": alarm["AlarmArn"],
            "dimensions": {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or ()},
            "metricQueries": _in_order(wanted, [_query_found(query) for query in alarm.get("Metrics") or ()]),
            "tags": as_map(cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the alarm anew, and its tags, which the service leaves as they are when it is there already."""
        cloudwatch = aws.client("cloudwatch")
        cloudwatch.put_metric_alarm(**_alarm(news))
        arn = aws.arn("cloudwatch", f"alarm:{id_}")
        put, gone = changes(as_map(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]), news.get("tags"))
        if put:
            cloudwatch.tag_resource(ResourceARN=arn, Tags=as_list(put))
        if gone:
            cloudwatch.untag_resource(ResourceARN=arn, TagKeys=gone)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the alarm."""
        cloudwatch = aws.client("cloudwatch")
        unless_gone(lambda: cloudwatch.delete_alarms(AlarmNames=[id_]), *_GONE)


class Dashboard(Entity):
    """`aws:cloudwatch/dashboard:Dashboard`. Its id is its name."""

    token = "aws:cloudwatch/dashboard:Dashboard"
    noun = "dashboard"
    fields: ClassVar[Fields] = {
        "dashboardBody": Field(kind="json", required=True),
        "dashboardName": Field(kind="text", required=True, replaces=True),
    }
    outputs: ClassVar = {"dashboardArn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check name and widgets as the service does."""
        return list(check_dashboard(inputs))

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the dashboard."""
        self._put(aws, inputs)
        return inputs["dashboardName"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the dashboard."""
        cloudwatch = aws.client("cloudwatch")
        found = unless_gone(lambda: cloudwatch.get_dashboard(DashboardName=id_), *_GONE)
        if found is None:
            return None
        return {
            "dashboardArn": found["DashboardArn"],
            "dashboardBody": found["DashboardBody"],
            "dashboardName": found["DashboardName"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the new body."""
        self._put(aws, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the dashboard."""
        cloudwatch = aws.client("cloudwatch")
        unless_gone(lambda: cloudwatch.delete_dashboards(DashboardNames=[id_]), *_GONE)

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash on one name."""
        return old.get("dashboardName") == new.get("dashboardName")

    def _put(self, aws: Aws, inputs: Props) -> None:
        body = json.dumps(json.loads(inputs["dashboardBody"]))
        aws.client("cloudwatch").put_dashboard(DashboardName=inputs["dashboardName"], DashboardBody=body)


def _alarm(inputs: Props) -> dict[str, Any]:
    wire = {_WIRE[name]: value for name, value in inputs.items() if name in _WIRE and value not in ("", [])}
    if inputs.get("dimensions"):
        wire["Dimensions"] = _dimensions(inputs["dimensions"])
    if inputs.get("metricQueries"):
        wire["Metrics"] = [_query(query) for query in inputs["metricQueries"]]
    return wire


def _dimensions(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(dimensions.items())]


def _query(query: Props) -> dict[str, Any]:
    wire = {_QUERY[name]: value for name, value in query.items() if name in _QUERY and value is not None}
    if query.get("metric"):
        stat = query["metric"]
        metric = {"Namespace": stat["namespace"], "MetricName": stat["metricName"]}
        wire["MetricStat"] = {
            "Metric": {**metric, "Dimensions": _dimensions(stat.get("dimensions") or {})},
            "Period": stat["period"],
            "Stat": stat["stat"],
            **({"Unit": stat["unit"]} if stat.get("unit") else {}),
        }
    return wire


def _query_found(query: Mapping[str, Any]) -> Props:
    found: Props = {name: query[wire] for name, wire in _QUERY.items() if query.get(wire) is not None}
    if query.get("MetricStat"):
        stat = query["MetricStat"]
        found["metric"] = {
            "dimensions": {one["Name"]: one["Value"] for one in stat["Metric"].get("Dimensions") or ()},
            "metricName": stat["Metric"]["MetricName"],
            "namespace": stat["Metric"]["Namespace"],
            "period": stat["Period"],
            "stat": stat["Stat"],
            **({"unit": stat["Unit"]} if stat.get("Unit") else {}),
        }
    return found


def _in_order(wanted: Props, found: list[Props]) -> list[Props]:
    """Return queries in the order of the wanted ones: the service may return them in any."""
    order: Iterator[Any] = (query.get("id") for query in wanted.get("metricQueries") or () if isinstance(query, dict))
    places = {id_: index for index, id_ in enumerate(order)}
    return sorted(found, key=lambda query: (places.get(query["id"], len(places)), query["id"]))


ENTITIES: tuple[type[Entity], ...] = (Dashboard, MetricAlarm)
