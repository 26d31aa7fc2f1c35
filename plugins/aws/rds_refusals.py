"""What RDS refuses of a change, told from what is there: versions, sources of replicas, parameter groups, storage."""

from collections.abc import Mapping
from typing import Any, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.rds_checks import major_of, minor_of, resolved
from plugins.base import Props, ProviderError

__all__ = [
    "GONE",
    "describe",
    "may_grow",
    "next_version",
    "refuse_family",
    "refuse_less",
    "refuse_other_key",
    "source_of",
]

GONE: Final = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
_MOST_REPLICAS: Final = 15


def describe(aws: Aws, id_: str) -> dict[str, Any] | None:
    """Return what moto says of an instance, None where there is none."""
    rds = aws.client("rds")
    answer = unless_gone(lambda: rds.describe_db_instances(DBInstanceIdentifier=id_), *GONE)
    return dict(answer["DBInstances"][0]) if answer and answer["DBInstances"] else None


def source_of(aws: Aws, inputs: Props) -> dict[str, Any]:
    """Return the source of a replica, as long as RDS would make one of it."""
    source = str(inputs["replicateSourceDb"])
    region, identifier = (source.split(":")[3], source.split(":")[6]) if source.startswith("arn:") else (None, source)
    there = aws.at(region)
    found = describe(there, identifier)
    if found is None:
        raise ProviderError(f"replicateSourceDb: there is no instance {source}. Give this resource depends_on it")
    if not found.get("BackupRetentionPeriod"):
        raise ProviderError(f"replicateSourceDb: {identifier} has no automated backups, and RDS copies from those")
    if found.get("MasterUserSecret"):
        raise ProviderError(
            f"replicateSourceDb: RDS keeps the password of {identifier} (ManageMasterUserPassword), and then makes no "
            "replica of it. Keep the password in a secret of your own"
        )
    if len(found.get("ReadReplicaDBInstanceIdentifiers", [])) >= _MOST_REPLICAS:
        raise ProviderError(f"replicateSourceDb: {identifier} has {_MOST_REPLICAS} replicas, and RDS makes no more")
    version = inputs.get("engineVersion")
    if version is not None and major_of(version) != major_of(str(found["EngineVersion"])):
        raise ProviderError(f"engineVersion: got {version}, and the source runs {found['EngineVersion']}")
    return found


def refuse_family(aws: Aws, inputs: Props, version: str) -> None:
    """Refuse a parameter group of another major version: moto looks at no group's family."""
    group = inputs.get("parameterGroupName")
    if not group:
        return
    found = aws.client("rds").describe_db_parameter_groups(DBParameterGroupName=group)["DBParameterGroups"]
    family = found[0]["DBParameterGroupFamily"] if found else "nothing: there is no such group"
    if family != f"postgres{major_of(version)}":
        raise ProviderError(
            f"parameterGroupName: {group} is of the family {family}, and the instance runs PostgreSQL {version}. Give "
            f"it a group of postgres{major_of(version)}"
        )


def refuse_less(instance: Mapping[str, Any], news: Props) -> None:
    """Refuse less storage than there is, where it did not grow by itself."""
    size, now = news.get("allocatedStorage"), instance.get("AllocatedStorage", 0)
    if size is not None and size < now and not may_grow(news, size):
        raise ProviderError(f"allocatedStorage: got {size} GiB, and it has {now}. Storage never shrinks: say {now}")


def refuse_other_key(kept: Props, news: Props) -> None:
    """Refuse another key for Performance Insights: it is chosen once, when they are turned on."""
    name = "performanceInsightsKmsKeyId"
    before, after = kept.get(name), news.get(name)
    if before and after and before != after:
        raise ProviderError(f"{name}: got {after}, and it is {before}. RDS never changes it: say {before}")


def next_version(aws: Aws, instance: Mapping[str, Any], kept: Props, news: Props) -> str:
    """Return the version after a change, as long as RDS would go there."""
    now, wanted = str(instance["EngineVersion"]), news.get("engineVersion")
    if wanted is None or now == wanted or now.startswith(f"{wanted}."):
        return now
    after = resolved(str(wanted))
    before, new = (tuple(map(int, one.split("."))) for one in (now, after))
    if new < before:
        raise ProviderError(f"engineVersion: got {wanted}, and it runs {now}. RDS goes back to no older version")
    if major_of(after) != major_of(now) and not news.get("allowMajorVersionUpgrade"):
        raise ProviderError(f"engineVersion: got {wanted}, and it runs {now}. Set allowMajorVersionUpgrade to allow it")
    if major_of(after) == major_of(now) and not kept.get("replicateSourceDb"):
        behind = [one for one in _replicas(aws, instance) if (minor_of(one[1]) or 0) < new[1]]
        if behind:
            names = ", ".join(f"{name} ({version})" for name, version in sorted(behind))
            raise ProviderError(f"engineVersion: upgrade its replicas to {after} first: {names}")
    return after


def _replicas(aws: Aws, instance: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name in instance.get("ReadReplicaDBInstanceIdentifiers", []):
        there = aws.at(name.split(":")[3]) if name.startswith("arn:") else aws
        replica = describe(there, name.rsplit(":", 1)[-1])
        if replica is not None:
            found.append((name, str(replica["EngineVersion"])))
    return found


def may_grow(news: Props, size: int) -> bool:
    """Say whether storage may grow beyond `size` by itself."""
    return bool((news.get("maxAllocatedStorage") or 0) > size)
