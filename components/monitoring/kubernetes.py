"""The rules of Prometheus, out of the one list, and the queries that the time series' exporter asks for them.

Owns: PrometheusRule objects, the ConfigMap of queries, how Atlas's metrics are fetched. Does not own: Prometheus, the
PodMonitors of the cluster (`components/timescale/`), the exporter that looks into RDS (`exporter.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from components.monitoring.metrics import watches
from components.monitoring.queries import PREFIX, queries
from components.monitoring.watches import Database, Metric, PrometheusWatch, Sources
from components.timescale.kubernetes_names import CLUSTER, MANAGED_BY, POOLER, QUERIES, QUERIES_KEY

__all__ = [
    "AtlasScrape",
    "AtlasScrapeArgs",
    "Rules",
    "RulesArgs",
    "TimescaleQueries",
    "TimescaleQueriesArgs",
    "rule_group",
]

_RULE_API = "monitoring.coreos.com/v1"
_SCRAPE_API = "monitoring.coreos.com/v1alpha1"
_ATLAS_JOB = "mongodb-atlas"
# https://www.mongodb.com/docs/atlas/tutorial/prometheus-integration/
_ATLAS_DISCOVERY = "https://cloud.mongodb.com/prometheus/v1.0/groups/"


@dataclass(frozen=True, kw_only=True, slots=True)
class TimescaleQueriesArgs:
    """Arguments of `TimescaleQueries`."""

    namespace: pulumi.Input[str]
    database: str
    slow_query_ms: int


class TimescaleQueries(pulumi.ComponentResource):
    """What the time series' exporter asks beyond its own queries; must be there before the cluster."""

    config_map: core.ConfigMap

    def __init__(self, name: str, args: TimescaleQueriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the ConfigMap."""
        super().__init__("fashionwallet:monitoring:TimescaleQueries", name, None, opts)
        self.config_map = core.ConfigMap(
            f"{name}-queries",
            metadata=meta.ObjectMetaArgs(
                name=QUERIES,
                namespace=args.namespace,
                # By which the operator takes up a change without a restart.
                labels={**MANAGED_BY, "cnpg.io/reload": ""},
            ),
            data={QUERIES_KEY: queries(database=args.database, slow_query_ms=args.slow_query_ms)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesArgs:
    """Arguments of `Rules`."""

    stack: str
    sources: Sources
    namespace: str
    """As a name, for it stands in the expressions."""
    object_namespace: pulumi.Input[str]
    """The same, once it is there."""
    databases: frozenset[Database]
    """What Prometheus has metrics of: `timescale`; `postgres` with its exporter; `mongodb` with Atlas's integration."""
    atlas_cluster: str = ""
    """Name of the cluster in Atlas; needed with `mongodb`."""

    def __post_init__(self) -> None:
        """Check what shapes the graph.

        Raises:
            ValueError: MongoDB without the cluster's name.
        """
        if "mongodb" in self.databases and not self.atlas_cluster:
            raise ValueError("rules: got no name of a cluster in Atlas, and mongodb is among the databases; pass it")


class Rules(pulumi.ComponentResource):
    """One PrometheusRule for each database."""

    def __init__(self, name: str, args: RulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the rules."""
        super().__init__("fashionwallet:monitoring:Rules", name, None, opts)
        self._component_name = name
        self._args = args
        for database in sorted(args.databases):
            self._create_rule(database)
        self.register_outputs({})

    def _create_rule(self, database: Database) -> None:
        args = self._args
        group = rule_group(
            database, args.sources, stack=args.stack, namespace=args.namespace, atlas_cluster=args.atlas_cluster
        )
        CustomResource(
            f"{self._component_name}-{database}",
            api_version=_RULE_API,
            kind="PrometheusRule",
            metadata=meta.ObjectMetaArgs(
                name=f"fashion-wallet-{database}",
                namespace=args.object_namespace,
                labels={**MANAGED_BY, **args.sources.monitoring.prometheus_labels},
            ),
            spec={"groups": [group]},
            opts=pulumi.ResourceOptions(parent=self),
        )


def rule_group(
    database: Database, sources: Sources, *, stack: str, namespace: str, atlas_cluster: str = ""
) -> dict[str, Any]:
    """Return the group of a database's alerts, as a PrometheusRule has it."""
    words = _words(database, namespace, atlas_cluster)
    rules = [
        _rule(metric, watch, database, sources, stack, words)
        for metric, watch in watches(PrometheusWatch)
        if database in watch.databases
    ]
    return {"name": f"fashion-wallet-{database}", "rules": rules}


def _words(database: Database, namespace: str, atlas_cluster: str) -> Mapping[str, str]:
    """Return what the words of expressions mean for a database."""
    here = f'namespace="{namespace}"'
    own = f"cnpg_{PREFIX}" if database == "timescale" else PREFIX
    pods = f'{here},pod=~"{CLUSTER}-[0-9]+"' if database == "timescale" else f'{here},container="postgres-exporter"'
    return {
        "$own": own,
        "$poolers": f'{here},pod=~"{POOLER}-.*",database!="pgbouncer"',
        "$pods": pods,
        "$volumes": f'{here},persistentvolumeclaim=~"{CLUSTER}-[0-9]+(-wal)?"',
        "$atlas": f'cl_name="{atlas_cluster}"',
        "$namespace": namespace,
    }


def _rule(
    metric: Metric,
    watch: PrometheusWatch,
    database: Database,
    sources: Sources,
    stack: str,
    words: Mapping[str, str],
) -> dict[str, Any]:
    limit = f"{float(watch.limit(sources)):.12g}"
    expression = watch.expression.replace("$limit", limit)
    for word, meaning in words.items():
        expression = expression.replace(word, meaning)
    name = "".join(part.capitalize() for part in watch.key.removeprefix(f"{database}-").split("-"))
    below = " < " in watch.expression
    return {
        "alert": f"FashionWallet{database.capitalize()}{name}",
        "expr": expression,
        "for": watch.for_,
        "labels": {"severity": "warning", "database": database, "stack": stack},
        "annotations": {
            "summary": f"{database}: {metric.name}: {'less' if below else 'more'} than {limit} {watch.unit}",
            "description": metric.meaning,
            "value": "{{ $value }}",
        },
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasScrapeArgs:
    """Arguments of `AtlasScrape`."""

    namespace: pulumi.Input[str]
    labels: Mapping[str, str]
    """By which the cluster's Prometheus finds what it is to scrape."""
    project_id: pulumi.Input[str]
    username: pulumi.Input[str]
    password: pulumi.Input[str]
    """Those of the integration with Prometheus in Atlas's project."""


class AtlasScrape(pulumi.ComponentResource):
    """How Prometheus finds the members of the cluster in Atlas: by the service's own list of them.

    Prometheus must reach that list and the members (`components/mongodb/atlas_prometheus.py`); the network policies of
    its namespace are not this stack's.
    """

    def __init__(self, name: str, args: AtlasScrapeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the login and the scrape."""
        super().__init__("fashionwallet:monitoring:AtlasScrape", name, None, opts)
        self._component_name = name
        self._args = args
        login = self._create_login()
        self._create_scrape(login)
        self.register_outputs({})

    def _create_login(self) -> core.Secret:
        args = self._args
        return core.Secret(
            f"{self._component_name}-login",
            metadata=meta.ObjectMetaArgs(name=f"{_ATLAS_JOB}-login", namespace=args.namespace, labels=MANAGED_BY),
            string_data={"username": args.username, "password": pulumi.Output.secret(args.password)},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_scrape(self, login: core.Secret) -> None:
        args, secret = self._args, f"{_ATLAS_JOB}-login"
        auth = {key: {"name": secret, "key": key} for key in ("username", "password")}
        discovery = pulumi.Output.concat(_ATLAS_DISCOVERY, args.project_id, "/discovery")
        CustomResource(
            f"{self._component_name}-scrape",
            api_version=_SCRAPE_API,
            kind="ScrapeConfig",
            metadata=meta.ObjectMetaArgs(
                name=_ATLAS_JOB, namespace=args.namespace, labels={**MANAGED_BY, **args.labels}
            ),
            spec={
                "jobName": _ATLAS_JOB,
                "scheme": "HTTPS",
                "metricsPath": "/metrics",
                "basicAuth": auth,
                "httpSDConfigs": [{"url": discovery, "basicAuth": auth, "refreshInterval": "60s"}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[login]),
        )
