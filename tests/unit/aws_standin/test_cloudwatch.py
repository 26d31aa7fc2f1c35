"""Alarms, dashboards, logs of the aws stand-in over the emulator: made, drifted, mended, changed, replaced, deleted."""

import json

import pytest

from plugins.aws.cloudwatch_checks import alarms_of_rule, check_alarm_rule
from plugins.base import ProviderError
from tests.fixtures.aws_standin import AwsPlugin, assert_as_declared

TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
ALARM = {
    "name": "busy",
    "alarmDescription": "busy",
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 5,
    "datapointsToAlarm": 3,
    "threshold": 80,
    "treatMissingData": "breaching",
    "namespace": "AWS/RDS",
    "metricName": "CPUUtilization",
    "statistic": "Average",
    "period": 60,
    "dimensions": {"DBInstanceIdentifier": "primary"},
    "alarmActions": [TOPIC],
    "okActions": [TOPIC],
    "tags": {"a": "b"},
}
QUERIES = [
    {"id": "m1", "expression": "DB_PERF_INSIGHTS('RDS', 'db-X', 'os.memory.total.avg')", "period": 60},
    {
        "id": "m2",
        "label": "free",
        "metric": {
            "namespace": "AWS/RDS",
            "metricName": "FreeableMemory",
            "period": 60,
            "stat": "Average",
            "dimensions": {"DBInstanceIdentifier": "primary"},
        },
    },
    {"id": "value", "expression": "100*m2/(m1*1024)", "label": "free", "returnData": True},
]
OF_QUERIES = {
    **{key: ALARM[key] for key in ("name", "comparisonOperator", "evaluationPeriods", "threshold", "alarmActions")},
    "metricQueries": QUERIES,
}


def test_an_alarm_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    alarm = plugin.create("cloudwatch.MetricAlarm", **ALARM)
    assert alarm.id == "busy"
    assert alarm["arn"] == plugin.aws.arn("cloudwatch", "alarm:busy")
    assert_as_declared(alarm)
    cloudwatch = plugin.aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="busy",
        ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=5,
        Threshold=1,
        Namespace="AWS/RDS",
        MetricName="CPUUtilization",
        Statistic="Average",
        Period=60,
    )
    assert set(alarm.mend()) >= {"comparisonOperator", "threshold", "alarmActions", "dimensions", "treatMissingData"}
    alarm.update(threshold=90.5, okActions=None, tags={"c": "d"})
    assert_as_declared(alarm)
    (found,) = cloudwatch.describe_alarms(AlarmNames=["busy"])["MetricAlarms"]
    assert (found["Threshold"], found["OKActions"], found["AlarmActions"]) == (90.5, [], [TOPIC])
    assert cloudwatch.list_tags_for_resource(ResourceARN=alarm["arn"])["Tags"] == [{"Key": "c", "Value": "d"}]
    assert alarm.diff(name="other").replaces == ("name",)
    assert alarm.diff(threshold=91).changes == ("threshold",)
    alarm.delete()


def test_an_alarm_on_queries_is_read_back_as_it_was_written(plugin: AwsPlugin) -> None:
    alarm = plugin.create("cloudwatch.MetricAlarm", **OF_QUERIES)
    assert_as_declared(alarm)
    (found,) = plugin.aws.client("cloudwatch").describe_alarms(AlarmNames=["busy"])["MetricAlarms"]
    assert [query["Id"] for query in found["Metrics"] if query["ReturnData"]] == ["value"]
    assert found["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"][0]["Value"] == "primary"
    assert alarm.diff(metricQueries=list(reversed(QUERIES))).changes == ()
    changed = [{**QUERIES[0], "period": 300}, *QUERIES[1:]]
    assert alarm.diff(metricQueries=changed).changes == ("metricQueries",)
    alarm.update(metricQueries=changed)
    assert_as_declared(alarm)


def test_an_alarm_is_imported_by_its_name(plugin: AwsPlugin) -> None:
    plugin.create("cloudwatch.MetricAlarm", **ALARM)
    inputs, outputs = plugin.imported("cloudwatch.MetricAlarm", "busy")
    assert {key: inputs[key] for key in ALARM} == ALARM
    assert outputs["arn"] == plugin.aws.arn("cloudwatch", "alarm:busy")


