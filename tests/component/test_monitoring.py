"""The graph of monitoring: whom alarms tell, one alarm for each metric of each instance, rules, dashboard, exporter."""

import functools
import json
from typing import Any

import pulumi
import pytest

from components.monitoring.aws import Alarms, AlarmsArgs, Alerts, AlertsArgs, instances_of
from components.monitoring.aws_backups import BackupAlarms, BackupAlarmsArgs
from components.monitoring.exporter import PostgresExporter, PostgresExporterArgs
from components.monitoring.kubernetes import (
    AtlasScrape,
    AtlasScrapeArgs,
    Rules,
    RulesArgs,
    TimescaleQueries,
    TimescaleQueriesArgs,
)
from components.monitoring.metrics import watches
from components.monitoring.watches import CloudWatchWatch, InsightsWatch, LogWatch, Sources
from plugins.aws.cloudwatch_checks import alarms_of_rule, check_alarm, check_alarm_rule, check_dashboard
from settings import ClusterSettings, MongodbSettings, TimescaleSettings
from settings.cloud.monitoring import MonitoringSettings
from settings.cloud.tags import TagSettings
from tests.component.graph import MARK, Graph, Node, leaves, record

KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"
TAGS = TagSettings(owner="platform", cost_center="42")
SETTINGS = MonitoringSettings(
    alert_emails=("oncall@example.com", "dba+prod@example.com"), prometheus_labels={"release": "stack"}
)
SOURCES = Sources(
    monitoring=SETTINGS, postgres=ClusterSettings(), timescale=TimescaleSettings(), mongodb=MongodbSettings()
)
NAMES = ("postgres-primary", "postgres-replica-eu-central-1b", "postgres-replica-eu-central-1c")


def _outputs(names: tuple[str, ...], begin: str) -> dict[str, pulumi.Output[str]]:
    return {name: pulumi.Output.from_input(f"{begin}-{name}") for name in names}


@functools.cache
def alerts() -> Graph:
    def declare() -> dict[str, Any]:
        made = Alerts("alerts", AlertsArgs(stack="prod", settings=SETTINGS, tags=TAGS, key_arn=KEY))
        return {"topic": made.topic_arn}

    return record(declare)


@functools.cache
def alarms(names: tuple[str, ...] = NAMES, proxy: str | None = "proxy") -> Graph:
    def declare() -> dict[str, Any]:
        made = Alarms(
            "alarms",
            AlarmsArgs(
                stack="prod",
                sources=SOURCES,
                tags=TAGS,
                region="eu-central-1",
                topic_arn=TOPIC,
                instances=instances_of(_outputs(names, "id"), _outputs(names, "db")),
                proxy_name=proxy,
            ),
        )
        return {"dashboard": made.dashboard_name}

    return record(declare)


def test_the_topic_has_the_customer_s_key_and_tells_every_address() -> None:
    topic = alerts().one("Topic", "alerts-topic")
    assert topic.inputs["kmsMasterKeyId"] == KEY
    assert topic.inputs["tags"]["Owner"] == "platform"
    assert alerts().outputs["topic"].endswith(":alerts-topic")
    subscriptions = alerts().of("TopicSubscription")
    assert sorted(subscriptions) == ["alerts-email-dba-prod-example.com", "alerts-email-oncall-example.com"]
    assert {one.inputs["endpoint"] for one in subscriptions.values()} == set(SETTINGS.alert_emails)


def test_only_services_of_this_account_publish_and_only_encrypted() -> None:
    policy = json.loads(alerts().one("TopicPolicy", "alerts-policy").inputs["policy"])
    services, events, encrypted = policy["Statement"]
    assert services["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert services["Principal"]["Service"] == [
        "backup.amazonaws.com",
        "cloudwatch.amazonaws.com",
        "events.rds.amazonaws.com",
    ]
    # EventBridge gives no account: a condition would drop every event.
    assert events["Principal"] == {"Service": "events.amazonaws.com"}
    assert "Condition" not in events
    assert encrypted["Effect"] == "Deny"
    assert {one["Action"] for one in policy["Statement"]} == {"sns:Publish"}
    assert {one["Resource"] for one in policy["Statement"]} == {alerts().outputs["topic"]}


