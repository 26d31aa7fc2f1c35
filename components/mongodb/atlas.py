"""A MongoDB cluster on Atlas: one primary and its followers over the zones of one region of AWS.

Owns: the cluster, its encryption by our key, its private endpoint, its backups, and the user of updates. Does not own:
the project (`atlas_project.py`), the users of services (`atlas_access.py`), what lies inside (`contents.py`), the key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_mongodbatlas as atlas

from components.mongodb.atlas_access import PROVISIONER, AtlasProvisioner, AtlasProvisionerArgs
from components.mongodb.atlas_backups import AtlasBackups, AtlasBackupsArgs
from components.mongodb.atlas_names import NAME, TLS_MINIMUM, atlas_tags, cluster_name, region
from components.mongodb.atlas_network import AtlasEndpoint, AtlasEndpointArgs
from components.mongodb.atlas_project import AtlasProject
from components.mongodb.cluster import AdminAccess
from components.mongodb.uris import Seeds, secret_uri, seeds_of
from components.resources import RandomPassword, RandomPasswordArgs
from components.tags import tags
from settings import Settings
from settings.cloud.atlas import AtlasSettings
from settings.cloud.backups import BackupSettings
from settings.cloud.tags import TagSettings
from settings.derived import oplog_size_mib

__all__ = ["AtlasCluster", "AtlasClusterArgs", "ignored_changes"]

_HIGHEST_PRIORITY = 7
"""Of the one region: Atlas counts down from 7."""
_ELECTABLE = "replicationSpecs[0].regionConfigs[0].electableSpecs"
# Nodes are made one by one, and a change of their size replaces them one by one, each with a copy of all data.
_TIMEOUTS = atlas.AdvancedClusterTimeoutsArgs(create="3h", update="6h", delete="3h")


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasClusterArgs:
    """Arguments of `AtlasCluster`."""

    stack: str
    settings: Settings
    """Of these, what is the same on every substrate."""
    atlas: AtlasSettings
    backups: BackupSettings
    project: AtlasProject
    region: str
    recovery_region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Zone → its subnet."""
    client_security_group_id: pulumi.Input[str]
    """Whoever is in it may connect."""
    client_cidrs: Sequence[str] = ()
    """Networks outside the VPC that may connect, too."""
    key_arn: pulumi.Input[str]
    """The key of the documents; its policy allows `project.role_arn` to use it."""
    tags: TagSettings


def ignored_changes(settings: AtlasSettings) -> list[str]:
    """Return the inputs of the cluster that Atlas changes by itself after they were set once.

    An update that set them back would shrink a grown disk, which Atlas refuses, or undo a scaling
    (mongodb/terraform-provider-mongodbatlas 888, 677, 3939).
    """
    computed = settings.maximum_instance_size is not None
    names = (("instanceSize", computed), ("diskSizeGb", settings.storage_autoscaling or computed))
    return [f"{_ELECTABLE}.{name}" for name, ignored in names if ignored]