@pytest.mark.parametrize(
    "changes,reason",
    [
        ({"metricName": None}, "metricName: missing"),
        ({"statistic": None}, "either this or extendedStatistic"),
        ({"datapointsToAlarm": 6}, "datapointsToAlarm: got 6, allowed are up to evaluationPeriods, 5"),
        ({"period": 90}, "multiples of 60"),
        ({"period": 43_200, "evaluationPeriods": 20, "datapointsToAlarm": 1}, "allowed are 604800 s in all"),
        ({"alarmActions": ["alerts"]}, "allowed is an ARN"),
        (
            {"alarmActions": [TOPIC.replace("central", "west")]},
            "got a topic in eu-west-1, allowed is one in the alarm's",
        ),
        ({"treatMissingData": "notbreaching"}, "allowed are breaching, ignore, missing, notBreaching"),
        ({"evaluationInterval": 10}, "does not support this property"),
        ({"metricQueries": QUERIES}, "allowed is none beside metricQueries"),
    ],
)
def test_an_alarm_that_the_service_would_refuse_is_refused(
    plugin: AwsPlugin, changes: dict[str, object], reason: str
) -> None:
    assert reason in "; ".join(plugin.refusals("cloudwatch.MetricAlarm", **{**ALARM, **changes}))


@pytest.mark.parametrize(
    "queries,reason",
    [
        (QUERIES[:2], "got 0 with returnData, allowed is one"),
        ([QUERIES[0], *QUERIES], "allowed is each once"),
        ([{"id": "Value", "expression": "1", "returnData": True}], "a small one first"),
        ([{"id": "value", "returnData": True}], "either expression or metric"),
        ([{**QUERIES[1], "metric": {"namespace": "x"}}], "metric.metricName: missing"),
    ],
)
def test_queries_that_the_service_would_refuse_are_refused(
    plugin: AwsPlugin, queries: list[object], reason: str
) -> None:
    refusals = plugin.refusals("cloudwatch.MetricAlarm", **{**OF_QUERIES, "metricQueries": queries})
    assert reason in "; ".join(refusals)


def test_an_alarm_on_alarms_is_kept_and_names_alarms_that_there_are(plugin: AwsPlugin) -> None:
    rule = 'ALARM("busy") AND (ALARM(full) OR NOT OK("busy"))'
    with pytest.raises(ProviderError, match="alarms that there are not in eu-central-1: busy, full"):
        plugin.create("cloudwatch.CompositeAlarm", alarmName="both", alarmRule=rule)
    for name in ("busy", "full"):
        plugin.create("cloudwatch.MetricAlarm", **{**ALARM, "name": name})
    both = plugin.create("cloudwatch.CompositeAlarm", alarmName="both", alarmRule=rule, alarmActions=[TOPIC])
    assert both["arn"] == plugin.aws.arn("cloudwatch", "alarm:both")
    assert_as_declared(both)
    both.update(alarmRule='ALARM("busy")', tags={"a": "b"})
    assert_as_declared(both)
    assert both.diff(alarmName="other").replaces == ("alarmName",)
    assert plugin.entity("cloudwatch.CompositeAlarm").verified_by == "stand-in"
    both.delete()


@pytest.mark.parametrize(
    "rule,reason",
    [
        ("", "ends too early"),
        ('ALARM("a") AND', "ends too early"),
        ('ALARM("a") ALARM("b")', "stands in the wrong place"),
        ('(ALARM("a")', "not closed"),
        ('ALARM("a"))', "not opened"),
        ('RINGS("a")', "cannot read"),
        (" OR ".join(f'ALARM("a{number}")' for number in range(101)), "names 101 alarms, allowed are 100"),
    ],
)
def test_a_rule_that_the_service_would_refuse_is_refused(rule: str, reason: str) -> None:
    assert reason in "; ".join(failure.reason for failure in check_alarm_rule(rule))


def test_a_rule_s_alarms_are_named_once() -> None:
    rule = 'NOT ALARM("a b") AND (OK(c) OR ALARM("a b")) AND TRUE'
    assert list(check_alarm_rule(rule)) == []
    assert alarms_of_rule(rule) == ("a b", "c")


def _body(**widget: object) -> str:
    whole = {"type": "metric", "x": 0, "y": 0, "width": 8, "height": 6, "properties": {"region": "r", "metrics": [[]]}}
    return json.dumps({"widgets": [{**whole, **widget}]})


def test_a_dashboard_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    made = plugin.create("cloudwatch.Dashboard", dashboardName="wall", dashboardBody=_body())
    assert_as_declared(made)
    plugin.aws.client("cloudwatch").put_dashboard(DashboardName="wall", DashboardBody=_body(y=9))
    assert made.mend() == ("dashboardBody",)
    assert made.diff(dashboardBody=json.dumps(json.loads(_body()), indent=2)).changes == ()
    made.update(dashboardBody=_body(width=12))
    assert_as_declared(made)
    made.delete()


