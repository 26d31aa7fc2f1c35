"""Every alert that the one list of metrics has for Atlas, asked of the emulator, which knows Atlas's own names."""

from collections.abc import Iterator

import pytest

from components.mongodb.atlas_alerts import HOST_METRIC, AtlasAlert
from components.monitoring.atlas import alerts
from components.monitoring.watches import Sources
from plugins.base import Props
from rehearsal.atlas.names import EVENTS, METRIC_UNITS, THRESHOLD_EVENTS
from settings import ClusterSettings, MongodbSettings, TimescaleSettings
from settings.cloud.monitoring import MonitoringSettings
from tests.fixtures.atlas import AtlasPlugin, Made, emulator

SOURCES = Sources(
    monitoring=MonitoringSettings(alert_emails=("oncall@example.com",)),
    postgres=ClusterSettings(),
    timescale=TimescaleSettings(),
    mongodb=MongodbSettings(),
)
ALERTS = alerts(SOURCES)


@pytest.fixture(scope="module")
def project() -> Iterator[Made]:
    with emulator() as running:
        yield AtlasPlugin(running.url).project()


def test_the_list_is_about_metrics_and_events_that_atlas_has() -> None:
    assert len(ALERTS) > 5
    for alert in ALERTS:
        if alert.event_type == HOST_METRIC:
            assert alert.units in METRIC_UNITS[alert.metric], alert.name
        else:
            assert alert.event_type in (THRESHOLD_EVENTS if alert.threshold is not None else EVENTS), alert.name


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_atlas_takes_it(alert: AtlasAlert, project: Made) -> None:
    inputs: Props = {
        "projectId": project.id,
        "eventType": alert.event_type,
        "enabled": True,
        "notifications": [{"typeName": "EMAIL", "emailAddress": "oncall@example.com", "intervalMin": 60}],
    }
    threshold = {"operator": alert.operator, "threshold": alert.threshold, "units": alert.units}
    if alert.metric:
        inputs["metricThresholdConfig"] = {"metricName": alert.metric, "mode": alert.mode, **threshold}
    elif alert.threshold is not None:
        inputs["thresholdConfig"] = threshold
    project.plugin.create("AlertConfiguration", **inputs).assert_settled()
