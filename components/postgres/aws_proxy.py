"""RDS Proxy: the pool between services and the primary, with the limits of the specification (3.1.1).

Owns: the proxy, its log group, and the role by which it reads passwords. Does not own: the secrets themselves
(`components/secrets/aws.py`). Clients come with TLS or not at all; the proxy takes 1.2 as well as 1.3 and has no
setting for it, so the stack's own URLs insist on 1.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, iam, rds

from components.encryption.aws import Keys
from components.network.aws import Network
from components.postgres.aws_instances import PORT
from components.postgres.aws_roles import assume, read_secrets
from components.postgres.cluster import Endpoint
from components.secrets.aws import LoginSecret, proxy_role_name
from components.tags import tags
from settings import ClusterSettings
from settings.cloud import rds_derived as derived
from settings.cloud.rds import RdsSettings
from settings.cloud.tags import TagSettings

__all__ = ["WARNING", "RdsProxy", "RdsProxyArgs"]

_COMPONENT = "postgres"
_SCRAM = "POSTGRES_SCRAM_SHA_256"
_TIMEOUTS = pulumi.CustomTimeouts(create="40m", update="40m", delete="60m")

WARNING = (
    "postgres: RDS Proxy takes TLS 1.2 as well as 1.3 from clients and cannot be told otherwise; the URLs of this "
    "stack insist on 1.3"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RdsProxyArgs:
    """Arguments of `RdsProxy`.

    Raises:
        ValueError: nobody to let in.
    """

    stack: str
    account_id: str
    region: str
    settings: ClusterSettings
    rds: RdsSettings
    tags: TagSettings
    network: Network
    keys: Keys
    primary: pulumi.Input[str]
    """The identifier of the instance behind it."""
    secrets: Mapping[str, LoginSecret]
    """Of each login that may come through it."""

    def __post_init__(self) -> None:
        """Check that somebody may come."""
        if not self.secrets:
            raise ValueError("RDS Proxy: got no secret; pass one for each login that may connect through it")


class RdsProxy(pulumi.ComponentResource):
    """The end that services connect to."""

    endpoint: Endpoint
    proxy_name: pulumi.Output[str]
    """What CloudWatch knows it by."""

    def __init__(self, name: str, args: RdsProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the proxy and its target."""
        super().__init__("fashionwallet:postgres:RdsProxy", name, None, opts)
        self._component_name = name
        self._args = args
        self._identifier = f"fashion-wallet-{args.stack}-postgres"
        role, right = self._create_role()
        # A secret without a value would be refused, so the proxy waits for all that is declared about each.
        proxy = self._create_proxy(role, [right, self._create_log_group(), *args.secrets.values()])
        self._create_target(proxy)
        self.endpoint = Endpoint(proxy.endpoint, PORT)
        self.proxy_name = proxy.name
        self.register_outputs({"endpoint": proxy.endpoint})

    def _create_role(self) -> tuple[iam.Role, iam.RolePolicy]:
        args = self._args
        role = iam.Role(
            f"{self._component_name}-role",
            name=proxy_role_name(args.stack),
            assume_role_policy=assume("rds.amazonaws.com", args.account_id),
            description="RDS Proxy reads the passwords of those who connect through it",
            tags=tags(args.stack, args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )
        arns = pulumi.Output.all(*(secret.arn for secret in args.secrets.values()))
        right = iam.RolePolicy(
            f"{self._component_name}-role-policy",
            role=role.name,
            policy=pulumi.Output.all(arns, args.keys.key("secrets").arn).apply(
                lambda parts: read_secrets(parts[0], parts[1], args.region)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, right

    def _create_log_group(self) -> cloudwatch.LogGroup:
        args = self._args
        return cloudwatch.LogGroup(
            f"{self._component_name}-log",
            name=f"/aws/rds/proxy/{self._identifier}",
            kms_key_id=args.keys.key("logs").arn,
            retention_in_days=args.rds.log_retention_days,
            tags=tags(args.stack, args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_proxy(self, role: iam.Role, after: list[pulumi.Resource]) -> rds.Proxy:
        args, network = self._args, self._args.network
        return rds.Proxy(
            self._component_name,
            name=self._identifier,
            engine_family="POSTGRESQL",
            role_arn=role.arn,
            require_tls=True,
            # Its log would hold statements, and what people write into them.
            debug_logging=False,
            idle_client_timeout=derived.client_idle_timeout_s(args.settings),
            vpc_subnet_ids=[network.subnet_ids[zone] for zone in sorted(network.subnet_ids)],
            # Clients reach it as they reach the databases, and it reaches these as a client.
            vpc_security_group_ids=[network.database_security_group_id, network.client_security_group_id],
            auths=[
                rds.ProxyAuthArgs(
                    auth_scheme="SECRETS",
                    description=login,
                    iam_auth="DISABLED",
                    client_password_auth_type=_SCRAM,
                    secret_arn=args.secrets[login].arn,
                )
                for login in sorted(args.secrets)
            ],
            tags=tags(args.stack, args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after, custom_timeouts=_TIMEOUTS),
        )

    def _create_target(self, proxy: rds.Proxy) -> rds.ProxyTarget:
        args, settings = self._args, self._args.settings
        group = rds.ProxyDefaultTargetGroup(
            f"{self._component_name}-pool",
            db_proxy_name=proxy.name,
            connection_pool_config=rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                max_connections_percent=derived.pooled_connections_percent(settings),
                max_idle_connections_percent=derived.idle_connections_percent(settings),
                connection_borrow_timeout=derived.borrow_timeout_s(settings),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return rds.ProxyTarget(
            f"{self._component_name}-target",
            db_proxy_name=proxy.name,
            target_group_name=group.name,
            db_instance_identifier=args.primary,
            opts=pulumi.ResourceOptions(parent=self),
        )
