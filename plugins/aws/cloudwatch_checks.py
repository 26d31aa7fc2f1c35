"""What CloudWatch refuses and the emulator does not: alarms that could never ring, dashboards that could not be drawn.

Source: the API reference of PutMetricAlarm, PutCompositeAlarm and PutDashboard. Values may be UNKNOWN.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from plugins.base import CheckFailure, Props, contains_unknown

__all__ = ["alarms_of_rule", "check_actions", "check_alarm", "check_alarm_rule", "check_dashboard"]

_HOUR_S, _DAY_S, _WEEK_S = 3_600, 86_400, 604_800
_SHORT_PERIODS: Final = (10, 20, 30)
_LONGEST_NAME: Final = 255
_LONGEST_RULE: Final = 10_240
_MOST_CHILDREN: Final = 100
_DASHBOARD_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_COLUMNS: Final = 24
_WIDGETS: Final = ("alarm", "custom", "explorer", "log", "metric", "text")
_ID: Final = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
_ACTIONS: Final = ("alarmActions", "insufficientDataActions", "okActions")
_STATES: Final = ("ALARM", "INSUFFICIENT_DATA", "OK")
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>[^\s()"]+))\s*\)
    |(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<bracket>[()]))""",
    re.VERBOSE,
)


def check_alarm(inputs: Props) -> Iterator[CheckFailure]:
    """Yield what is wrong with an alarm on a metric or on queries."""
    if inputs.get("metricQueries") is not None:
        yield from _check_queries(inputs)
    else:
        yield from _check_metric(inputs)
    datapoints, periods = inputs.get("datapointsToAlarm"), inputs.get("evaluationPeriods")
    if isinstance(datapoints, int) and isinstance(periods, int) and datapoints > periods:
        reason = f"datapointsToAlarm: got {datapoints}, allowed are up to evaluationPeriods, {periods}"
        yield CheckFailure("datapointsToAlarm", reason)
    name = inputs.get("name")
    if isinstance(name, str) and len(name) > _LONGEST_NAME:
        yield CheckFailure("name", f"name: got {len(name)} characters, allowed are {_LONGEST_NAME}")
    yield from check_actions(inputs)


def check_actions(inputs: Props) -> Iterator[CheckFailure]:
    """Yield actions that are no ARN, or of another region: an alarm can tell nobody there."""
    region = inputs.get("region")
    for name in _ACTIONS:
        for index, arn in enumerate(inputs.get(name) or ()):
            if not isinstance(arn, str):
                continue
            parts = arn.split(":")
            if len(parts) < 6 or parts[0] != "arn":  # noqa: PLR2004  (of every ARN)
                yield CheckFailure(f"{name}[{index}]", f"{name}[{index}]: got {arn!r}, allowed is an ARN")
            elif parts[2] == "sns" and isinstance(region, str) and parts[3] != region:
                reason = f"{name}[{index}]: got a topic in {parts[3]}, allowed is one in the alarm's region, {region}"
                yield CheckFailure(f"{name}[{index}]", reason)


def _check_metric(inputs: Props) -> Iterator[CheckFailure]:
    for name in ("metricName", "namespace", "period"):
        if inputs.get(name) is None:
            yield CheckFailure(name, f"{name}: missing, and an alarm needs it unless it has metricQueries")
    if (inputs.get("statistic") is None) == (inputs.get("extendedStatistic") is None):
        yield CheckFailure("statistic", "statistic: allowed is either this or extendedStatistic")
    yield from _check_period("period", inputs.get("period"), inputs.get("evaluationPeriods"))


def _check_queries(inputs: Props) -> Iterator[CheckFailure]:
    for name in ("metricName", "namespace", "period", "statistic", "extendedStatistic", "dimensions", "unit"):
        if inputs.get(name) is not None:
            yield CheckFailure(name, f"{name}: allowed is none beside metricQueries")
    queries = inputs["metricQueries"]
    if not isinstance(queries, list) or not all(isinstance(query, dict) for query in queries):
        return
    returned = [query for query in queries if query.get("returnData") is True]
    if len(returned) != 1 and not contains_unknown([query.get("returnData") for query in queries]):
        yield CheckFailure("metricQueries", f"metricQueries: got {len(returned)} with returnData, allowed is one")
    ids = [query.get("id") for query in queries]
    if len(set(map(str, ids))) != len(ids):
        yield CheckFailure("metricQueries", f"metricQueries: got the ids {ids}, allowed is each once")
    for index, query in enumerate(queries):
        yield from _check_query(f"metricQueries[{index}]", query, inputs.get("evaluationPeriods"))