@pytest.mark.parametrize(
    "body,reason",
    [
        ("[]", "an object with a list of widgets"),
        (_body(type="graph"), "a type of alarm"),
        (_body(x=20), "allowed are 24 columns"),
        (_body(properties={"metrics": [[]]}), "needs properties.region"),
        (_body(properties={"region": "r"}), "needs properties.metrics"),
        (_body(properties=None), "properties are missing"),
    ],
)
def test_a_dashboard_that_could_not_be_drawn_is_refused(plugin: AwsPlugin, body: str, reason: str) -> None:
    assert reason in "; ".join(plugin.refusals("cloudwatch.Dashboard", dashboardName="wall", dashboardBody=body))


def test_a_log_group_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    key = "arn:aws:kms:eu-central-1:123456789012:key/1"
    group = plugin.create("cloudwatch.LogGroup", name="/aws/a/b", kmsKeyId=key, retentionInDays=30, tags={"a": "b"})
    assert group["arn"] == plugin.aws.arn("logs", "log-group:/aws/a/b")
    assert_as_declared(group)
    plugin.aws.client("logs").put_retention_policy(logGroupName="/aws/a/b", retentionInDays=7)
    assert group.mend() == ("retentionInDays",)
    group.update(retentionInDays=None, tags={"c": "d"})
    assert_as_declared(group)
    assert "retentionInDays" not in plugin.aws.client("logs").describe_log_groups()["logGroups"][0]
    with pytest.raises(ProviderError, match="does not have the action logs:AssociateKmsKey"):
        group.update(kmsKeyId=key.replace("key/1", "key/2"))
    assert group.diff(name="/aws/a/c").replaces == ("name",)
    group.delete()


def test_a_log_group_that_the_service_would_refuse_is_refused(plugin: AwsPlugin) -> None:
    refusals = plugin.refusals("cloudwatch.LogGroup", name="a b", retentionInDays=31, kmsKeyId="alias/x")
    assert [text.split(":")[0] for text in refusals] == ["name", "retentionInDays", "kmsKeyId"]


FILTER = {
    "name": "slow",
    "logGroupName": "/aws/a/b",
    "pattern": '"duration: " -"plan:"',
    "metricTransformation": {
        "name": "slow",
        "namespace": "FashionWallet/prod",
        "value": "1",
        "defaultValue": "0",
        "unit": "Count",
    },
}


def test_a_metric_filter_lives_through_drift_and_change(plugin: AwsPlugin) -> None:
    with pytest.raises(ProviderError, match="there is no log group /aws/a/b"):
        plugin.create("cloudwatch.LogMetricFilter", **FILTER)
    plugin.create("cloudwatch.LogGroup", name="/aws/a/b")
    made = plugin.create("cloudwatch.LogMetricFilter", **FILTER)
    assert made.id == "slow"
    assert_as_declared(made)
    logs = plugin.aws.client("logs")
    (found,) = logs.describe_metric_filters(logGroupName="/aws/a/b")["metricFilters"]
    logs.delete_metric_filter(logGroupName="/aws/a/b", filterName="slow")
    logs.put_metric_filter(
        logGroupName="/aws/a/b",
        filterName="slow",
        filterPattern="ERROR",
        metricTransformations=found["metricTransformations"],
    )
    assert made.mend() == ("pattern",)
    made.update(pattern='"deadlock detected"')
    assert_as_declared(made)
    assert made.diff(logGroupName="/aws/a/c").replaces == ("logGroupName",)
    inputs, _ = plugin.imported("cloudwatch.LogMetricFilter", "/aws/a/b:slow")
    assert inputs["metricTransformation"] == FILTER["metricTransformation"]
    made.delete()


@pytest.mark.parametrize(
    "changes,reason",
    [
        ({"pattern": '"duration'}, "quotes in pairs"),
        ({"pattern": "x" * 1025}, "got 1025 characters"),
        ({"metricTransformation": {"name": "a:b", "namespace": "n", "value": "1"}}, "allowed is no : \\* or"),
        (
            {
                "metricTransformation": {
                    "name": "a",
                    "namespace": "n",
                    "value": "1",
                    "defaultValue": "0",
                    "dimensions": {"a": "$.b"},
                }
            },
            "none beside dimensions",
        ),
    ],
)
def test_a_filter_that_the_service_would_refuse_is_refused(
    plugin: AwsPlugin, changes: dict[str, object], reason: str
) -> None:
    refusals = "; ".join(plugin.refusals("cloudwatch.LogMetricFilter", **{**FILTER, **changes}))
    assert reason.replace("\\", "") in refusals
