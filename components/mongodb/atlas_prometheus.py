"""Atlas's integration with Prometheus: a login by which the members' metrics can be read, and nothing else.

Prometheus must reach `cloud.mongodb.com`, which lists the members, and each member at its public address: the list has
public addresses and those of a peered VPC, and none of a private endpoint. Atlas lets in whom the project's access list
names (`cloud.atlas.accessCidrs`: the address by which Prometheus's traffic leaves its network), and switches the
integration off where that list has 0.0.0.0/0. https://www.mongodb.com/docs/atlas/tutorial/prometheus-integration/

Owns: the integration and its password. Does not own: the access list (`atlas_project.py`), how Prometheus is told
(`components/monitoring/kubernetes.py`), the network policies of Prometheus's own namespace.
"""

from dataclasses import dataclass

import pulumi
import pulumi_mongodbatlas as atlas

from components.resources import RandomPassword, RandomPasswordArgs

__all__ = ["AtlasPrometheus", "AtlasPrometheusArgs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasPrometheusArgs:
    """Arguments of `AtlasPrometheus`."""

    project_id: pulumi.Input[str]
    cluster: atlas.AdvancedCluster
    password_generation: int


class AtlasPrometheus(pulumi.ComponentResource):
    """What Prometheus needs to read the metrics of a project's clusters."""

    username: pulumi.Output[str]
    """There once the integration is; secret, as the SDK has it."""
    password: pulumi.Output[str]
    """Secret."""

    def __init__(self, name: str, args: AtlasPrometheusArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare password and integration."""
        super().__init__("fashionwallet:mongodb:AtlasPrometheus", name, None, opts)
        self._component_name = name
        self._args = args
        self.password = self._create_password().result
        self.username = self._create_integration().user_name
        self.register_outputs({})

    def _create_password(self) -> RandomPassword:
        return RandomPassword(
            f"{self._component_name}-password-prometheus",
            RandomPasswordArgs(generation=self._args.password_generation),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_integration(self) -> atlas.ThirdPartyIntegration:
        return atlas.ThirdPartyIntegration(
            f"{self._component_name}-prometheus",
            project_id=self._args.project_id,
            type="PROMETHEUS",
            enabled=True,
            # The form of the names that Atlas itself gives.
            user_name=pulumi.Output.concat("prom_user_", self._args.project_id),
            password=self.password,
            service_discovery="http",
            # There is nothing to integrate before a cluster of M10 or more.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._args.cluster]),
        )