def _check_query(path: str, query: Props, evaluation_periods: Any) -> Iterator[CheckFailure]:
    id_ = query.get("id")
    if isinstance(id_, str) and not _ID.fullmatch(id_):
        yield CheckFailure(
            f"{path}.id", f"{path}.id: got {id_!r}, allowed are letters, digits and _, a small one first"
        )
    if (query.get("expression") is None) == (query.get("metric") is None):
        yield CheckFailure(path, f"{path}: allowed is either expression or metric")
    metric = query.get("metric")
    period = metric.get("period") if isinstance(metric, dict) else query.get("period")
    yield from _check_period(f"{path}.period", period, evaluation_periods)


def _check_period(path: str, period: Any, evaluation_periods: Any) -> Iterator[CheckFailure]:
    if not isinstance(period, int):
        return
    if period not in _SHORT_PERIODS and period % 60:
        yield CheckFailure(path, f"{path}: got {period}, allowed are 10, 20, 30 and multiples of 60 seconds")
    longest = _WEEK_S if period >= _HOUR_S else _DAY_S
    if isinstance(evaluation_periods, int) and period * evaluation_periods > longest:
        reason = f"{path}: got {period} s * {evaluation_periods} periods, allowed are {longest} s in all"
        yield CheckFailure(path, reason)


def alarms_of_rule(rule: str) -> tuple[str, ...]:
    """Return the names of the alarms that a rule names, each once."""
    found = (match["quoted"] or match["bare"] for match in _TOKEN.finditer(rule) if match["state"])
    return tuple(dict.fromkeys(found))


def check_alarm_rule(rule: str) -> Iterator[CheckFailure]:
    """Yield what is wrong with the rule of an alarm on alarms: words and brackets, length, how many it names."""
    if len(rule) > _LONGEST_RULE:
        yield CheckFailure("alarmRule", f"alarmRule: got {len(rule)} characters, allowed are {_LONGEST_RULE}")
    children = len(alarms_of_rule(rule))
    if children > _MOST_CHILDREN:
        yield CheckFailure("alarmRule", f"alarmRule: names {children} alarms, allowed are {_MOST_CHILDREN}")
    if (wrong := _syntax(rule)) is not None:
        states = ", ".join(f'{state}("name")' for state in _STATES)
        allowed = f"{states}, TRUE, FALSE, joined by AND and OR, with NOT and brackets"
        yield CheckFailure("alarmRule", f"alarmRule: {wrong}; allowed are {allowed}")


def _syntax(rule: str) -> str | None:
    """Return what is wrong with a rule's grammar, or None."""
    place, depth, operand = 0, 0, False  # whether what stands before is an operand
    while rule[place:].strip():
        match = _TOKEN.match(rule, place)
        if match is None:
            return f"cannot read {rule[place:][:40]!r}"
        token = "name" if match["state"] else match["word"] or match["bracket"]
        opens = token in ("name", "TRUE", "FALSE", "NOT", "(")
        if opens == operand:
            return f"{token} stands in the wrong place, at character {match.end()}"
        operand = token in ("name", "TRUE", "FALSE", ")")
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0:
            return "a bracket is closed that was not opened"
        place = match.end()
    if depth:
        return "a bracket is not closed"
    return None if operand else "it ends too early"


def check_dashboard(inputs: Props) -> Iterator[CheckFailure]:
    """Yield what is wrong with a dashboard's name and widgets."""
    name, body = inputs.get("dashboardName"), inputs.get("dashboardBody")
    if isinstance(name, str) and not _DASHBOARD_NAME.fullmatch(name):
        reason = f"dashboardName: got {name!r}, allowed are up to 255 letters, digits, - and _"
        yield CheckFailure("dashboardName", reason)
    if not isinstance(body, str):
        return
    document = json.loads(body)
    widgets = document.get("widgets") if isinstance(document, dict) else None
    if not isinstance(widgets, list):
        yield CheckFailure("dashboardBody", "dashboardBody: allowed is an object with a list of widgets")
        return
    for index, widget in enumerate(widgets):
        yield from _check_widget(f"dashboardBody.widgets[{index}]", widget)


def _check_widget(path: str, widget: Any) -> Iterator[CheckFailure]:
    if not isinstance(widget, dict) or widget.get("type") not in _WIDGETS:
        yield CheckFailure(path, f"{path}: allowed is an object with a type of {', '.join(_WIDGETS)}")
        return
    if not isinstance(widget.get("properties"), dict):
        yield CheckFailure(path, f"{path}: properties are missing")
        return
    x, width = widget.get("x", 0), widget.get("width", 6)
    if not (0 <= x < _COLUMNS and 1 <= width <= _COLUMNS - x):
        yield CheckFailure(path, f"{path}: got x {x} and width {width}, allowed are {_COLUMNS} columns")
    if widget["type"] == "metric":
        yield from _check_graph(path, widget["properties"])


def _check_graph(path: str, properties: Props) -> Iterator[CheckFailure]:
    if not properties.get("region"):
        yield CheckFailure(path, f"{path}: a graph needs properties.region")
    if not (properties.get("metrics") or (properties.get("annotations") or {}).get("alarms")):
        yield CheckFailure(path, f"{path}: a graph needs properties.metrics")
