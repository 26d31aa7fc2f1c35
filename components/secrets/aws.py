"""Passwords in Secrets Manager: one secret a login, who may read it, and its rotation.

Owns: the secrets, their first value, their policies, AWS's maintained rotation function. Does not own: the roles inside
the database, and the key. A password is set by the stack once and then changed by the rotation alone, every
`cloud.secrets.rotationDays`: the stack never sets it again.

An update that needs a current password (the administrator's, or a URL of the outputs) asks for it late, when the secret
is there: what the stack recorded is no longer true after the first rotation, and asking is the only way to know.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import cloudwatch, secretsmanager, serverlessrepository

from components.postgres.cluster import Endpoint
from components.tags import tags
from settings.cloud.rds import LogRetention
from settings.cloud.secrets import SecretSettings
from settings.cloud.tags import TagSettings

__all__ = [
    "LoginSecret",
    "LoginSecretArgs",
    "Rotation",
    "RotationArgs",
    "SecretPlace",
    "ServiceSecrets",
    "ServiceSecretsArgs",
    "proxy_role_name",
]

_COMPONENT = "secrets"
_APPLICATION = (
    "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser"
)
"""AWS's own account publishes it there for all regions; source: Secrets Manager's list of rotation templates."""
_ROTATION_ROLE = "serverlessrepo-*-SecretsManagerRDSPost*"
"""The role that CloudFormation makes for the function; it cuts the two names to 24 letters and adds its own."""
_UNWANTED = "/@\"'\\"
"""RDS takes no password with the first three, and nobody wants to quote the others."""


def proxy_role_name(stack: str) -> str:
    """Return the name of the role by which RDS Proxy reads the secrets; their policies name it before it is there."""
    return f"fashion-wallet-{stack}-postgres-proxy"


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretPlace:
    """What all secrets of a stack have alike."""

    stack: str
    settings: SecretSettings
    tags: TagSettings
    key_arn: pulumi.Input[str]
    recovery_region: str
    recovery_key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginSecretArgs:
    """Arguments of `LoginSecret`."""

    place: SecretPlace
    login: str
    password: pulumi.Input[str]
    """The first one."""
    endpoint: Endpoint
    """Where the rotation changes it: the primary."""
    database: pulumi.Input[str]
    reader_roles: Sequence[str] = ()
    """Names of the account's roles that may read this one beside those that may read all."""