def test_every_watch_of_rds_is_an_alarm_of_each_instance_that_it_is_about() -> None:
    made = alarms().of("MetricAlarm")
    wanted = set()
    for kind in (CloudWatchWatch, InsightsWatch, LogWatch):
        for _, watch in watches(kind):
            if isinstance(watch, CloudWatchWatch) and watch.proxy:
                wanted.add(f"alarms-postgres-proxy-{watch.key}")
                continue
            for name in NAMES:
                role = "primary" if name.endswith("primary") else "replica"
                wanted |= {f"alarms-{name}-{watch.key}"} if role in watch.on else set()
    assert set(made) == wanted
    for alarm in made.values():
        assert alarm.inputs["name"] == "fashion-wallet-prod-" + alarm.name.removeprefix("alarms-")
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [TOPIC]
        assert alarm.inputs["treatMissingData"] in ("breaching", "notBreaching", "missing")
        assert alarm.inputs["tags"]["Stack"] == "prod"
        assert len(alarm.inputs["alarmDescription"]) <= 1024
        assert list(check_alarm({**alarm.inputs, "region": "eu-central-1"})) == []


def test_an_alarm_of_an_instance_is_what_the_settings_say() -> None:
    cpu = alarms().one("MetricAlarm", "alarms-postgres-primary-cpu").inputs
    assert (cpu["namespace"], cpu["metricName"], cpu["statistic"]) == ("AWS/RDS", "CPUUtilization", "Average")
    assert cpu["dimensions"] == {"DBInstanceIdentifier": "id-postgres-primary"}
    assert (cpu["threshold"], cpu["period"], cpu["evaluationPeriods"], cpu["datapointsToAlarm"]) == (80, 60, 5, 3)
    assert cpu["comparisonOperator"] == "GreaterThanThreshold"
    lag = alarms().one("MetricAlarm", "alarms-postgres-replica-eu-central-1b-replica-lag").inputs
    assert (lag["threshold"], lag["treatMissingData"]) == (1, "breaching")
    wait = alarms().one("MetricAlarm", "alarms-postgres-proxy-connection-wait").inputs
    assert (wait["dimensions"], wait["threshold"]) == ({"ProxyName": "proxy"}, 1_000_000)


def test_an_alarm_on_insights_looks_up_the_resource_id() -> None:
    hits = alarms().one("MetricAlarm", "alarms-postgres-primary-cache-hits").inputs
    first, second, value = hits["metricQueries"]
    assert first["expression"] == "DB_PERF_INSIGHTS('RDS', 'db-postgres-primary', 'db.Cache.blks_hit.avg')"
    assert second["expression"] == "DB_PERF_INSIGHTS('RDS', 'db-postgres-primary', 'db.IO.blks_read.avg')"
    assert (value["expression"], value["returnData"]) == ("100*m1/(m1+m2)", True)
    assert (hits["comparisonOperator"], hits["threshold"]) == ("LessThanThreshold", 95)
    memory = alarms().one("MetricAlarm", "alarms-postgres-primary-free-memory").inputs["metricQueries"]
    assert memory[0]["metric"]["dimensions"] == {"DBInstanceIdentifier": "id-postgres-primary"}
    assert memory[1]["expression"].startswith("DB_PERF_INSIGHTS('RDS', 'db-postgres-primary', 'os.memory.total")


def test_a_log_is_counted_by_a_filter_and_watched_by_an_alarm_of_the_same_metric() -> None:
    filters = alarms().of("LogMetricFilter")
    assert len(filters) == sum(
        sum(("primary" if name.endswith("primary") else "replica") in watch.on for name in NAMES)
        for _, watch in watches(LogWatch)
    )
    for one in filters.values():
        metric = one.inputs["metricTransformation"]
        alarm = alarms().one("MetricAlarm", one.name.removesuffix("-events")).inputs
        assert (alarm["namespace"], alarm["metricName"]) == (metric["namespace"], metric["name"])
        assert (metric["value"], metric["defaultValue"]) == ("1", "0")
        assert alarm["statistic"] == "Sum"
    slow = filters["alarms-postgres-primary-slow-queries-events"].inputs
    assert slow["logGroupName"] == "/aws/rds/instance/id-postgres-primary/postgresql"
    assert slow["pattern"] == '"duration: " -"plan:"'


