"""The settings of monitoring: single values, and rules one case a row."""

import pytest
from pydantic import ValidationError

from settings import ClusterSettings
from settings.cloud.monitoring import MonitoringSettings, PostgresqlAlarmSettings
from settings.cloud.monitoring_rules import MONITORED_CLUSTER_RULES, MONITORING_RULES
from settings.rules import broken_rules

EMAILS = ("oncall@example.com",)
BROKEN = {
    "datapointsToAlarm": MonitoringSettings(alert_emails=EMAILS, evaluation_periods=2),
    "evaluationPeriods": MonitoringSettings(alert_emails=EMAILS, period_s=3600, evaluation_periods=25),
    "alertEmails": MonitoringSettings(alert_emails=(*EMAILS, "OnCall@example.com")),
    "postgresql.activeConnectionsPercent": MonitoringSettings(
        alert_emails=EMAILS, postgresql=PostgresqlAlarmSettings(active_connections_percent=81)
    ),
    "postgresql.idleConnectionsPercent": MonitoringSettings(
        alert_emails=EMAILS, postgresql=PostgresqlAlarmSettings(idle_connections_percent=81)
    ),
}


@pytest.mark.parametrize("key", [rule.key for rule in MONITORING_RULES])
def test_a_broken_rule_of_monitoring_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN[key], MONITORING_RULES, "fashion-wallet:cloud.monitoring.")
    assert problem.path == f"fashion-wallet:cloud.monitoring.{key}"
    assert problem.fix


def test_the_defaults_break_no_rule() -> None:
    assert not list(broken_rules(MonitoringSettings(alert_emails=EMAILS), MONITORING_RULES, ""))


def test_a_cluster_whose_bloat_cannot_be_measured_is_refused() -> None:
    (problem,) = broken_rules(ClusterSettings(), MONITORED_CLUSTER_RULES, "fashion-wallet:postgres.")
    assert problem.path == "fashion-wallet:postgres.extensions"
    assert problem.fix == "add pgstattuple"
    able = ClusterSettings(extensions=("pgcrypto", "pgstattuple"))
    assert not list(broken_rules(able, MONITORED_CLUSTER_RULES, ""))


@pytest.mark.parametrize(
    "key,value,cause",
    [
        ("alertEmails", [], "at least 1 item"),
        ("alertEmails", ["nobody"], "match pattern"),
        ("periodS", 90, "no multiple of 60"),
        ("periodS", 0, "greater than or equal to 60"),
        ("exporterImage", "postgres-exporter", "match pattern"),
        ("prometheusLabels", {"release": "-"}, "match pattern"),
        ("emails", [], "Extra inputs"),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: object, cause: str) -> None:
    with pytest.raises(ValidationError, match=cause):
        MonitoringSettings.model_validate({"alertEmails": list(EMAILS), key: value}, by_alias=True, by_name=False)


def test_a_period_that_is_near_is_offered() -> None:
    with pytest.raises(ValidationError) as caught:
        MonitoringSettings(alert_emails=EMAILS, period_s=150)
    assert caught.value.errors()[0]["ctx"]["fix"] == "set it to 120"


def test_an_image_is_taken_by_its_digest() -> None:
    image = "quay.io/prometheuscommunity/postgres-exporter:v0.17.1@sha256:" + "a" * 64
    assert MonitoringSettings(alert_emails=EMAILS, exporter_image=image).exporter_image == image
