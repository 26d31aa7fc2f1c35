"""The place in Kubernetes where everything of the layer lives.

Owns: the namespace, with the strictest pod security, the class of encrypted volumes, and the rule that nobody talks to
anybody unless another policy says so. Does not own: the nodes, the operator, the driver of the volumes.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.networking import v1 as networking
from pulumi_kubernetes.storage import v1 as storage

from components.timescale.kubernetes_names import MANAGED_BY
from settings.cloud.kubernetes import KubernetesSettings

__all__ = ["Workspace", "WorkspaceArgs", "object_name"]

_DRIVER = "ebs.csi.aws.com"
_DNS_PORT = 53
_DNS_NAMESPACE = "kube-system"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkspaceArgs:
    """Arguments of `Workspace`."""

    settings: KubernetesSettings
    key_arn: pulumi.Input[str]
    """Of the key that encrypts the volumes."""


class Workspace(pulumi.ComponentResource):
    """A namespace in which nothing is allowed that is not needed."""

    namespace: pulumi.Output[str]
    storage_class: pulumi.Output[str]

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the namespace and what all in it share."""
        super().__init__("fashionwallet:timescale:Workspace", name, None, opts)
        self._component_name = name
        self._args = args
        self.namespace = self._create_namespace()
        self.storage_class = self._create_storage_class()
        self._create_closed_policy()
        self._create_name_policy()
        self.register_outputs({"namespace": self.namespace, "storageClass": self.storage_class})

    def _create_namespace(self) -> pulumi.Output[str]:
        modes = ("enforce", "audit", "warn")
        made = core.Namespace(
            f"{self._component_name}-namespace",
            metadata=meta.ObjectMetaArgs(
                name=self._args.settings.namespace,
                labels={**MANAGED_BY, **{f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes}},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return object_name(made)

    def _create_storage_class(self) -> pulumi.Output[str]:
        volumes = self._args.settings.volumes
        made = storage.StorageClass(
            f"{self._component_name}-storage-class",
            metadata=meta.ObjectMetaArgs(name=volumes.storage_class, labels=MANAGED_BY),
            provisioner=_DRIVER,
            parameters={
                "type": "gp3",
                "encrypted": "true",
                "kmsKeyId": self._args.key_arn,
                "iops": str(volumes.iops),
                "throughput": str(volumes.throughput_mib_per_s),
            },
            allow_volume_expansion=True,
            # A claim that is deleted by mistake must not take the data with it.
            reclaim_policy="Retain",
            # Not before it is known in which zone the pod will run.
            volume_binding_mode="WaitForFirstConsumer",
            opts=pulumi.ResourceOptions(parent=self),
        )
        return object_name(made)

    def _create_closed_policy(self) -> None:
        networking.NetworkPolicy(
            f"{self._component_name}-closed",
            metadata=meta.ObjectMetaArgs(name="closed", namespace=self.namespace, labels=MANAGED_BY),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=meta.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_name_policy(self) -> None:
        """Let every pod resolve names."""
        ports = [networking.NetworkPolicyPortArgs(port=_DNS_PORT, protocol=protocol) for protocol in ("UDP", "TCP")]
        peer = networking.NetworkPolicyPeerArgs(
            namespace_selector=meta.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": _DNS_NAMESPACE})
        )
        networking.NetworkPolicy(
            f"{self._component_name}-names",
            metadata=meta.ObjectMetaArgs(name="names", namespace=self.namespace, labels=MANAGED_BY),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=meta.LabelSelectorArgs(),
                policy_types=["Egress"],
                egress=[networking.NetworkPolicyEgressRuleArgs(to=[peer], ports=ports)],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def object_name(made: core.Namespace | core.Secret | storage.StorageClass) -> pulumi.Output[str]:
    """Return the name of an object, which is known once the object is there: who uses it waits for it."""
    name: pulumi.Output[str] = made.metadata.apply(lambda found: str(found.name))
    return name
