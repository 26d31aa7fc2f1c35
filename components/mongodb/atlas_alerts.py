"""Atlas's alerts of one project, from a list that somebody else keeps (`components/monitoring/`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_mongodbatlas as atlas

from settings.cloud.atlas import AtlasSettings

__all__ = ["HOST_METRIC", "AtlasAlert", "AtlasAlerts", "AtlasAlertsArgs"]

HOST_METRIC = "OUTSIDE_METRIC_THRESHOLD"
"""Event type of an alert about a metric of a node."""
_OWNERS = "GROUP_OWNER"


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasAlert:
    """One alert; without `metric` it is about an event, which may have a threshold of its own.

    Names and units are those of Atlas's API:
    https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupalertconfig
    """

    name: str
    """Of the resource, stable: `replication-lag`."""
    event_type: str = HOST_METRIC
    metric: str = ""
    operator: Literal["GREATER_THAN", "LESS_THAN"] = "GREATER_THAN"
    threshold: float | None = None
    units: str = "RAW"
    mode: str = "AVERAGE"
    """Of a metric: over which values the threshold counts; Atlas knows this one only."""

    def __post_init__(self) -> None:
        """Refuse an alert that Atlas would refuse.

        Raises:
            ValueError: it has a metric and another event type, or none and that of metrics, or no threshold for one.
        """
        if bool(self.metric) != (self.event_type == HOST_METRIC):
            raise ValueError(
                f"alert {self.name}: got event type {self.event_type} and metric {self.metric or 'none'}; "
                f"allowed is a metric with {HOST_METRIC}, and none with any other"
            )
        if self.metric and self.threshold is None:
            raise ValueError(f"alert {self.name}: got no threshold for {self.metric}; allowed is a number")


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasAlertsArgs:
    """Arguments of `AtlasAlerts`."""

    project_id: pulumi.Input[str]
    settings: AtlasSettings
    alerts: Sequence[AtlasAlert]
    delay_min: int = 0
    """What is over before that is not told."""
    interval_min: int = 60
    """What is not over is told again after this; 5 is Atlas's least."""


class AtlasAlerts(pulumi.ComponentResource):
    """An alert configuration for each of the list."""

    def __init__(self, name: str, args: AtlasAlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the alerts."""
        super().__init__("fashionwallet:mongodb:AtlasAlerts", name, None, opts)
        self._component_name = name
        self._args = args
        for alert in args.alerts:
            self._create_alert(alert)
        self.register_outputs({})

    def _create_alert(self, alert: AtlasAlert) -> atlas.AlertConfiguration:
        return atlas.AlertConfiguration(
            f"{self._component_name}-alert-{alert.name}",
            project_id=self._args.project_id,
            event_type=alert.event_type,
            enabled=True,
            notifications=self._notifications(),
            metric_threshold_config=_metric_threshold(alert),
            threshold_config=_threshold(alert),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _notifications(self) -> list[atlas.AlertConfigurationNotificationArgs]:
        args = self._args
        if not args.settings.alert_emails:
            return [
                atlas.AlertConfigurationNotificationArgs(
                    type_name="GROUP",
                    email_enabled=True,
                    sms_enabled=False,
                    roles=[_OWNERS],
                    delay_min=args.delay_min,
                    interval_min=args.interval_min,
                )
            ]
        return [
            atlas.AlertConfigurationNotificationArgs(
                type_name="EMAIL", email_address=email, delay_min=args.delay_min, interval_min=args.interval_min
            )
            for email in args.settings.alert_emails
        ]


def _metric_threshold(alert: AtlasAlert) -> atlas.AlertConfigurationMetricThresholdConfigArgs | None:
    if not alert.metric:
        return None
    return atlas.AlertConfigurationMetricThresholdConfigArgs(
        metric_name=alert.metric,
        operator=alert.operator,
        threshold=alert.threshold,
        units=alert.units,
        mode=alert.mode,
    )


def _threshold(alert: AtlasAlert) -> atlas.AlertConfigurationThresholdConfigArgs | None:
    if alert.metric or alert.threshold is None:
        return None
    return atlas.AlertConfigurationThresholdConfigArgs(
        operator=alert.operator, threshold=alert.threshold, units=alert.units
    )
