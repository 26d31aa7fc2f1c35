"""RDS instances of PostgreSQL: moto knows that they are there, a real server on this machine answers for them.

What moto cannot hold (keys of replicas, Performance Insights, zones of replicas) the stand-in keeps beside it; what
moto does hold is read back from it, so that drift shows.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from plugins.aws import rds_server
from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.rds import retag
from plugins.aws.rds_checks import check_instance, resolved
from plugins.aws.rds_refusals import (
    GONE,
    describe,
    may_grow,
    next_version,
    refuse_family,
    refuse_less,
    refuse_other_key,
    source_of,
)
from plugins.aws.tags import TAGS, as_list, as_map
from plugins.base import CheckFailure, Context, Diff, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "Instance"]

_FLAG, _TEXT, _NUMBER = (Field(kind=kind) for kind in ("flag", "text", "number"))
_LOGS: Final = ("postgresql", "upgrade", "iam-db-auth-error")
# Property, name in the API of what is told and what is read; those that moto holds as it was told them.
_SETTABLE: Final[Mapping[str, str]] = {
    "allocatedStorage": "AllocatedStorage",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "deletionProtection": "DeletionProtection",
    "instanceClass": "DBInstanceClass",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "multiAz": "MultiAZ",
    "storageType": "StorageType",
}
_OWN: Final = ("allocatedStorage", "engine", "engineVersion", "username")
_LOCAL: Final = (
    "allowMajorVersionUpgrade",
    "applyImmediately",
    "deleteAutomatedBackups",
    "finalSnapshotIdentifier",
    "skipFinalSnapshot",
)


class Instance(Entity):
    """`aws:rds/instance:Instance`. Its id here is its identifier (the official plugin's is the resource id)."""

    token = "aws:rds/instance:Instance"
    noun = "instance"
    timeout_s = 600.0
    autonamed = "identifier"
    volatile = frozenset({"engineVersionActual", "replicas", "masterUserSecrets"})
    fields: ClassVar[Fields] = {
        "allocatedStorage": Field(kind="number", least=20, most=65_536),
        "allowMajorVersionUpgrade": Field(kind="flag", default=False, local=True),
        "applyImmediately": Field(kind="flag", default=False, local=True),
        "autoMinorVersionUpgrade": Field(kind="flag", default=True),
        "availabilityZone": Field(kind="text", replaces=True),
        "backupRetentionPeriod": Field(kind="number", default=0, least=0, most=35),
        "backupWindow": _TEXT,
        "caCertIdentifier": Field(kind="text", allowed=("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")),
        "copyTagsToSnapshot": Field(kind="flag", default=False),
        "dbSubnetGroupName": _TEXT,
        "deleteAutomatedBackups": Field(kind="flag", default=True, local=True),
        "deletionProtection": Field(kind="flag", default=False),
        "enabledCloudwatchLogsExports": Field(kind="set", unset=[], allowed=_LOGS),
        "engine": Field(kind="text", replaces=True),
        "engineVersion": _TEXT,
        "finalSnapshotIdentifier": Field(kind="text", local=True),
        "iamDatabaseAuthenticationEnabled": Field(kind="flag", default=False),
        "identifier": Field(kind="text", replaces=True),
        "instanceClass": Field(kind="text", required=True),
        "iops": _NUMBER,
        "kmsKeyId": Field(kind="text", replaces=True),
        "maintenanceWindow": _TEXT,
        "manageMasterUserPassword": _FLAG,
        "masterUserSecretKmsKeyId": _TEXT,
        "maxAllocatedStorage": Field(kind="number", unset=0, least=0, most=65_536),
        "monitoringInterval": Field(kind="number", default=0, least=0, most=60),
        "monitoringRoleArn": _TEXT,
        "multiAz": Field(kind="flag", default=False),
        "parameterGroupName": _TEXT,
        "password": Field(kind="text", secret=True, local=True),
        "performanceInsightsEnabled": Field(kind="flag", default=False),
        "performanceInsightsKmsKeyId": _TEXT,
        "performanceInsightsRetentionPeriod": _NUMBER,
        "port": Field(kind="number", least=1150, most=65_535),
        "publiclyAccessible": Field(kind="flag", default=False),
        "replicateSourceDb": Field(kind="text", unset=""),
        "skipFinalSnapshot": Field(kind="flag", default=False, local=True),
        "storageEncrypted": Field(kind="flag", default=False, replaces=True),
        "storageThroughput": _NUMBER,
        "storageType": Field(kind="text", allowed=("gp3", "gp2", "io1", "io2")),
        "tags": TAGS,
        "username": Field(kind="text", replaces=True),
        "vpcSecurityGroupIds": Field(kind="set"),
    }
    outputs: ClassVar = {
        "address": "text",
        "arn": "text",
        "endpoint": "text",
        "engineVersionActual": "text",
        "hostedZoneId": "text",
        "masterUserSecrets": "objects",
        "replicas": "list",
        "resourceId": "text",
        "status": "text",
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check what RDS would refuse."""
        missing = [] if "replicateSourceDb" in inputs else [name for name in _OWN if name not in inputs]
        failures = [CheckFailure(one, f"{one}: missing, and an instance with no source needs it") for one in missing]
        return failures + check_instance(inputs, str(inputs["region"]))

    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        """Leave storage alone that has grown by itself; a plain major version is any of its minors."""
        found = super().diff(id_, state, old_inputs, news, ctx)
        quiet = set()
        if contains_unknown(news.get("maxAllocatedStorage")) or _grown(old_inputs, news):
            quiet.add("allocatedStorage")
        if _same_version(state, news):
            quiet.add("engineVersion")
        kept = tuple(name for name in found.changes if name not in quiet)
        return Diff(kept, tuple(name for name in found.replaces if name in kept), found.delete_before_replace)

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the instance, or a replica of another."""
        identifier = inputs["identifier"]
        if "replicateSourceDb" in inputs:
            source = source_of(aws, inputs)
            aws.client("rds").create_db_instance_read_replica(
                DBInstanceIdentifier=identifier,
                SourceDBInstanceIdentifier=inputs["replicateSourceDb"],
                DBInstanceClass=inputs["instanceClass"],
                Tags=as_list(inputs.get("tags")),
                **_group(inputs),
            )
            actual = str(source["EngineVersion"])
        else:
            actual = resolved(inputs["engineVersion"])
            refuse_family(aws, inputs, actual)
            aws.client("rds").create_db_instance(
                DBInstanceIdentifier=identifier,
                Engine=inputs["engine"],
                EngineVersion=actual,
                MasterUsername=inputs["username"],
                Tags=as_list(inputs.get("tags")),
                **_password(inputs),
                **_encryption(inputs),
                **_told(inputs),
            )
        _keep(aws, identifier, inputs, actual)
        return identifier, {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Have the server behind it know its administrator; a replica has it from its source, and is told the rest."""
        rds_server.address_of(aws, id_, inputs)
        if "replicateSourceDb" in inputs:
            aws.client("rds").modify_db_instance(DBInstanceIdentifier=id_, **_told(inputs))
        else:
            rds_server.set_up(aws, inputs["username"], _master_password(aws, id_, inputs))

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read what moto has, and beside it what is kept."""
        instance = describe(aws, id_)
        if instance is None:
            return None
        kept = aws.store.get(self._kind(aws), id_) or _as_found(instance)
        host = rds_server.address_of(aws, id_, kept)
        actual = str(instance["EngineVersion"])
        said = str(kept.get("engineVersion") or actual)
        secret = instance.get("MasterUserSecret")
        return {
            **{name: kept.get(name) for name in self.fields if name not in ("password", *_LOCAL)},
            **{name: instance[key] for name, key in _SETTABLE.items() if key in instance},
            "engine": instance["Engine"],
            "engineVersion": said if actual == said or actual.startswith(f"{said}.") else actual,
            "engineVersionActual": actual,
            "tags": as_map(instance.get("TagList")),
            "address": host,
            "arn": _arn(aws, id_),
            "endpoint": f"{host}:{rds_server.PORT}",
            "hostedZoneId": "Z1RLNUO7B9Q6NB",
            "masterUserSecrets": [_secret(secret)] if secret else [],
            "replicas": sorted(instance.get("ReadReplicaDBInstanceIdentifiers", [])),
            "resourceId": kept["resourceId"],
            "status": instance["DBInstanceStatus"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change it at once; what RDS would refuse is refused first."""
        kept = aws.store.get(self._kind(aws), id_) or {}
        instance = describe(aws, id_)
        if instance is None:
            raise ProviderError("it is gone. Refresh, and it is made anew: bin/pulumi refresh")
        actual = next_version(aws, instance, kept, news)
        refuse_family(aws, news, actual)
        refuse_less(instance, news)
        refuse_other_key(kept, news)
        if kept.get("replicateSourceDb") and not news.get("replicateSourceDb"):
            aws.client("rds").promote_read_replica(DBInstanceIdentifier=id_)
        elif news.get("replicateSourceDb") != kept.get("replicateSourceDb"):
            raise ProviderError("replicateSourceDb: RDS gives a replica no other source. Make another replica")
        told = {**_told(news), "EngineVersion": actual}
        aws.client("rds").modify_db_instance(DBInstanceIdentifier=id_, ApplyImmediately=True, **told)
        retag(aws, _arn(aws, id_), {"tags": as_map(instance.get("TagList"))}, news)
        if news.get("password") not in (None, state.get("password")):
            rds_server.set_password(aws, news["username"], news["password"])
        _keep(aws, id_, news, actual)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete it with its final snapshot; deletion protection refuses."""
        kept = aws.store.get(self._kind(aws), id_)
        skip = bool(state.get("skipFinalSnapshot"))
        final = {} if skip else {"FinalDBSnapshotIdentifier": state["finalSnapshotIdentifier"]}
        if str((kept or {}).get("replicateSourceDb") or "").startswith("arn:") and describe(aws, id_) is not None:
            # moto fails to delete a replica of another region's instance.
            aws.client("rds").promote_read_replica(DBInstanceIdentifier=id_)
        unless_gone(
            lambda: aws.client("rds").delete_db_instance(
                DBInstanceIdentifier=id_,
                SkipFinalSnapshot=skip,
                DeleteAutomatedBackups=bool(state.get("deleteAutomatedBackups", True)),
                **final,
            ),
            *GONE,
        )
        if kept is not None and not kept.get("replicateSourceDb"):
            rds_server.wipe(aws)
        rds_server.forget(aws, id_)
        aws.store.remove(self._kind(aws), id_)

    def _kind(self, aws: Aws) -> str:
        return _kind(aws)


def _kind(aws: Aws) -> str:
    return f"{Instance.token}@{aws.region}"


def _keep(aws: Aws, id_: str, inputs: Props, actual: str) -> None:
    """Keep what moto cannot hold; never the password."""
    before = aws.store.get(_kind(aws), id_) or {}
    resource_id = before.get("resourceId") or f"db-{id_.upper().replace('-', '')[:26]}"
    props = {name: value for name, value in inputs.items() if name not in ("password", "tags")}
    aws.store.put(_kind(aws), id_, {**props, "engineVersionActual": actual, "resourceId": resource_id})


def _as_found(instance: Mapping[str, Any]) -> Props:
    """Return what is to be known of an instance that somebody else made: it can be imported."""
    subnets, groups = instance.get("DBSubnetGroup") or {}, instance.get("DBParameterGroups") or [{}]
    return {
        "dbSubnetGroupName": subnets.get("DBSubnetGroupName"),
        "iamDatabaseAuthenticationEnabled": bool(instance.get("IAMDatabaseAuthenticationEnabled")),
        "identifier": instance["DBInstanceIdentifier"],
        "kmsKeyId": instance.get("KmsKeyId"),
        "maxAllocatedStorage": instance.get("MaxAllocatedStorage", 0),
        "parameterGroupName": groups[0].get("DBParameterGroupName"),
        "port": rds_server.PORT,
        "publiclyAccessible": bool(instance.get("PubliclyAccessible")),
        "replicateSourceDb": instance.get("ReadReplicaSourceDBInstanceIdentifier"),
        "resourceId": instance["DbiResourceId"],
        "storageEncrypted": bool(instance.get("StorageEncrypted")),
        "username": instance.get("MasterUsername"),
        "vpcSecurityGroupIds": [one["VpcSecurityGroupId"] for one in instance.get("VpcSecurityGroups", [])],
    }


def _told(inputs: Props) -> dict[str, Any]:
    """Return what moto is told of both, instances and replicas, now or later."""
    told = {key: inputs[name] for name, key in _SETTABLE.items() if inputs.get(name) is not None}
    if "replicateSourceDb" in inputs:
        told.pop("AllocatedStorage", None)
    if inputs.get("parameterGroupName"):
        told["DBParameterGroupName"] = inputs["parameterGroupName"]
    # moto looks for the group of a replica in the region of its source.
    if inputs.get("dbSubnetGroupName") and not inputs.get("replicateSourceDb"):
        told["DBSubnetGroupName"] = inputs["dbSubnetGroupName"]
    return told


def _encryption(inputs: Props) -> dict[str, Any]:
    if not inputs["storageEncrypted"]:
        return {}
    return {"StorageEncrypted": True, **({"KmsKeyId": inputs["kmsKeyId"]} if inputs.get("kmsKeyId") else {})}


def _group(inputs: Props) -> Props:
    """Return the parameter group of a replica's own region: that of its source is not there."""
    return {"DBParameterGroupName": inputs["parameterGroupName"]} if "parameterGroupName" in inputs else {}


def _password(inputs: Props) -> dict[str, Any]:
    if inputs.get("manageMasterUserPassword"):
        key = inputs.get("masterUserSecretKmsKeyId")
        return {"ManageMasterUserPassword": True, **({"MasterUserSecretKmsKeyId": key} if key else {})}
    return {"MasterUserPassword": inputs["password"]}


def _master_password(aws: Aws, id_: str, inputs: Props) -> str:
    if not inputs.get("manageMasterUserPassword"):
        return str(inputs["password"])
    secret = (describe(aws, id_) or {})["MasterUserSecret"]["SecretArn"]
    value = aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return str(json.loads(value)["password"])


def _secret(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"kmsKeyId": found["KmsKeyId"], "secretArn": found["SecretArn"], "secretStatus": "active"}


def _arn(aws: Aws, id_: str) -> str:
    return aws.arn("rds", f"db:{id_}")


def _grown(old: Props, news: Props) -> bool:
    before, after = old.get("allocatedStorage"), news.get("allocatedStorage")
    return isinstance(before, int) and isinstance(after, int) and before > after and may_grow(news, after)


def _same_version(state: Props, news: Props) -> bool:
    actual, wanted = state.get("engineVersionActual"), news.get("engineVersion")
    if not isinstance(actual, str) or not isinstance(wanted, str):
        return False
    return actual == wanted or actual.startswith(f"{wanted}.")


ENTITIES: Final[tuple[type[Entity], ...]] = (Instance,)
