"""Who may talk to whom around the time-series cluster.

Owns: the policies of the servers and of the pooler. Does not own: that all else is closed (`kubernetes_workspace.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.networking import v1 as networking

from components.timescale.kubernetes_names import (
    CLUSTER,
    CLUSTER_LABEL,
    INSTANCE,
    JOB_LABEL,
    MANAGED_BY,
    POOLER,
    POOLER_LABEL,
    POSTGRES_PORT,
)
from settings.cloud.kubernetes import KubernetesSettings

__all__ = ["Traffic", "TrafficArgs", "https"]

_STATUS_PORT = 8000  # of the instance manager: the operator asks there how an instance is
_INSTANCE_METRICS_PORT = 9187
_POOLER_METRICS_PORT = 9127
_HTTPS_PORTS = (443, 6443)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficArgs:
    """Arguments of `Traffic`."""

    namespace: pulumi.Input[str]
    settings: KubernetesSettings
    client_cidrs: Sequence[pulumi.Input[str]]
    """Networks whose hosts may connect to the servers; the load balancer keeps the client's address."""


class Traffic(pulumi.ComponentResource):
    """The policies of servers and pooler."""

    def __init__(self, name: str, args: TrafficArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the policies."""
        super().__init__("fashionwallet:timescale:Traffic", name, None, opts)
        self._component_name = name
        self._args = args
        self._create_policy("servers", CLUSTER, INSTANCE, self._to_servers(), ())
        # Instances, and the operator's jobs that make and copy them, reach each other, the API and S3.
        self._create_policy("outward", f"{CLUSTER}-outward", CLUSTER_LABEL, (), (self._each_other(), https()))
        self._create_policy("pooler", POOLER, POOLER_LABEL, self._to_pooler(), ())
        self.register_outputs({})

    def _to_servers(self) -> tuple[networking.NetworkPolicyIngressRuleArgs, ...]:
        settings = self._args.settings
        clients = [
            *(
                networking.NetworkPolicyPeerArgs(ip_block=networking.IPBlockArgs(cidr=cidr))
                for cidr in self._args.client_cidrs
            ),
            *(_namespace(namespace) for namespace in settings.client_namespaces),
            _pods(JOB_LABEL),
        ]
        operator = networking.NetworkPolicyPeerArgs(
            namespace_selector=_in_namespace(settings.operator_namespace),
            pod_selector=meta.LabelSelectorArgs(match_labels={"app.kubernetes.io/name": "cloudnative-pg"}),
        )
        return (
            _ingress(clients, POSTGRES_PORT),
            # Replication, copies of an instance, and the pooler.
            _ingress([_pods(CLUSTER_LABEL)], POSTGRES_PORT, _STATUS_PORT),
            _ingress([operator], POSTGRES_PORT, _STATUS_PORT),
            _ingress([_namespace(settings.monitoring_namespace)], _INSTANCE_METRICS_PORT),
        )

    def _to_pooler(self) -> tuple[networking.NetworkPolicyIngressRuleArgs, ...]:
        settings = self._args.settings
        monitoring = _ingress([_namespace(settings.monitoring_namespace)], _POOLER_METRICS_PORT)
        clients = [_namespace(namespace) for namespace in settings.client_namespaces]
        # A rule without a peer would let everybody in.
        return (_ingress(clients, POSTGRES_PORT), monitoring) if clients else (monitoring,)

    @staticmethod
    def _each_other() -> networking.NetworkPolicyEgressRuleArgs:
        return networking.NetworkPolicyEgressRuleArgs(
            to=[_pods(CLUSTER_LABEL)],
            ports=[
                networking.NetworkPolicyPortArgs(port=port, protocol="TCP") for port in (POSTGRES_PORT, _STATUS_PORT)
            ],
        )

    def _create_policy(
        self,
        role: str,
        object_name: str,
        labels: dict[str, str],
        ingress: Sequence[networking.NetworkPolicyIngressRuleArgs],
        egress: Sequence[networking.NetworkPolicyEgressRuleArgs],
    ) -> None:
        networking.NetworkPolicy(
            f"{self._component_name}-{role}",
            metadata=meta.ObjectMetaArgs(name=object_name, namespace=self._args.namespace, labels=MANAGED_BY),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=meta.LabelSelectorArgs(match_labels=labels),
                policy_types=["Ingress"] if ingress else ["Egress"],
                ingress=list(ingress) or None,
                egress=list(egress) or None,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def https() -> networking.NetworkPolicyEgressRuleArgs:
    """Return the rule by which pods reach S3, STS, Secrets Manager and the API server.

    To any address: a gateway endpoint of S3 has public ones, and policies cannot name AWS's lists. The subnets have no
    route to the internet.
    """
    return networking.NetworkPolicyEgressRuleArgs(
        ports=[networking.NetworkPolicyPortArgs(port=port, protocol="TCP") for port in _HTTPS_PORTS]
    )


def _ingress(peers: Sequence[networking.NetworkPolicyPeerArgs], *ports: int) -> networking.NetworkPolicyIngressRuleArgs:
    return networking.NetworkPolicyIngressRuleArgs(
        from_=list(peers), ports=[networking.NetworkPolicyPortArgs(port=port, protocol="TCP") for port in ports]
    )


def _in_namespace(name: str) -> meta.LabelSelectorArgs:
    labels = {"kubernetes.io/metadata.name": name}
    return meta.LabelSelectorArgs(match_labels=labels)


def _namespace(name: str) -> networking.NetworkPolicyPeerArgs:
    return networking.NetworkPolicyPeerArgs(namespace_selector=_in_namespace(name))


def _pods(labels: dict[str, str]) -> networking.NetworkPolicyPeerArgs:
    return networking.NetworkPolicyPeerArgs(pod_selector=meta.LabelSelectorArgs(match_labels=labels))
