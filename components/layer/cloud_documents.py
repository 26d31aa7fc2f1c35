"""The document database in the cloud, whole: cluster, what lies inside, users.

Owns: how these hang together. Does not own: any of them, nor the project, which is there before the keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.encryption.aws import Keys
from components.mongodb.access import KEY_VAULT, KEY_VAULT_DATABASE, USERS
from components.mongodb.atlas import AtlasCluster, AtlasClusterArgs
from components.mongodb.atlas_access import AtlasAccess, AtlasAccessArgs
from components.mongodb.atlas_alerts import AtlasAlerts, AtlasAlertsArgs
from components.mongodb.atlas_project import AtlasProject
from components.mongodb.atlas_prometheus import AtlasPrometheus, AtlasPrometheusArgs
from components.mongodb.contents import DATA_KEY, Contents, ContentsArgs, MasterKey
from components.mongodb.documents import CollectionDefinition
from components.monitoring.atlas import alerts
from components.monitoring.watches import Sources
from components.network.aws import Network
from components.resources import RandomPassword, RandomPasswordArgs
from settings import Settings
from settings.cloud import CloudSettings

__all__ = ["Documents", "DocumentsArgs"]

_OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentsArgs:
    """Arguments of `Documents`."""

    stack: str
    settings: Settings
    cloud: CloudSettings
    project: AtlasProject
    network: Network
    keys: Keys
    collections: Sequence[CollectionDefinition]
    sources: Sources


class Documents(pulumi.ComponentResource):
    """A MongoDB on Atlas that services can use."""

    cluster: AtlasCluster
    prometheus: AtlasPrometheus
    """By which the cluster's Prometheus reads the members' metrics."""
    outputs: dict[str, Any]
    """The stack's output `mongodb`."""

    def __init__(self, name: str, args: DocumentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare everything."""
        super().__init__("fashionwallet:index:Documents", name, None, opts)
        self._component_name = name
        self._args = args
        self.cluster = self._create_cluster()
        self._passwords = self._create_passwords()
        self._create_access()
        if args.cloud.in_database == "required":
            self._create_contents()
        self._create_alerts()
        self.prometheus = self._create_prometheus()
        self.outputs = self._collect_outputs()
        self.register_outputs({})

    def uri(self, user: str) -> pulumi.Output[str]:
        """Return a user's URI; secret."""
        return self.cluster.uri(user, self._passwords[user], self._args.settings.mongodb.database)

    def _create_cluster(self) -> AtlasCluster:
        args, network = self._args, self._args.network
        return AtlasCluster(
            self._component_name,
            AtlasClusterArgs(
                stack=args.stack,
                settings=args.settings,
                atlas=args.cloud.atlas,
                backups=args.cloud.backups,
                project=args.project,
                region=args.cloud.network.region,
                recovery_region=args.cloud.network.recovery_region,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids,
                client_security_group_id=network.client_security_group_id,
                client_cidrs=args.cloud.network.client_cidrs,
                key_arn=args.keys.key("documents").arn,
                tags=args.cloud.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_passwords(self) -> dict[str, pulumi.Output[str]]:
        generation = RandomPasswordArgs(generation=self._args.settings.password_generation)
        return {
            user.name: RandomPassword(
                f"{self._component_name}-password-{user.name}", generation, pulumi.ResourceOptions(parent=self)
            ).result
            for user in USERS
        }

    def _create_access(self) -> AtlasAccess:
        args = self._args
        return AtlasAccess(
            self._component_name,
            AtlasAccessArgs(
                project=args.project.project,
                cluster=self.cluster.cluster,
                database=args.settings.mongodb.database,
                passwords=self._passwords,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_contents(self) -> Contents:
        args = self._args
        return Contents(
            self._component_name,
            ContentsArgs(
                cluster=self.cluster,
                database=args.settings.mongodb.database,
                collections=args.collections,
                passwords=self._passwords,
                master_key=MasterKey(
                    provider="aws",
                    aws_key_arn=args.keys.key("documents").arn,
                    aws_region=args.cloud.network.region,
                ),
                allow_data_loss=args.settings.allow_data_loss,
                protect=args.settings.protect,
                declare_access=False,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_alerts(self) -> AtlasAlerts:
        args = self._args
        return AtlasAlerts(
            self._component_name,
            AtlasAlertsArgs(
                project_id=args.project.project_id,
                settings=args.cloud.atlas,
                alerts=alerts(args.sources),
                interval_min=args.cloud.monitoring.repeat_min,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_prometheus(self) -> AtlasPrometheus:
        args = self._args
        return AtlasPrometheus(
            self._component_name,
            AtlasPrometheusArgs(
                project_id=args.project.project_id,
                cluster=self.cluster.cluster,
                password_generation=args.settings.password_generation,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _collect_outputs(self) -> dict[str, Any]:
        args = self._args
        services: Mapping[str, pulumi.Output[str]] = {
            user.name: self.uri(user.name) for user in USERS if user.name != _OPERATOR
        }
        return {
            "uri": self.uri(_OPERATOR),
            "database": args.settings.mongodb.database,
            "services": services,
            "field_encryption": {
                "key_vault": f"{KEY_VAULT_DATABASE}.{KEY_VAULT}",
                "data_key": DATA_KEY,
                "provider": "aws",
                "aws_key_arn": args.keys.key("documents").arn,
            },
        }
