"""How clients outside Kubernetes reach the time-series cluster: network load balancers inside the VPC.

Owns: one service a role. Made before the servers: their certificate names what the load balancer is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from components.timescale.kubernetes_names import CLUSTER, CLUSTER_LABEL, MANAGED_BY, POSTGRES_PORT, wait_for

__all__ = ["Balancer", "BalancerArgs"]

_CLASS = "service.k8s.aws/nlb"
_ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer"
_ADDRESS = "jsonpath={.status.loadBalancer.ingress[0]}"
"""Only the address is waited for: the pods behind it come later, with a certificate that names it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BalancerArgs:
    """Arguments of `Balancer`."""

    namespace: pulumi.Input[str]
    role: str
    """`primary` or `replica`, as the operator labels instances."""
    source_cidrs: Sequence[pulumi.Input[str]]
    ready_timeout_s: int
    protect: bool
    """Nobody can delete the load balancer by itself."""


class Balancer(pulumi.ComponentResource):
    """A load balancer in front of the instances of one role."""

    host: pulumi.Output[str]
    """Its DNS name, or its address where it has none."""
    service: core.Service

    def __init__(self, name: str, args: BalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the service."""
        super().__init__("fashionwallet:timescale:Balancer", name, None, opts)
        self.service = self._create_service(name, args)
        self.host = self.service.status.apply(_host)
        self.register_outputs({"host": self.host})

    def _create_service(self, name: str, args: BalancerArgs) -> core.Service:
        kept = "load_balancing.cross_zone.enabled=true,deletion_protection.enabled=" + str(args.protect).lower()
        return core.Service(
            f"{name}-service",
            metadata=meta.ObjectMetaArgs(
                name=f"{CLUSTER}-{args.role}",
                namespace=args.namespace,
                labels=MANAGED_BY,
                annotations={
                    **wait_for(_ADDRESS, args.ready_timeout_s),
                    f"{_ANNOTATION}-scheme": "internal",
                    f"{_ANNOTATION}-nlb-target-type": "ip",
                    # Policies judge by the client's address, so it has to arrive.
                    f"{_ANNOTATION}-target-group-attributes": "preserve_client_ip.enabled=true",
                    f"{_ANNOTATION}-attributes": kept,
                },
            ),
            spec=core.ServiceSpecArgs(
                type="LoadBalancer",
                load_balancer_class=_CLASS,
                allocate_load_balancer_node_ports=False,
                load_balancer_source_ranges=list(args.source_cidrs),
                selector={**CLUSTER_LABEL, "cnpg.io/instanceRole": args.role},
                ports=[core.ServicePortArgs(name="postgresql", port=POSTGRES_PORT, protocol="TCP")],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _host(status: core.outputs.ServiceStatus | None) -> str:
    balancer = status.load_balancer if status is not None else None
    ingress = balancer.ingress if balancer is not None else None
    if not ingress or not (ingress[0].hostname or ingress[0].ip):
        raise ValueError(
            "the load balancer of the time series has no address yet. Got none in its status, needed is one: look at "
            "the events of the service and at the AWS Load Balancer Controller, then run the update again"
        )
    return str(ingress[0].hostname or ingress[0].ip)