class AtlasCluster(pulumi.ComponentResource):
    """One replica set; see `cluster.Cluster`."""

    admin: AdminAccess
    server: pulumi.Resource
    ready: Sequence[pulumi.Resource]
    cluster: atlas.AdvancedCluster
    version: pulumi.Output[str]
    """Version of MongoDB."""

    def __init__(self, name: str, args: AtlasClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the cluster."""
        super().__init__("fashionwallet:mongodb:AtlasCluster", name, None, opts)
        self._component_name = name
        self._args = args
        endpoint = self._create_endpoint()
        self.cluster = self._create_cluster([self._create_encryption(), endpoint.ready])
        self._seeds = self._find_seeds(endpoint.endpoint_id)
        self._create_backups()
        password = self._create_password()
        provisioner = self._create_provisioner(password)
        self.admin = AdminAccess(uri=self.uri(PROVISIONER, password, ""))
        self.server = self.cluster
        self.ready = (self.cluster, provisioner.ready)
        self.version = self.cluster.mongo_db_version
        self.register_outputs({"version": self.version})

    def uri(self, user: str, password: pulumi.Input[str], database: str) -> pulumi.Output[str]:
        """Return a user's URI through the private endpoint, secret, with the options of spec 4.1.1."""
        return secret_uri(
            user=user,
            password=password,
            hosts=self._seeds.apply(lambda seeds: seeds.hosts),
            replica_set=self._seeds.apply(lambda seeds: seeds.replica_set),
            database=database,
            # Atlas's certificates are of a public authority, which every machine trusts.
            ca_file="",
            pool=self._args.settings.mongodb.pool,
        )

    def _find_seeds(self, endpoint_id: pulumi.Output[str]) -> pulumi.Output[Seeds]:
        # One within the other: `Output.all` would take the type from the connection strings.
        seeds: pulumi.Output[Seeds] = self.cluster.connection_strings.apply(
            lambda strings: endpoint_id.apply(lambda endpoint: _private_seeds(strings, endpoint))
        )
        return seeds

    def _create_endpoint(self) -> AtlasEndpoint:
        args = self._args
        return AtlasEndpoint(
            self._component_name,
            AtlasEndpointArgs(
                project_id=args.project.project_id,
                group_name=f"{cluster_name(args.stack)}-{NAME}",
                region=args.region,
                vpc_id=args.vpc_id,
                subnet_ids=args.subnet_ids,
                client_security_group_id=args.client_security_group_id,
                client_cidrs=args.client_cidrs,
                tags=tags(args.stack, args.tags, component=NAME),
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_encryption(self) -> atlas.EncryptionAtRest:
        args = self._args
        return atlas.EncryptionAtRest(
            f"{self._component_name}-encryption-at-rest",
            project_id=args.project.project_id,
            aws_kms_config=atlas.EncryptionAtRestAwsKmsConfigArgs(
                enabled=True,
                customer_master_key_id=args.key_arn,
                region=region(args.region),
                role_id=args.project.role_id,
            ),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.project.authorization], protect=args.settings.protect
            ),
        )

    def _create_cluster(self, after: Sequence[pulumi.Resource]) -> atlas.AdvancedCluster:
        args, settings = self._args, self._args.settings
        return atlas.AdvancedCluster(
            NAME,
            project_id=args.project.project_id,
            name=cluster_name(args.stack),
            cluster_type="REPLICASET",
            replication_specs=[atlas.AdvancedClusterReplicationSpecArgs(region_configs=[self._region_config()])],
            mongo_db_major_version=args.atlas.mongodb_major,
            version_release_system="LTS",
            backup_enabled=True,
            pit_enabled=True,
            # Snapshots outlive the cluster, whoever deletes it.
            retain_backups_enabled=True,
            encryption_at_rest_provider="AWS",
            termination_protection_enabled=settings.protect,
            redact_client_log_data=True,
            root_cert_type="ISRGROOTX1",
            advanced_configuration=self._advanced_configuration(),
            # A creation that takes long is waited for by the next update, and not thrown away.
            delete_on_create_timeout=False,
            timeouts=_TIMEOUTS,
            tags=atlas_tags(tags(args.stack, args.tags, component=NAME, data=True)),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(after),
                protect=settings.protect,
                ignore_changes=ignored_changes(args.atlas),
            ),
        )

    def _region_config(self) -> atlas.AdvancedClusterReplicationSpecRegionConfigArgs:
        chosen = self._args.atlas
        computed = chosen.maximum_instance_size is not None
        return atlas.AdvancedClusterReplicationSpecRegionConfigArgs(
            provider_name="AWS",
            region_name=region(self._args.region),
            priority=_HIGHEST_PRIORITY,
            # Atlas puts the nodes of a region into as many of its zones as there are nodes.
            electable_specs=atlas.AdvancedClusterReplicationSpecRegionConfigElectableSpecsArgs(
                instance_size=chosen.instance_size,
                node_count=self._args.settings.mongodb.members,
                disk_size_gb=chosen.disk_size_gb,
            ),
            auto_scaling=atlas.AdvancedClusterReplicationSpecRegionConfigAutoScalingArgs(
                disk_gb_enabled=chosen.storage_autoscaling,
                compute_enabled=computed,
                compute_scale_down_enabled=computed and chosen.minimum_instance_size is not None,
                compute_min_instance_size=chosen.minimum_instance_size,
                compute_max_instance_size=chosen.maximum_instance_size,
            ),
        )

    def _advanced_configuration(self) -> atlas.AdvancedClusterAdvancedConfigurationArgs:
        mongodb = self._args.settings.mongodb
        # Atlas keeps a window of hours only where it may grow the disk for it; else the oplog has a size.
        hours = self._args.atlas.storage_autoscaling
        return atlas.AdvancedClusterAdvancedConfigurationArgs(
            minimum_enabled_tls_protocol=TLS_MINIMUM[self._args.settings.tls.minimum_version],
            default_write_concern="majority",
            javascript_enabled=False,
            oplog_min_retention_hours=mongodb.oplog_retention_h if hours else None,
            oplog_size_mb=None if hours else oplog_size_mib(mongodb),
        )

    def _create_backups(self) -> AtlasBackups:
        args = self._args
        return AtlasBackups(
            self._component_name,
            AtlasBackupsArgs(
                project_id=args.project.project_id,
                cluster=self.cluster,
                settings=args.backups,
                recovery_region=args.recovery_region,
                compliance=args.atlas.backup_compliance,
                protect=args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_password(self) -> pulumi.Output[str]:
        return RandomPassword(
            f"{self._component_name}-password-{PROVISIONER}",
            RandomPasswordArgs(generation=self._args.settings.password_generation),
            pulumi.ResourceOptions(parent=self),
        ).result

    def _create_provisioner(self, password: pulumi.Output[str]) -> AtlasProvisioner:
        args = self._args
        return AtlasProvisioner(
            self._component_name,
            AtlasProvisionerArgs(
                project=args.project.project,
                cluster=self.cluster,
                database=args.settings.mongodb.database,
                password=password,
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _private_seeds(strings: atlas.outputs.AdvancedClusterConnectionStrings, endpoint_id: str) -> Seeds:
    """Return where the cluster is found through the endpoint.

    Raises:
        ValueError: Atlas names no connection string for it.
    """
    offered = strings.private_endpoints or []
    for one in offered:
        if one.connection_string and endpoint_id in [each.endpoint_id for each in one.endpoints or []]:
            return seeds_of(one.connection_string)
    raise ValueError(
        f"Atlas names no connection string for the private endpoint {endpoint_id}: got {len(offered)} private "
        "connection strings, none of them for it; the endpoint's tie must be AVAILABLE before the cluster is asked. "
        "Fix: run `pulumi refresh`, then the update again"
    )
