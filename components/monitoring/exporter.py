"""postgres_exporter beside the time series: it looks inside RDS for what CloudWatch cannot see (spec 5.1.1).

CloudWatch and Performance Insights know nothing of bloat and dead rows. This asks RDS's primary what the time series'
exporter asks its own server, and Prometheus judges both by the same rules. Owns: the exporter, its login's secret, its
network policy, its PodMonitor. Does not own: the login, and the rules (`kubernetes.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.networking import v1 as networking

from components.monitoring.queries import queries
from components.timescale.kubernetes_names import MANAGED_BY

__all__ = ["PostgresExporter", "PostgresExporterArgs"]

_NAME = "postgres-exporter"
_PORT = 9187
_POSTGRES_PORT = 5432
_LABELS = {"app.kubernetes.io/name": _NAME}
_FOLDER = f"/etc/{_NAME}"
_PASSWORD_FILE = "/run/secrets/login/password"
_NOBODY = 65534


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresExporterArgs:
    """Arguments of `PostgresExporter`."""

    namespace: pulumi.Input[str]
    monitoring_namespace: str
    labels: Mapping[str, str]
    """By which the cluster's Prometheus finds its monitors."""
    image: str
    host: pulumi.Input[str]
    """The primary's own endpoint: a proxy or replica has other statistics."""
    database: str
    slow_query_ms: int
    server_cidr: pulumi.Input[str]
    """Where the server is: the network of the VPC."""
    username: str
    """A login that is a member of `pg_monitor` and may connect to the database; it needs nothing else."""
    password: pulumi.Input[str]
    ca_pem: pulumi.Input[str]


class PostgresExporter(pulumi.ComponentResource):
    """One pod that asks, and how Prometheus finds it."""

    def __init__(self, name: str, args: PostgresExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the exporter."""
        super().__init__("fashionwallet:monitoring:PostgresExporter", name, None, opts)
        self._component_name = name
        self._args = args
        login, config, policy = self._create_login(), self._create_config(), self._create_policy()
        self._create_monitor(self._create_deployment([login, config, policy]))
        self.register_outputs({})

    def _meta(self, name: str = _NAME, labels: Mapping[str, str] | None = None) -> meta.ObjectMetaArgs:
        return meta.ObjectMetaArgs(
            name=name, namespace=self._args.namespace, labels={**MANAGED_BY, **_LABELS, **(labels or {})}
        )

    def _create_login(self) -> core.Secret:
        return core.Secret(
            f"{self._component_name}-login",
            metadata=self._meta(f"{_NAME}-login"),
            string_data={"password": pulumi.Output.secret(self._args.password)},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_config(self) -> core.ConfigMap:
        args = self._args
        return core.ConfigMap(
            f"{self._component_name}-config",
            metadata=self._meta(),
            data={
                "queries.yaml": queries(database=args.database, slow_query_ms=args.slow_query_ms),
                "ca.pem": args.ca_pem,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_policy(self) -> networking.NetworkPolicy:
        """Let Prometheus in, and the exporter out to the server and nowhere else."""
        args = self._args
        prometheus = networking.NetworkPolicyPeerArgs(
            namespace_selector=meta.LabelSelectorArgs(
                match_labels={"kubernetes.io/metadata.name": args.monitoring_namespace}
            )
        )
        servers = networking.NetworkPolicyPeerArgs(ip_block=networking.IPBlockArgs(cidr=args.server_cidr))
        return networking.NetworkPolicy(
            f"{self._component_name}-policy",
            metadata=self._meta(),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=meta.LabelSelectorArgs(match_labels=_LABELS),
                policy_types=["Ingress", "Egress"],
                ingress=[
                    networking.NetworkPolicyIngressRuleArgs(
                        from_=[prometheus], ports=[networking.NetworkPolicyPortArgs(port=_PORT, protocol="TCP")]
                    )
                ],
                egress=[
                    networking.NetworkPolicyEgressRuleArgs(
                        to=[servers], ports=[networking.NetworkPolicyPortArgs(port=_POSTGRES_PORT, protocol="TCP")]
                    )
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_deployment(self, after: list[pulumi.Resource]) -> apps.Deployment:
        return apps.Deployment(
            f"{self._component_name}-deployment",
            metadata=self._meta(),
            spec=apps.DeploymentSpecArgs(
                replicas=1,
                selector=meta.LabelSelectorArgs(match_labels=_LABELS),
                # Two at a time would count every row twice.
                strategy=apps.DeploymentStrategyArgs(type="Recreate"),
                template=core.PodTemplateSpecArgs(
                    metadata=meta.ObjectMetaArgs(labels={**MANAGED_BY, **_LABELS}), spec=self._pod()
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _pod(self) -> core.PodSpecArgs:
        return core.PodSpecArgs(
            automount_service_account_token=False,
            security_context=core.PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=_NOBODY,
                run_as_group=_NOBODY,
                fs_group=_NOBODY,
                seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            containers=[self._container()],
            volumes=[
                core.VolumeArgs(name="config", config_map=core.ConfigMapVolumeSourceArgs(name=_NAME)),
                core.VolumeArgs(
                    name="login",
                    secret=core.SecretVolumeSourceArgs(secret_name=f"{_NAME}-login", default_mode=0o440),
                ),
            ],
        )

    def _container(self) -> core.ContainerArgs:
        args = self._args
        uri = pulumi.Output.concat(
            args.host, f":{_POSTGRES_PORT}/{args.database}?sslmode=verify-full&sslrootcert={_FOLDER}/ca.pem"
        )
        environment: dict[str, pulumi.Input[str]] = {
            "DATA_SOURCE_URI": uri,
            "DATA_SOURCE_USER": args.username,
            "DATA_SOURCE_PASS_FILE": _PASSWORD_FILE,
        }
        probe: dict[str, Any] = {"http_get": core.HTTPGetActionArgs(path="/", port=_PORT)}
        return core.ContainerArgs(
            name=_NAME,
            image=args.image,
            args=[f"--extend.query-path={_FOLDER}/queries.yaml", "--disable-settings-metrics"],
            env=[core.EnvVarArgs(name=key, value=value) for key, value in environment.items()],
            ports=[core.ContainerPortArgs(name="metrics", container_port=_PORT)],
            readiness_probe=core.ProbeArgs(**probe),
            liveness_probe=core.ProbeArgs(**probe, initial_delay_seconds=10),
            resources=core.ResourceRequirementsArgs(
                requests={"cpu": "50m", "memory": "64Mi"}, limits={"cpu": "250m", "memory": "128Mi"}
            ),
            security_context=core.SecurityContextArgs(
                allow_privilege_escalation=False,
                read_only_root_filesystem=True,
                capabilities=core.CapabilitiesArgs(drop=["ALL"]),
            ),
            volume_mounts=[
                core.VolumeMountArgs(name="config", mount_path=_FOLDER, read_only=True),
                core.VolumeMountArgs(name="login", mount_path=_PASSWORD_FILE.rsplit("/", 1)[0], read_only=True),
            ],
        )

    def _create_monitor(self, deployment: apps.Deployment) -> None:
        CustomResource(
            f"{self._component_name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=self._meta(labels=self._args.labels),
            spec={"selector": {"matchLabels": _LABELS}, "podMetricsEndpoints": [{"port": "metrics"}]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[deployment]),
        )