def test_an_overloaded_primary_is_an_alarm_on_alarms_that_there_are() -> None:
    (overloaded,) = alarms().of("CompositeAlarm").values()
    rule = overloaded.inputs["alarmRule"]
    assert list(check_alarm_rule(rule)) == []
    names = {alarm.inputs["name"] for alarm in alarms().of("MetricAlarm").values()}
    assert set(alarms_of_rule(rule)) <= names
    assert len(alarms_of_rule(rule)) == 4
    assert "MetricAlarm:alarms-postgres-primary-cpu" in alarms().ancestors(overloaded)
    assert len(alarms_of_rule(alarms(NAMES, None).of("CompositeAlarm").popitem()[1].inputs["alarmRule"])) == 3


def test_a_replica_for_recovery_alone_has_its_own_lag_and_no_primary() -> None:
    graph = alarms(("postgres-recovery",), None)
    assert graph.one("MetricAlarm", "alarms-postgres-recovery-recovery-lag").inputs["threshold"] == 300
    assert "alarms-postgres-recovery-replica-lag" not in graph.of("MetricAlarm")
    assert graph.of("CompositeAlarm") == {}


def test_the_dashboard_shows_every_watch_with_its_limit() -> None:
    dashboard = alarms().one("Dashboard", "alarms-dashboard").inputs
    assert list(check_dashboard(dashboard)) == []
    widgets = json.loads(dashboard["dashboardBody"])["widgets"]
    graphs = [widget["properties"] for widget in widgets if widget["type"] == "metric"]
    keys = {watch.key for kind in (CloudWatchWatch, InsightsWatch, LogWatch) for _, watch in watches(kind)}
    assert {graph["title"].rsplit(": ", 1)[1] for graph in graphs} == keys - {"recovery-lag"}
    assert all(graph["annotations"]["horizontal"][0]["value"] >= 0 for graph in graphs)
    shown = [arn for widget in widgets if widget["type"] == "alarm" for arn in widget["properties"]["alarms"]]
    assert len(shown) == len(alarms().of("MetricAlarm"))
    places = [(widget["x"], widget["y"]) for widget in widgets]
    assert len(set(places)) == len(places)


def test_alarms_without_an_instance_are_refused() -> None:
    with pytest.raises(ValueError, match="got no instance"):
        AlarmsArgs(stack="prod", sources=SOURCES, tags=TAGS, region="r", topic_arn=TOPIC, instances={})


@functools.cache
def backups() -> Graph:
    def declare() -> dict[str, Any]:
        vaults = {"primary": pulumi.Output.from_input("vault")}
        made = BackupAlarms(
            "backups",
            BackupAlarmsArgs(stack="prod", tags=TAGS, topic_arn=TOPIC, vaults=vaults, daily=frozenset({"primary"})),
        )
        return {"alarms": dict(made.alarm_arns)}

    return record(declare)


def test_a_backup_that_fails_or_is_missing_tells_somebody() -> None:
    made = backups().of("MetricAlarm")
    assert sorted(made) == [
        "backups-primary-backups-expired",
        "backups-primary-backups-failed",
        "backups-primary-copies-failed",
        "backups-primary-no-backup",
        "backups-primary-restores-failed",
    ]
    for alarm in made.values():
        assert list(check_alarm({**alarm.inputs, "region": "eu-central-1"})) == []
        assert alarm.inputs["dimensions"] == {"BackupVaultName": "vault"}
    missing = made["backups-primary-no-backup"].inputs
    assert (missing["comparisonOperator"], missing["treatMissingData"]) == ("LessThanThreshold", "breaching")
    assert missing["period"] * missing["evaluationPeriods"] == 36 * 3600
    assert set(backups().outputs["alarms"]) == {name.removeprefix("backups-") for name in made}


def test_events_of_jobs_that_failed_go_to_the_topic_without_a_role() -> None:
    rules, targets = backups().of("EventRule"), backups().of("EventTarget")
    assert {f"{name}-topic" for name in rules} == set(targets)
    patterns = {name: json.loads(rule.inputs["eventPattern"]) for name, rule in rules.items()}
    restore = patterns["backups-restore-job"]
    assert restore == {
        "source": ["aws.backup"],
        "detail-type": ["Restore Job State Change"],
        "detail": {"status": ["FAILED", "ABORTED"]},
    }
    assert patterns["backups-copy-job"]["detail"] == {"state": ["FAILED"]}
    for target in targets.values():
        assert target.inputs["arn"] == TOPIC
        assert "roleArn" not in target.inputs


