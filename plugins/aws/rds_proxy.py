"""RDS Proxy: the proxy, its pool, its target. A real pooler or server on this machine answers at its endpoint.

moto makes and deletes proxies but changes none, and reads nothing of what they name: that is looked at here.
"""

import json
from functools import partial
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.rds import retag, tags_of
from plugins.aws.rds_refusals import describe
from plugins.aws.tags import TAGS, as_list
from plugins.base import CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "Proxy", "ProxyDefaultTargetGroup", "ProxyTarget"]

_GONE: Final = ("DBProxyNotFoundFault", "DBProxyNotFound")
_GROUP: Final = "default"
_PORT: Final = 5432
_LOGIN: Final = ("username", "password")


class Proxy(Entity):
    """`aws:rds/proxy:Proxy`. Its id is its name."""

    token = "aws:rds/proxy:Proxy"
    noun = "proxy"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "auths": Field(
            kind="objects",
            unset=[],
            fields={
                "authScheme": Field(kind="text", default="SECRETS", allowed=("SECRETS",)),
                "clientPasswordAuthType": Field(
                    kind="text", allowed=("POSTGRES_SCRAM_SHA_256", "POSTGRES_MD5", "MYSQL_NATIVE_PASSWORD")
                ),
                "description": Field(kind="text"),
                "iamAuth": Field(kind="text", default="DISABLED", allowed=("DISABLED", "REQUIRED", "ENABLED")),
                "secretArn": Field(kind="text", required=True),
            },
        ),
        "debugLogging": Field(kind="flag", default=False),
        "engineFamily": Field(kind="text", required=True, replaces=True, allowed=("POSTGRESQL",)),
        "idleClientTimeout": Field(kind="number", default=1800, least=1, most=28_800),
        "name": Field(kind="text", replaces=True),
        "requireTls": Field(kind="flag", default=False),
        "roleArn": Field(kind="text", required=True),
        "tags": TAGS,
        "vpcSecurityGroupIds": Field(kind="set"),
        "vpcSubnetIds": Field(kind="set", required=True, replaces=True),
    }
    outputs: ClassVar = {"arn": "text", "endpoint": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse passwords of another database's kind."""
        auths = inputs.get("auths")
        wrong = [
            one["clientPasswordAuthType"]
            for one in (auths if isinstance(auths, list) else [])
            if isinstance(one, dict) and str(one.get("clientPasswordAuthType", "")).startswith("MYSQL")
        ]
        if wrong:
            reason = f"auths.clientPasswordAuthType: got {wrong[0]}, which is not of PostgreSQL"
            return [CheckFailure("auths", reason)]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the proxy, where it could log in to something."""
        _refuse_unusable(aws, inputs)
        aws.client("rds").create_db_proxy(
            DBProxyName=inputs["name"],
            EngineFamily=inputs["engineFamily"],
            Auth=[_told(one) for one in inputs.get("auths") or []],
            RoleArn=inputs["roleArn"],
            VpcSubnetIds=inputs["vpcSubnetIds"],
            VpcSecurityGroupIds=inputs.get("vpcSecurityGroupIds") or [],
            RequireTLS=inputs["requireTls"],
            IdleClientTimeout=inputs["idleClientTimeout"],
            DebugLogging=inputs["debugLogging"],
            Tags=as_list(inputs.get("tags")),
        )
        aws.store.put(self._kind(aws), inputs["name"], inputs)
        return inputs["name"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask whether it is there; what it is like is kept here, as moto changes no proxy."""
        found = _proxy(aws, id_)
        kept = aws.store.get(self._kind(aws), id_)
        if found is None or kept is None:
            return None
        return {
            **{name: kept.get(name) for name in self.fields},
            "arn": found["DBProxyArn"],
            "endpoint": str(aws.servers["postgres"]["proxy"]),
            "tags": tags_of(aws, found["DBProxyArn"]),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Keep the new arguments."""
        _refuse_unusable(aws, news)
        aws.store.put(self._kind(aws), id_, news)
        found = _proxy(aws, id_)
        if found is not None:
            retag(aws, found["DBProxyArn"], state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the proxy."""
        if _proxy(aws, id_) is not None:
            aws.client("rds").delete_db_proxy(DBProxyName=id_)
        aws.store.remove(self._kind(aws), id_)

    def _kind(self, aws: Aws) -> str:
        return f"{self.token}@{aws.region}"


def _proxy(aws: Aws, name: str) -> dict[str, Any] | None:
    rds = aws.client("rds")
    answer = unless_gone(lambda: rds.describe_db_proxies(DBProxyName=name), *_GONE)
    return dict(answer["DBProxies"][0]) if answer and answer["DBProxies"] else None


def _told(auth: Props) -> dict[str, str]:
    names = {
        "authScheme": "AuthScheme",
        "clientPasswordAuthType": "ClientPasswordAuthType",
        "description": "Description",
        "iamAuth": "IAMAuth",
        "secretArn": "SecretArn",
    }
    return {key: str(auth[name]) for name, key in names.items() if auth.get(name)}


def _refuse_unusable(aws: Aws, inputs: Props) -> None:
    """Refuse a role that is not there, and secrets that hold no login: the proxy could let nobody in."""
    role = str(inputs["roleArn"]).rsplit("/", 1)[-1]
    iam = aws.client("iam")
    if unless_gone(lambda: iam.get_role(RoleName=role), "NoSuchEntity") is None:
        raise ProviderError(f"roleArn: there is no role {role}. Give this resource depends_on it")
    secrets = aws.client("secretsmanager")
    for arn in [auth["secretArn"] for auth in inputs.get("auths") or []]:
        value = unless_gone(partial(secrets.get_secret_value, SecretId=arn), "ResourceNotFoundException")
        if value is None:
            raise ProviderError(f"auths.secretArn: {arn} has no value. Give this resource depends_on its version")
        held = json.loads(value.get("SecretString") or "{}")
        missing = [name for name in _LOGIN if not held.get(name)]
        if missing:
            raise ProviderError(f"auths.secretArn: {arn} holds no {' and no '.join(missing)}, which RDS Proxy reads")


class ProxyDefaultTargetGroup(Entity):
    """`aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup`. Comes and goes with its proxy; its id is the name."""

    token = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"
    noun = "pool of a proxy"
    fields: ClassVar[Fields] = {
        "connectionPoolConfig": Field(
            kind="object",
            fields={
                "connectionBorrowTimeout": Field(kind="number", default=120, least=0, most=300),
                "initQuery": Field(kind="text"),
                "maxConnectionsPercent": Field(kind="number", default=100, least=1, most=100),
                "maxIdleConnectionsPercent": Field(kind="number", default=50, least=0, most=100),
                "sessionPinningFilters": Field(kind="set"),
            },
        ),
        "dbProxyName": Field(kind="text", required=True, replaces=True),
    }
    outputs: ClassVar = {"arn": "text", "name": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse more idle connections than there may be."""
        config = inputs.get("connectionPoolConfig") or {}
        idle, most = config.get("maxIdleConnectionsPercent"), config.get("maxConnectionsPercent")
        if isinstance(idle, int) and isinstance(most, int) and idle > most:
            path = "connectionPoolConfig.maxIdleConnectionsPercent"
            return [CheckFailure(path, f"{path}: got {idle}, allowed is at most maxConnectionsPercent, {most}")]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Set the limits of the pool."""
        self._set(aws, inputs)
        return inputs["dbProxyName"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the limits."""
        if _proxy(aws, id_) is None:
            return None
        group = aws.client("rds").describe_db_proxy_target_groups(DBProxyName=id_)["TargetGroups"][0]
        config = group.get("ConnectionPoolConfig") or {}
        return {
            "arn": group["TargetGroupArn"],
            "connectionPoolConfig": {
                "connectionBorrowTimeout": config.get("ConnectionBorrowTimeout"),
                "maxConnectionsPercent": config.get("MaxConnectionsPercent"),
                "maxIdleConnectionsPercent": config.get("MaxIdleConnectionsPercent"),
            },
            "dbProxyName": id_,
            "name": _GROUP,
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set the new limits."""
        self._set(aws, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:
        """Leave it: it goes with its proxy."""

    def _set(self, aws: Aws, inputs: Props) -> None:
        name = inputs["dbProxyName"]
        if _proxy(aws, name) is None:
            raise ProviderError(f"dbProxyName: there is no proxy {name}. Give this resource depends_on it")
        config = inputs.get("connectionPoolConfig") or {}
        names = {
            "connectionBorrowTimeout": "ConnectionBorrowTimeout",
            "initQuery": "InitQuery",
            "maxConnectionsPercent": "MaxConnectionsPercent",
            "maxIdleConnectionsPercent": "MaxIdleConnectionsPercent",
            "sessionPinningFilters": "SessionPinningFilters",
        }
        told = {key: config[one] for one, key in names.items() if config.get(one) is not None}
        aws.client("rds").modify_db_proxy_target_group(
            DBProxyName=name, TargetGroupName=_GROUP, ConnectionPoolConfig=told
        )


class ProxyTarget(Entity):
    """`aws:rds/proxyTarget:ProxyTarget`. Its id is `PROXY/GROUP/RDS_INSTANCE/IDENTIFIER`; every change replaces it."""

    token = "aws:rds/proxyTarget:ProxyTarget"
    noun = "target of a proxy"
    fields: ClassVar[Fields] = {
        "dbInstanceIdentifier": Field(kind="text", required=True, replaces=True),
        "dbProxyName": Field(kind="text", required=True, replaces=True),
        "targetGroupName": Field(kind="text", required=True, replaces=True, allowed=(_GROUP,)),
    }
    outputs: ClassVar = {
        "endpoint": "text",
        "port": "number",
        "rdsResourceId": "text",
        "targetArn": "text",
        "trackedClusterId": "text",
        "type": "text",
    }

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Register the instance; RDS takes neither one that is not there nor a replica."""
        proxy, instance = inputs["dbProxyName"], inputs["dbInstanceIdentifier"]
        found = describe(aws, instance)
        if found is None:
            raise ProviderError(f"dbInstanceIdentifier: there is no instance {instance}")
        if found.get("ReadReplicaSourceDBInstanceIdentifier"):
            raise ProviderError(f"dbInstanceIdentifier: {instance} is a replica, and RDS Proxy takes primaries only")
        if _proxy(aws, proxy) is None:
            raise ProviderError(f"dbProxyName: there is no proxy {proxy}. Give this resource depends_on it")
        aws.client("rds").register_db_proxy_targets(
            DBProxyName=proxy, TargetGroupName=inputs["targetGroupName"], DBInstanceIdentifiers=[instance]
        )
        return f"{proxy}/{inputs['targetGroupName']}/RDS_INSTANCE/{instance}", {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Look for the instance among the targets."""
        proxy, group, kind, instance = id_.split("/")
        if _proxy(aws, proxy) is None:
            return None
        targets = aws.client("rds").describe_db_proxy_targets(DBProxyName=proxy)["Targets"]
        if instance not in [one.get("RdsResourceId") for one in targets]:
            return None
        return {
            "dbInstanceIdentifier": instance,
            "dbProxyName": proxy,
            "endpoint": str(aws.servers["postgres"]["primary"]),
            "port": _PORT,
            "rdsResourceId": instance,
            "targetArn": aws.arn("rds", f"db:{instance}"),
            "targetGroupName": group,
            "trackedClusterId": "",
            "type": kind,
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:
        """Nothing: every property replaces."""

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Take the instance out."""
        proxy, group, _, instance = id_.split("/")
        if self.find(aws, id_, state) is not None:
            aws.client("rds").deregister_db_proxy_targets(
                DBProxyName=proxy, TargetGroupName=group, DBInstanceIdentifiers=[instance]
            )


ENTITIES: Final[tuple[type[Entity], ...]] = (Proxy, ProxyDefaultTargetGroup, ProxyTarget)
