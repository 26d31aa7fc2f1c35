"""How a metric can be watched: the words in which the list of metrics (`metrics.py`) is written.

Pure data: nothing here knows of Pulumi. A limit is a function of the settings, so that it is a number of theirs always.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from settings import ClusterSettings, MongodbSettings
from settings.cloud.monitoring import MonitoringSettings

__all__ = [
    "AtlasWatch",
    "CloudWatchWatch",
    "Database",
    "InsightsWatch",
    "InstanceRole",
    "Limit",
    "LogWatch",
    "Metric",
    "PrometheusWatch",
    "Sources",
    "Watch",
]

Database = Literal["postgres", "timescale", "mongodb"]
InstanceRole = Literal["primary", "replica", "recovery"]
EVERY_INSTANCE: tuple[InstanceRole, ...] = ("primary", "replica", "recovery")
Missing = Literal["breaching", "notBreaching", "missing", "ignore"]

_OPERAND = re.compile(r"\{([A-Za-z_.]+)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """The settings that limits are read from."""

    monitoring: MonitoringSettings
    postgres: ClusterSettings
    timescale: ClusterSettings
    mongodb: MongodbSettings


Limit = Callable[[Sources], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudWatchWatch:
    """An alarm on a metric that RDS, or its proxy, sends to CloudWatch by itself."""

    key: str
    """Unique in the list; part of the alarm's name."""
    metric: str
    limit: Limit
    unit: str
    """Of the limit, for people."""
    statistic: Literal["Average", "Maximum", "Minimum", "Sum"] = "Average"
    below: bool = False
    """Whether less than the limit is bad, and not more."""
    missing: Missing = "missing"
    on: tuple[InstanceRole, ...] = EVERY_INSTANCE
    proxy: bool = False
    """Of the proxy, and not of an instance."""
    databases: tuple[Database, ...] = ("postgres",)


@dataclass(frozen=True, kw_only=True, slots=True)
class InsightsWatch:
    """An alarm on arithmetic with counters of Performance Insights (`db.…`, `os.…`) and metrics of RDS.

    `expression` names each in braces, say `100*{db.Cache.blks_hit}/({db.Cache.blks_hit}+{db.IO.blks_read})`. Counters
    are looked up by the instance's resource id, once a minute. Source: AWS, "Performance Insights counter metrics".
    """

    key: str
    expression: str
    limit: Limit
    unit: str
    below: bool = False
    missing: Missing = "missing"
    on: tuple[InstanceRole, ...] = EVERY_INSTANCE
    databases: tuple[Database, ...] = ("postgres",)

    @property
    def operands(self) -> tuple[str, ...]:
        """The counters and metrics, each once, in the order in which they are named."""
        return tuple(dict.fromkeys(_OPERAND.findall(self.expression)))

    def formula(self, ids: Mapping[str, str]) -> str:
        """Return the expression with each operand as its id."""
        return _OPERAND.sub(lambda match: ids[match[1]], self.expression)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogWatch:
    """An alarm on how many events of an instance's PostgreSQL log match a pattern, within five minutes.

    `pattern` is one of CloudWatch's filter patterns for plain text: quoted terms that must be there, `?` any of them,
    `-` none.
    """

    key: str
    pattern: str
    limit: Limit
    unit: str
    on: tuple[InstanceRole, ...] = EVERY_INSTANCE
    databases: tuple[Database, ...] = ("postgres",)


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasWatch:
    """An alert of MongoDB Atlas; without a metric it is about an event, with or without a threshold.

    Names and units are those of its Administration API.
    """

    key: str
    metric: str = ""
    event: str = "OUTSIDE_METRIC_THRESHOLD"
    limit: Limit | None = None
    units: str = "RAW"
    below: bool = False
    databases: tuple[Database, ...] = ("mongodb",)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrometheusWatch:
    """An alert of a PrometheusRule.

    In `expression`, `$limit` is the limit; `$pods`, `$poolers` and `$volumes` select those of the database (or the
    exporter that looks at it), `$atlas` the cluster of MongoDB; `$namespace` is the layer's own, and `$own` begins the
    names of our own queries (`queries.py`). Names of metrics are those of CloudNativePG's exporter (`cnpg_…`), of
    Kubernetes, and of Atlas's integration with Prometheus (`mongodb_…`).
    """

    key: str
    expression: str
    limit: Limit
    unit: str
    for_: str = "5m"
    databases: tuple[Database, ...] = ("timescale",)


Watch = CloudWatchWatch | InsightsWatch | LogWatch | AtlasWatch | PrometheusWatch


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One thing that is watched, and how, by whatever watches each database."""

    group: str
    """Heading of the specification, or of this project."""
    name: str
    """The specification's words."""
    meaning: str
    """What a value beyond the limit says, and what to look at: it ends up in the alert's text."""
    watches: tuple[Watch, ...]

    @property
    def databases(self) -> frozenset[Database]:
        """The databases that have a watch."""
        return frozenset(database for watch in self.watches for database in watch.databases)