def test_a_daily_vault_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="got daily"):
        BackupAlarmsArgs(stack="prod", tags=TAGS, topic_arn=TOPIC, vaults={}, daily=frozenset({"primary"}))


@functools.cache
def kubernetes() -> Graph:
    def declare() -> dict[str, Any]:
        namespace = pulumi.Output.from_input("fashion-wallet")
        TimescaleQueries("queries", TimescaleQueriesArgs(namespace=namespace, database="metrics", slow_query_ms=200))
        Rules(
            "rules",
            RulesArgs(
                stack="prod",
                sources=SOURCES,
                namespace="fashion-wallet",
                object_namespace=namespace,
                databases=frozenset({"timescale", "postgres", "mongodb"}),
                atlas_cluster="fw",
            ),
        )
        AtlasScrape(
            "atlas",
            AtlasScrapeArgs(
                namespace=namespace,
                labels=SETTINGS.prometheus_labels,
                project_id="5f0c",
                username="prom_user",
                password=f"{MARK} of Prometheus",
            ),
        )
        PostgresExporter(
            "exporter",
            PostgresExporterArgs(
                namespace=namespace,
                monitoring_namespace="monitoring",
                labels=SETTINGS.prometheus_labels,
                image="exporter@sha256:" + "a" * 64,
                host="primary.example",
                database="fashion_wallet",
                slow_query_ms=200,
                server_cidr="10.40.0.0/16",
                username="monitor",
                password=f"{MARK} of monitor",
                ca_pem="CA",
            ),
        )
        return {}

    return record(declare)


def test_prometheus_gets_a_rule_of_each_database_by_its_labels() -> None:
    rules = kubernetes().of("PrometheusRule")
    assert sorted(rules) == ["rules-mongodb", "rules-postgres", "rules-timescale"]
    for rule in rules.values():
        assert rule.inputs["metadata"]["labels"]["release"] == "stack"
        assert rule.inputs["spec"]["groups"][0]["rules"]
    with pytest.raises(ValueError, match="no name of a cluster in Atlas"):
        RulesArgs(
            stack="prod",
            sources=SOURCES,
            namespace="n",
            object_namespace="n",
            databases=frozenset({"mongodb"}),
        )


def test_the_time_series_exporter_reloads_its_queries() -> None:
    config = kubernetes().one("ConfigMap", "queries-queries").inputs
    assert config["metadata"]["name"] == "timescale-monitoring"
    assert config["metadata"]["labels"]["cnpg.io/reload"] == ""
    assert json.loads(config["data"]["queries.yaml"])["fashion_wallet_sessions"]["target_databases"] == ["metrics"]


def test_atlas_is_found_by_its_own_list_and_the_password_is_secret() -> None:
    (scrape,) = kubernetes().of("ScrapeConfig").values()
    (discovery,) = scrape.inputs["spec"]["httpSDConfigs"]
    assert discovery["url"] == "https://cloud.mongodb.com/prometheus/v1.0/groups/5f0c/discovery"
    assert discovery["basicAuth"]["password"] == {"name": "mongodb-atlas-login", "key": "password"}


def test_no_password_is_in_clear() -> None:
    for node in kubernetes().nodes.values():
        assert not any(MARK in str(value) for value in leaves(node.plain))


def _exporter() -> Node:
    return kubernetes().one("Deployment", "exporter-deployment")


def test_the_exporter_verifies_the_server_and_may_do_nothing_else() -> None:
    pod = _exporter().inputs["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    environment = {one["name"]: one["value"] for one in container["env"]}
    assert environment["DATA_SOURCE_URI"] == (
        "primary.example:5432/fashion_wallet?sslmode=verify-full&sslrootcert=/etc/postgres-exporter/ca.pem"
    )
    assert environment["DATA_SOURCE_USER"] == "monitor"
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    (egress,) = kubernetes().one("NetworkPolicy", "exporter-policy").inputs["spec"]["egress"]
    assert egress["to"] == [{"ipBlock": {"cidr": "10.40.0.0/16"}}]
    (monitor,) = kubernetes().of("PodMonitor").values()
    labels = monitor.inputs["spec"]["selector"]["matchLabels"]
    assert labels.items() <= _exporter().inputs["spec"]["template"]["metadata"]["labels"].items()
