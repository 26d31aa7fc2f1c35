"""PostgreSQL on RDS: a Multi-AZ primary, read replicas in other zones, and where wanted one in another region.

Owns: the instances, their parameter and subnet groups, log groups, the role for enhanced monitoring, the subscription
to events, the administrator's password. Does not own: what lies inside the databases (`access.py`), RDS Proxy
(`aws_proxy.py`), the network, keys, alarms.

RDS can keep the administrator's password itself, but then refuses read replicas (AWS, "Limitations for Secrets Manager
integration with Amazon RDS"; terraform-aws-modules/terraform-aws-rds 532). So it is a secret like those of services,
with the same key, policy and rotation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import Provider, cloudwatch, iam, rds

from components.encryption.aws import Keys
from components.network.aws import Network
from components.postgres.aws_instances import LOGS, PORT, Surroundings, primary_arguments, replica_arguments
from components.postgres.aws_parameters import rds_parameters
from components.postgres.aws_roles import MONITORING_POLICY, assume
from components.postgres.cluster import AdminAccess, Endpoint, Traits
from components.resources import RandomPassword, RandomPasswordArgs
from components.secrets.aws import LoginSecret, LoginSecretArgs, SecretPlace
from components.tags import tags
from settings import Settings
from settings.cloud.rds import RdsSettings
from settings.cloud.rds_derived import parameter_family, replica_zones
from settings.cloud.tags import TagSettings

__all__ = ["RdsCluster", "RdsClusterArgs", "Recovery"]

_COMPONENT = "postgres"
_ADMIN_DATABASE = "postgres"
_EVENTS = (
    "availability",
    "backup",
    "configuration change",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "read replica",
    "recovery",
    "restoration",
    "security patching",
)
# A Multi-AZ instance, or a replica that copies the whole primary, takes RDS a good while.
_TIMEOUTS = pulumi.CustomTimeouts(create="120m", update="120m", delete="60m")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """The other region, where a replica waits for a disaster."""

    provider: Provider
    network: Network
    """Of that region; isolated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RdsClusterArgs:
    """Arguments of `RdsCluster`.

    Raises:
        ValueError: too few zones, or a replica for recovery without a region for it.
    """

    stack: str
    settings: Settings
    rds: RdsSettings
    account_id: str
    tags: TagSettings
    network: Network
    keys: Keys
    secrets: SecretPlace
    topic_arn: pulumi.Input[str]
    ca_file: str
    """Authorities that clients trust, on the machine that runs the update."""
    recovery: Recovery | None = None

    def __post_init__(self) -> None:
        """Check what shapes the graph."""
        zones, needed = len(self.network.subnet_ids), 1 + self.settings.postgres.replicas
        if zones < needed:
            raise ValueError(f"zones: got {zones}, allowed are {needed} or more: one for each instance; add subnets")
        if self.rds.recovery_replica and self.recovery is None:
            raise ValueError("recovery: got None with recovery_replica; pass the provider and network of that region")


