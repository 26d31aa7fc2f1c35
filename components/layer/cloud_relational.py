"""The relational database in the cloud, whole: instances, passwords and their rotation, proxy, what lies inside.

The order is: instances → secrets → database, roles and grants → proxy, rotation. Owns: how these hang together, and the
login of the exporter. Does not own: any of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.encryption.aws import Keys
from components.monitoring.exporter_access import ExporterLogin, ExporterLoginArgs
from components.network.aws import Network
from components.postgres.access import Access, AccessArgs, admin_provider
from components.postgres.aws import RdsCluster, RdsClusterArgs, Recovery
from components.postgres.aws_parameters import EXTENSIONS
from components.postgres.aws_proxy import RdsProxy, RdsProxyArgs
from components.postgres.cluster import Endpoint
from components.postgres.definition import postgres
from components.postgres.urls import secret_url
from components.resources import NetworkPath, NetworkPathArgs, RandomPassword, RandomPasswordArgs
from components.secrets.aws import LoginSecret, Rotation, RotationArgs, SecretPlace, ServiceSecrets, ServiceSecretsArgs
from settings import Settings
from settings.cloud import CloudSettings
from settings.derived import POOL_USERS
from settings.trust import Authorities

__all__ = ["Relational", "RelationalArgs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RelationalArgs:
    """Arguments of `Relational`."""

    stack: str
    settings: Settings
    cloud: CloudSettings
    network: Network
    keys: Keys
    topic_arn: pulumi.Input[str]
    recovery_provider: aws.Provider
    recovery_network: Network | None
    """Where the replica for recovery is; None without one."""
    authorities: Authorities
    password_readers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By login, names of roles that may read its password and no other."""


class Relational(pulumi.ComponentResource):
    """A PostgreSQL on RDS that services can use."""

    cluster: RdsCluster
    proxy: RdsProxy
    made: list[pulumi.Resource]
    """What lies inside; empty where it is left out."""
    exporter_password: pulumi.Output[str]
    """Of `EXPORTER`; nobody rotates it but the stack."""

    def __init__(self, name: str, args: RelationalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare everything."""
        super().__init__("fashionwallet:index:Relational", name, None, opts)
        self._component_name = name
        self._args = args
        self._definition = postgres(args.settings.postgres)
        self._place = self._create_place()
        self.cluster = self._create_cluster()
        passwords = self._create_passwords()
        self._secrets = self._create_secrets(passwords)
        self.exporter_password = self._create_password("exporter")
        self.made = self._create_access(passwords) if args.cloud.in_database == "required" else []
        self.proxy = self._create_proxy()
        self._create_rotation()
        self.register_outputs({})

    @property
    def endpoint(self) -> Endpoint:
        """The proxy: always the primary."""
        return self.proxy.endpoint

    def url(self, user: str, through: str) -> pulumi.Output[str]:
        """Return a user's URL through `writer`, `reader` or `pooler`, with the password as it is now; secret."""
        endpoints = {"writer": self.cluster.writer, "reader": self.cluster.reader, "pooler": self.endpoint}
        return secret_url(
            user=user,
            password=self._secrets.secrets[user].current_password(),
            endpoint=endpoints[through],
            database=self._definition.settings.database,
            ca_file=self._args.authorities.path,
            minimum_tls_version=self._args.settings.tls.minimum_version,
        )

    def secret(self, user: str) -> LoginSecret:
        """Return the secret of a user."""
        return self._secrets.secrets[user]

    def _create_place(self) -> SecretPlace:
        args = self._args
        return SecretPlace(
            stack=args.stack,
            settings=args.cloud.secrets,
            tags=args.cloud.tags,
            key_arn=args.keys.key("secrets").arn,
            recovery_region=args.cloud.network.recovery_region,
            recovery_key_arn=args.keys.recovery_key("secrets").arn,
        )

    def _create_cluster(self) -> RdsCluster:
        args = self._args
        recovery = None
        if args.recovery_network is not None:
            recovery = Recovery(provider=args.recovery_provider, network=args.recovery_network)
        return RdsCluster(
            self._component_name,
            RdsClusterArgs(
                stack=args.stack,
                settings=args.settings,
                rds=args.cloud.rds,
                account_id=args.cloud.network.account_id,
                tags=args.cloud.tags,
                network=args.network,
                keys=args.keys,
                secrets=self._place,
                topic_arn=args.topic_arn,
                ca_file=args.authorities.path,
                recovery=recovery,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_passwords(self) -> dict[str, pulumi.Output[str]]:
        """Declare the first password of each login; the rotation makes all others."""
        return {login: self._create_password(login) for login in self._definition.access.logins}

    def _create_password(self, login: str) -> pulumi.Output[str]:
        rotated = login in self._definition.access.logins
        return RandomPassword(
            f"{self._component_name}-password-{login}",
            RandomPasswordArgs(generation=1 if rotated else self._args.settings.password_generation),
            pulumi.ResourceOptions(parent=self),
        ).result

    def _create_secrets(self, passwords: Mapping[str, pulumi.Output[str]]) -> ServiceSecrets:
        return ServiceSecrets(
            f"{self._component_name}-secret",
            ServiceSecretsArgs(
                place=self._place,
                passwords=passwords,
                endpoint=self.cluster.writer,
                database=self._definition.settings.database,
                reader_roles=self._args.password_readers,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_access(self, passwords: Mapping[str, pulumi.Output[str]]) -> list[pulumi.Resource]:
        path = NetworkPath(
            f"{self._component_name}-path",
            NetworkPathArgs(host=self.cluster.writer.host, port=self.cluster.writer.port),
            pulumi.ResourceOptions(parent=self, depends_on=list(self.cluster.ready)),
        )
        provider = admin_provider(self._component_name, self.cluster, self, [path])
        access = Access(
            self._component_name,
            AccessArgs(
                cluster=self.cluster,
                provider=provider,
                database=self._definition.settings.database,
                table=self._definition.access,
                extensions=(*self._definition.extensions, *EXTENSIONS),
                passwords=passwords,
                protect=self._args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        exporter = ExporterLogin(
            f"{self._component_name}-exporter",
            ExporterLoginArgs(
                cluster=self.cluster,
                provider=provider,
                database=access.database_name,
                password=self.exporter_password,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return [access, exporter]

    def _create_proxy(self) -> RdsProxy:
        args = self._args
        return RdsProxy(
            f"{self._component_name}-proxy",
            RdsProxyArgs(
                stack=args.stack,
                account_id=args.cloud.network.account_id,
                region=args.cloud.network.region,
                settings=args.settings.postgres,
                rds=args.cloud.rds,
                tags=args.cloud.tags,
                network=args.network,
                keys=args.keys,
                primary=self.cluster.instances[f"{self._component_name}-primary"],
                secrets={user: self._secrets.secrets[user] for user in POOL_USERS},
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_rotation(self) -> Rotation:
        """Declare the rotation of the administrator's password, and of each login's that was made."""
        args = self._args
        logins = self._secrets.secrets if self.made else {}
        return Rotation(
            f"{self._component_name}-rotation",
            RotationArgs(
                place=self._place,
                region=args.cloud.network.region,
                subnet_ids=[args.network.subnet_ids[zone] for zone in sorted(args.network.subnet_ids)],
                security_group_id=args.network.client_security_group_id,
                secrets={self.cluster.admin_secret.login: self.cluster.admin_secret, **logins},
                logs_key_arn=args.keys.key("logs").arn,
                log_retention_days=args.cloud.rds.log_retention_days,
                after=self.made,
            ),
            pulumi.ResourceOptions(parent=self),
        )
