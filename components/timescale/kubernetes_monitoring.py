"""How Prometheus finds the time-series cluster: the exporters that the operator builds in.

Owns: what is scraped. Does not own: Prometheus, and the rules about what the metrics mean (`components/monitoring`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta import v1 as meta

from components.timescale.kubernetes_names import CLUSTER, INSTANCE, MANAGED_BY, POOLER, POOLER_LABEL, SECRETS

__all__ = ["Scrapes", "ScrapesArgs"]

_PORT = "metrics"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScrapesArgs:
    """Arguments of `Scrapes`."""

    namespace: pulumi.Input[str]
    labels: Mapping[str, str]
    """By which the cluster's Prometheus finds its monitors."""
    after: Sequence[pulumi.Resource]


class Scrapes(pulumi.ComponentResource):
    """A PodMonitor for the instances, and one for the pooler."""

    def __init__(self, name: str, args: ScrapesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the monitors."""
        super().__init__("fashionwallet:timescale:Scrapes", name, None, opts)
        self._component_name = name
        self._args = args
        authority = {"ca": {"secret": {"name": SECRETS["server-ca"], "key": "ca.crt"}}, "serverName": f"{CLUSTER}-rw"}
        self._create_monitor(CLUSTER, INSTANCE, {"port": _PORT, "scheme": "https", "tlsConfig": authority})
        # The operator gives the pooler's exporter no certificate; only Prometheus's namespace reaches it.
        self._create_monitor(POOLER, POOLER_LABEL, {"port": _PORT})
        self.register_outputs({})

    def _create_monitor(self, object_name: str, labels: Mapping[str, str], endpoint: dict[str, Any]) -> None:
        CustomResource(
            f"{self._component_name}-{object_name}",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=meta.ObjectMetaArgs(
                name=object_name, namespace=self._args.namespace, labels={**MANAGED_BY, **self._args.labels}
            ),
            spec={"selector": {"matchLabels": dict(labels)}, "podMetricsEndpoints": [endpoint]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after)),
        )
