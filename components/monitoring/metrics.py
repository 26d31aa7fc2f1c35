"""The one list of what is watched (spec 5.1): alarms, alerts, rules and the dashboard are all made of it."""

from collections.abc import Iterator
from typing import TypeVar

from components.monitoring.mongodb_metrics import MONGODB
from components.monitoring.postgresql_health_metrics import POSTGRESQL_HEALTH
from components.monitoring.postgresql_use_metrics import POSTGRESQL_USE
from components.monitoring.watches import Metric

__all__ = ["METRICS", "MONGODB", "POSTGRESQL", "watches"]

POSTGRESQL: tuple[Metric, ...] = (*POSTGRESQL_USE, *POSTGRESQL_HEALTH)
"""The lines of spec 5.1.1, and what 3.7.2 and 5.2.2 add."""
METRICS: tuple[Metric, ...] = (*POSTGRESQL, *MONGODB)

W = TypeVar("W")


def watches(kind: type[W], metrics: tuple[Metric, ...] = METRICS) -> Iterator[tuple[Metric, W]]:
    """Yield each watch of a kind with the metric that it watches, in the list's order."""
    for metric in metrics:
        for watch in metric.watches:
            if isinstance(watch, kind):
                yield metric, watch