class RdsCluster(pulumi.ComponentResource):
    """The relational database on RDS; see `cluster.Cluster`.

    Instances have published names (`DataGuard`, runbooks): `postgres-primary`, `postgres-replica-<zone>`,
    `postgres-recovery`.
    """

    writer: Endpoint
    reader: Endpoint
    admin: AdminAccess
    traits: Traits
    server: pulumi.Resource
    ready: Sequence[pulumi.Resource]
    instances: Mapping[str, pulumi.Output[str]]
    """Identifiers by name."""
    resource_ids: Mapping[str, pulumi.Output[str]]
    """What Performance Insights and IAM know the instances by."""
    arn: pulumi.Output[str]
    """Of the primary."""
    subnet_group_name: pulumi.Output[str]
    """Of the primary's place."""
    admin_secret: LoginSecret

    def __init__(self, name: str, args: RdsClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the instances and what they stand in."""
        super().__init__("fashionwallet:postgres:RdsCluster", name, None, opts)
        self._component_name = name
        self._args = args
        self._prefix = f"fashion-wallet-{args.stack}-{name}"
        self._tags = tags(args.stack, args.tags, component=_COMPONENT, data=True)
        self._monitoring_role = self._create_monitoring_role()
        self._subnet_group = self._create_subnet_group("subnets", args.network, None)
        self._place = self._create_place()
        primary = self._create_primary()
        replicas = self._create_replicas(primary)
        recovery = self._create_recovery(primary)
        self._create_subscription([primary, *replicas.values()])
        every = {f"{name}-primary": primary, **replicas, **recovery}
        self.instances = {key: one.identifier for key, one in every.items()}
        self.resource_ids = {key: one.resource_id for key, one in every.items()}
        self.arn = primary.arn
        self.subnet_group_name = self._subnet_group.name
        self.server = primary
        self.ready = (primary,)
        self.writer = Endpoint(primary.address, PORT)
        self.reader = _reader(primary, list(replicas.values()))
        self.traits = Traits(
            owner=args.rds.master_username, superuser=False, locale=args.rds.locale, passwords_rotate=True
        )
        self.admin_secret = self._create_admin_secret()
        self.admin = AdminAccess(
            username=args.rds.master_username,
            ca_file=args.ca_file,
            password=self.admin_secret.current_password(),
        )
        self.register_outputs({"instances": dict(self.instances), "arn": self.arn})

    def _create_monitoring_role(self) -> iam.Role:
        role = iam.Role(
            f"{self._component_name}-monitoring",
            assume_role_policy=assume("monitoring.rds.amazonaws.com", self._args.account_id),
            description="Enhanced monitoring: RDS writes the operating system's figures to CloudWatch",
            tags=tags(self._args.stack, self._args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )
        iam.RolePolicyAttachment(
            f"{self._component_name}-monitoring-policy",
            role=role.name,
            policy_arn=MONITORING_POLICY,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role

    def _create_subnet_group(self, role: str, network: Network, provider: Provider | None) -> rds.SubnetGroup:
        return rds.SubnetGroup(
            f"{self._component_name}-{role}",
            description=f"Isolated subnets of Fashion Wallet's stack {self._args.stack}",
            subnet_ids=[network.subnet_ids[zone] for zone in sorted(network.subnet_ids)],
            tags=tags(self._args.stack, self._args.tags, component=_COMPONENT),
            opts=self._options(provider),
        )

    def _create_parameter_group(self, suffix: str, provider: Provider | None) -> rds.ParameterGroup:
        """Named by its family: another major version gets a group of its own before the old one goes."""
        args, family = self._args, parameter_family(self._args.rds)
        return rds.ParameterGroup(
            f"{self._component_name}-parameters{suffix}-{family}",
            name_prefix=f"{self._prefix}{family.removeprefix('postgres')}-",
            family=family,
            description=f"PostgreSQL of Fashion Wallet's stack {args.stack}",
            parameters=[
                rds.ParameterGroupParameterArgs(name=one.name, value=one.value, apply_method=one.apply_method)
                for one in rds_parameters(args.settings.postgres, args.settings.tls.minimum_version)
            ],
            tags=tags(args.stack, args.tags, component=_COMPONENT),
            opts=self._options(provider),
        )

    def _create_place(self) -> Surroundings:
        args = self._args
        return Surroundings(
            subnet_group=self._subnet_group.name,
            security_group_id=args.network.database_security_group_id,
            parameter_group=self._create_parameter_group("", None).name,
            storage_key_arn=args.keys.key("relational").arn,
            monitoring_role_arn=self._monitoring_role.arn,
            tags=self._tags,
            logs=LOGS,
        )

    def _create_log_groups(self, instance: str, provider: Provider | None = None) -> list[cloudwatch.LogGroup]:
        """Declare the groups before RDS would: its own have neither the key nor an end."""
        args = self._args
        key = args.keys.key("logs") if provider is None else args.keys.recovery_key("logs")
        return [
            cloudwatch.LogGroup(
                f"{instance}-log-{log}",
                name=f"/aws/rds/instance/{self._identifier(instance)}/{log}",
                kms_key_id=key.arn,
                retention_in_days=args.rds.log_retention_days,
                tags=tags(args.stack, args.tags, component=_COMPONENT),
                opts=self._options(provider),
            )
            for log in LOGS
        ]

    def _identifier(self, instance: str) -> str:
        """Return what RDS calls an instance; the name has the component's own at its beginning."""
        return f"{self._prefix}{instance.removeprefix(self._component_name)}"

    def _create_primary(self) -> rds.Instance:
        args = self._args
        name = f"{self._component_name}-primary"
        identifier = self._identifier(name)
        password = RandomPassword(
            f"{self._component_name}-password-{args.rds.master_username}",
            RandomPasswordArgs(generation=1),
            pulumi.ResourceOptions(parent=self),
        )
        self._first_password = password.result
        # The subnet group's name ends in letters that no earlier stack of this name had.
        final_snapshot = self._subnet_group.name.apply(lambda group: f"{identifier}-final-{group.rsplit('-', 1)[-1]}")
        return rds.Instance(
            name,
            identifier=identifier,
            password=self._first_password,
            **primary_arguments(args.settings, args.rds, self._place, final_snapshot),
            opts=self._instance_options(
                # Only the first one: the rotation sets all others.
                ignore_changes=["password"],
                depends_on=self._create_log_groups(name),
            ),
        )

    def _create_replicas(self, primary: rds.Instance) -> dict[str, rds.Instance]:
        args = self._args
        return {
            f"{self._component_name}-replica-{zone}": self._create_replica(primary, zone)
            for zone in replica_zones(list(args.network.subnet_ids), args.settings.postgres.replicas)
        }

    def _create_replica(self, primary: rds.Instance, zone: str) -> rds.Instance:
        args = self._args
        name = f"{self._component_name}-replica-{zone}"
        return rds.Instance(
            name,
            identifier=self._identifier(name),
            replicate_source_db=primary.identifier,
            availability_zone=zone,
            **replica_arguments(args.settings, args.rds, self._place),
            opts=self._instance_options(
                # One that was promoted has no source any more, and RDS gives it none.
                ignore_changes=["replicateSourceDb"],
                depends_on=self._create_log_groups(name),
                protect=False,
            ),
        )

    def _create_recovery(self, primary: rds.Instance) -> dict[str, rds.Instance]:
        args, site = self._args, self._args.recovery
        if not args.rds.recovery_replica or site is None:
            return {}
        name = f"{self._component_name}-recovery"
        group = self._create_subnet_group("recovery-subnets", site.network, site.provider)
        place = Surroundings(
            subnet_group=group.name,
            security_group_id=site.network.database_security_group_id,
            parameter_group=self._create_parameter_group("-recovery", site.provider).name,
            storage_key_arn=args.keys.recovery_key("relational").arn,
            monitoring_role_arn=self._monitoring_role.arn,
            tags=self._tags,
            logs=LOGS,
        )
        return {
            name: rds.Instance(
                name,
                identifier=self._identifier(name),
                replicate_source_db=primary.arn,
                db_subnet_group_name=place.subnet_group,
                **replica_arguments(args.settings, args.rds, place, guarded=True),
                opts=self._instance_options(
                    ignore_changes=["replicateSourceDb"],
                    depends_on=self._create_log_groups(name, site.provider),
                    provider=site.provider,
                ),
            )
        }

    def _create_subscription(self, instances: list[rds.Instance]) -> rds.EventSubscription:
        return rds.EventSubscription(
            f"{self._component_name}-events",
            sns_topic=self._args.topic_arn,
            source_type="db-instance",
            source_ids=[one.identifier for one in instances],
            event_categories=list(_EVENTS),
            enabled=True,
            tags=tags(self._args.stack, self._args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_admin_secret(self) -> LoginSecret:
        username = self._args.rds.master_username
        return LoginSecret(
            f"{self._component_name}-secret-{username}",
            LoginSecretArgs(
                place=self._args.secrets,
                login=username,
                password=self._first_password,
                endpoint=self.writer,
                database=_ADMIN_DATABASE,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _options(self, provider: Provider | None) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=provider)

    def _instance_options(
        self,
        *,
        ignore_changes: list[str],
        depends_on: Sequence[pulumi.Resource] = (),
        provider: Provider | None = None,
        protect: bool = True,
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self,
            provider=provider,
            protect=protect and self._args.settings.protect,
            depends_on=list(depends_on),
            ignore_changes=ignore_changes,
            custom_timeouts=_TIMEOUTS,
        )


def _reader(primary: rds.Instance, replicas: list[rds.Instance]) -> Endpoint:
    """Return the replicas, and the primary for when none of them answers.

    RDS Proxy cannot have an end for reading here: it would need a cluster, and its targets are single instances.
    """
    addresses = [one.address for one in [*replicas, primary]]
    return Endpoint(pulumi.Output.all(*addresses).apply(",".join), PORT)