class LoginSecret(pulumi.ComponentResource):
    """The password of one login, in the shape that RDS Proxy and the rotation read."""

    arn: pulumi.Output[str]
    login: str

    def __init__(self, name: str, args: LoginSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the secret, its first value and its policy."""
        super().__init__("fashionwallet:secrets:LoginSecret", name, None, opts)
        self._component_name = name
        self._args = args
        self.login = args.login
        secret = self._create_secret()
        self.arn = secret.arn
        self._create_policy(secret)
        self._first_value = self._create_first_value(secret)
        self.register_outputs({"arn": self.arn})

    def current_password(self) -> pulumi.Output[str]:
        """Ask for the password as it is now; unknown in the preview that makes the secret."""
        found = secretsmanager.get_secret_version_output(
            secret_id=self._first_value.secret_id,
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[self._first_value]),
        )
        return pulumi.Output.secret(found.secret_string.apply(lambda text: str(json.loads(text)["password"])))

    def _create_secret(self) -> secretsmanager.Secret:
        args, place = self._args, self._args.place
        return secretsmanager.Secret(
            self._component_name,
            name=f"fashion-wallet/{place.stack}/postgres/{args.login}",
            description=f"PostgreSQL login {args.login} of Fashion Wallet's stack {place.stack}",
            kms_key_id=place.key_arn,
            recovery_window_in_days=place.settings.recovery_window_days,
            replicas=[
                secretsmanager.SecretReplicaArgs(region=place.recovery_region, kms_key_id=place.recovery_key_arn)
            ],
            tags=tags(place.stack, place.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_policy(self, secret: secretsmanager.Secret) -> secretsmanager.SecretPolicy:
        place = self._args.place
        return secretsmanager.SecretPolicy(
            f"{self._component_name}-policy",
            secret_arn=secret.arn,
            policy=secret.arn.apply(lambda arn: json.dumps(_policy(arn, place, self._args.reader_roles))),
            block_public_policy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_first_value(self, secret: secretsmanager.Secret) -> secretsmanager.SecretVersion:
        args = self._args
        value = pulumi.Output.json_dumps(
            {
                "engine": "postgres",
                "host": args.endpoint.host,
                "port": args.endpoint.port,
                "dbname": args.database,
                "username": args.login,
                "password": args.password,
            }
        )
        return secretsmanager.SecretVersion(
            f"{self._component_name}-version",
            secret_id=secret.id,
            secret_string=value.apply(pulumi.Output.secret),
            # Only the first value: an update would undo the rotation's.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["secretString"]),
        )


def _policy(arn: str, place: SecretPlace, reader_roles: Sequence[str]) -> dict[str, object]:
    """Return a policy that denies reading to everybody else, whatever the account's own policies allow."""
    account = arn.split(":")[4]
    roles = (proxy_role_name(place.stack), _ROTATION_ROLE, *reader_roles)
    known = [f"arn:aws:iam::{account}:role/{role}" for role in roles]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyEverybodyElse",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "*",
                "Condition": {
                    "ArnNotLike": {"aws:PrincipalArn": [*known, *place.settings.reader_arns]},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            }
        ],
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceSecretsArgs:
    """Arguments of `ServiceSecrets`.

    Raises:
        ValueError: readers of a login that there is not.
    """

    place: SecretPlace
    passwords: Mapping[str, pulumi.Input[str]]
    """The first one of each login."""
    endpoint: Endpoint
    database: pulumi.Input[str]
    reader_roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By login, names of roles that may read its secret and no other."""

    def __post_init__(self) -> None:
        """Check the logins."""
        unknown = sorted(set(self.reader_roles) - set(self.passwords))
        if unknown:
            raise ValueError(f"readers: got the login {unknown[0]}, allowed are {', '.join(sorted(self.passwords))}")


class ServiceSecrets(pulumi.ComponentResource):
    """One secret for each login of the relational database."""

    secrets: Mapping[str, LoginSecret]
    """By login."""

    def __init__(self, name: str, args: ServiceSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the secrets."""
        super().__init__("fashionwallet:secrets:ServiceSecrets", name, None, opts)
        self.secrets = {login: self._create_secret(name, login, args) for login in sorted(args.passwords)}
        self.register_outputs({"arns": {login: secret.arn for login, secret in self.secrets.items()}})

    def arn(self, login: str) -> pulumi.Output[str]:
        """Return the ARN of a login's secret."""
        return self.secrets[login].arn

    def _create_secret(self, name: str, login: str, args: ServiceSecretsArgs) -> LoginSecret:
        return LoginSecret(
            f"{name}-{login}",
            LoginSecretArgs(
                place=args.place,
                login=login,
                password=args.passwords[login],
                endpoint=args.endpoint,
                database=args.database,
                reader_roles=args.reader_roles.get(login, ()),
            ),
            pulumi.ResourceOptions(parent=self),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RotationArgs:
    """Arguments of `Rotation`.

    Raises:
        ValueError: no secret.
    """

    place: SecretPlace
    region: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    """Whoever is in it may connect to databases, and to Secrets Manager's endpoint in the network."""
    secrets: Mapping[str, LoginSecret]
    logs_key_arn: pulumi.Input[str]
    log_retention_days: LogRetention
    after: Sequence[pulumi.Resource]
    """What makes the logins: a password can be changed only once there is somebody who has it."""

    def __post_init__(self) -> None:
        """Check that there is something to rotate."""
        if not self.secrets:
            raise ValueError("rotation: got no secret; pass one at least, or leave the component out")


class Rotation(pulumi.ComponentResource):
    """AWS's function for PostgreSQL, which has each login change its own password, and the schedule of each secret."""

    function_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RotationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the function and the schedules."""
        super().__init__("fashionwallet:secrets:Rotation", name, None, opts)
        self._component_name = name
        self._args = args
        self._function = f"fashion-wallet-{args.place.stack}-rotation"
        self.function_arn = self._create_function().outputs["RotationLambdaARN"]
        for login in sorted(args.secrets):
            self._create_schedule(login)
        self.register_outputs({"functionArn": self.function_arn})

    def _create_function(self) -> serverlessrepository.CloudFormationStack:
        args = self._args
        return serverlessrepository.CloudFormationStack(
            f"{self._component_name}-function",
            name=self._function,
            application_id=_APPLICATION,
            capabilities=["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
            parameters={
                "endpoint": f"https://secretsmanager.{args.region}.amazonaws.com",
                "functionName": self._function,
                "kmsKeyArn": args.place.key_arn,
                "vpcSubnetIds": pulumi.Output.all(*args.subnet_ids).apply(",".join),
                "vpcSecurityGroupIds": args.security_group_id,
                "excludeCharacters": _UNWANTED,
            },
            tags=tags(args.place.stack, args.place.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[self._create_log_group()],
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m", delete="30m"),
            ),
        )

    def _create_log_group(self) -> cloudwatch.LogGroup:
        """Declare it before the function would: its own has neither the key nor an end."""
        args = self._args
        return cloudwatch.LogGroup(
            f"{self._component_name}-log",
            name=f"/aws/lambda/{self._function}",
            kms_key_id=args.logs_key_arn,
            retention_in_days=args.log_retention_days,
            tags=tags(args.place.stack, args.place.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_schedule(self, login: str) -> secretsmanager.SecretRotation:
        args = self._args
        return secretsmanager.SecretRotation(
            f"{self._component_name}-{login}",
            secret_id=args.secrets[login].arn,
            rotation_lambda_arn=self.function_arn,
            # What is brand new need not be replaced at once, and nobody could log in while it is.
            rotate_immediately=False,
            rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=args.place.settings.rotation_days
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
