"""Which resources of the cloud hold data, what a change of a setting does to it, and who is upgraded first.

The inputs of `DataGuard`. Replicas are copies: adding or removing one loses nothing, so they are not in the list.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from components.encryption.aws_policies import DOMAINS
from components.mongodb.contents import DATA_KEY
from components.mongodb.documents import CollectionDefinition
from components.resources import DataGuardArgs
from settings import Settings
from settings.cloud import CloudSettings
from settings.cloud.rds_derived import replica_zones

__all__ = ["guard_args"]

_BUCKETS = ("dumps", "timescale")
_WINDOW = "at the next maintenance window, or at once with applyImmediately"
_FAILOVER = "the standby is changed first, then it takes over: 60 to 120 s without writes"


def guard_args(settings: Settings, cloud: CloudSettings, collections: Iterable[CollectionDefinition]) -> DataGuardArgs:
    """Return what the guard is told; see `DataGuardArgs`."""
    return DataGuardArgs(
        stateful={
            **_places(cloud),
            **_relational(settings, cloud),
            **_documents(settings, cloud, collections),
            **_timeseries(settings, cloud),
            **_backups(cloud),
        },
        clusters={},
        allow=list(settings.allow_data_loss),
        watched=_watched(settings, cloud),
        floors=_floors(cloud),
        upgrades=_upgrades(settings, cloud),
    )


def _places(cloud: CloudSettings) -> dict[str, str]:
    """Return the subnets of networks of our own: AWS deletes none that holds an instance, and stops half-way."""
    network, rds = cloud.network, cloud.rds
    places = {} if network.vpc_id is not None else _subnets("", network.region, network.subnets)
    if rds.recovery_replica and rds.recovery_subnets is not None:
        places |= _subnets("-recovery", network.recovery_region, rds.recovery_subnets)
    return places


def _subnets(suffix: str, region: str, subnets: Mapping[str, str]) -> dict[str, str]:
    return {
        f"Subnet:fashion-wallet-network{suffix}-subnet-{zone}": f"region={region} addresses={cidr}"
        for zone, cidr in subnets.items()
    }


def _relational(settings: Settings, cloud: CloudSettings) -> dict[str, str]:
    network, rds = cloud.network, cloud.rds
    where = f"region={network.region} network={network.vpc_id or 'own'} user={rds.master_username}"
    database = settings.postgres.database
    stateful = {"Instance:postgres-primary": where, f"Database:{database}": f"{where} name={database}"}
    if rds.recovery_replica:
        stateful["Instance:postgres-recovery"] = f"region={network.recovery_region} addresses={rds.recovery_vpc_cidr}"
    return stateful


def _documents(settings: Settings, cloud: CloudSettings, collections: Iterable[CollectionDefinition]) -> dict[str, str]:
    where = f"organization={cloud.atlas.organization_id} project={cloud.atlas.project_name}"
    database = settings.mongodb.database
    return {
        "AdvancedCluster:mongodb": f"{where} region={cloud.network.region}",
        **{f"MongoCollection:{one.name}": f"{where} database={database} name={one.name}" for one in collections},
        f"MongoDataKey:{DATA_KEY}": f"{where} name={DATA_KEY}",
    }


def _timeseries(settings: Settings, cloud: CloudSettings) -> dict[str, str]:
    kubernetes = cloud.kubernetes
    where = f"context={kubernetes.context} namespace={kubernetes.namespace} class={kubernetes.volumes.storage_class}"
    return {"Cluster:timescale": f"{where} database={settings.timescale.database}"}


def _backups(cloud: CloudSettings) -> dict[str, str]:
    """Return vaults, buckets and keys: without its key, what was encrypted is as good as gone."""
    network, prefix = cloud.network, cloud.backups.buckets.name_prefix
    places = (("", network.region), ("-recovery", network.recovery_region))
    stateful = {f"Vault:fashion-wallet-vault{end}": f"region={region}" for end, region in places}
    for end, region in places:
        stateful |= {
            f"Bucket:fashion-wallet-bucket-{what}{end}": f"region={region} prefix={prefix}" for what in _BUCKETS
        }
    return stateful | {f"Key:fashion-wallet-key-{domain}": f"region={network.region}" for domain in DOMAINS}


def _floors(cloud: CloudSettings) -> dict[str, float]:
    volumes = cloud.kubernetes.volumes
    return {
        "fashion-wallet:cloud.rds.allocatedStorageGib": cloud.rds.allocated_storage_gib,
        "fashion-wallet:cloud.kubernetes.volumes.storageGib": volumes.storage_gib,
        "fashion-wallet:cloud.kubernetes.volumes.walStorageGib": volumes.wal_storage_gib,
    }


def _upgrades(settings: Settings, cloud: CloudSettings) -> dict[str, Any]:
    rds = cloud.rds
    version = rds.replica_engine_version or rds.engine_version
    names = [
        f"postgres-replica-{zone}" for zone in replica_zones(list(cloud.network.subnets), settings.postgres.replicas)
    ]
    if rds.recovery_replica:
        names.append("postgres-recovery")
    return {
        "Instance:postgres-primary": {
            "version": rds.engine_version,
            "replicas": {f"Instance:{name}": version for name in names},
            "fix": f'Set cloud.rds.replicaEngineVersion to "{rds.engine_version}" and leave engineVersion as it was, '
            "update, and then raise engineVersion (docs/how-to/upgrade-postgresql.md)",
        }
    }


def _watched(settings: Settings, cloud: CloudSettings) -> dict[str, dict[str, Any]]:
    rds, backups, volumes = cloud.rds, cloud.backups, cloud.kubernetes.volumes
    rows: dict[str, tuple[Any, str]] = {
        "cloud.rds.instanceClass": (rds.instance_class, f"{_WINDOW}, {_FAILOVER}; no data is lost"),
        "cloud.rds.engineVersion": (
            rds.engine_version,
            f"{_WINDOW}; a minor version costs a fail-over, a major one minutes; no data is lost, and no way back",
        ),
        "cloud.rds.replicaEngineVersion": (
            rds.replica_engine_version,
            "replicas restart one after the other and readers go to the others; no data is lost",
        ),
        "cloud.rds.allocatedStorageGib": (
            rds.allocated_storage_gib,
            "storage grows while the database runs, and never shrinks; no data is lost",
        ),
        "cloud.rds.backupRetentionDays": (
            rds.backup_retention_days,
            (
                "automated backups that are older than the new number are deleted, and no update brings them back; "
                "data itself is not touched"
            ),
        ),
        "cloud.network.subnets": (
            dict(cloud.network.subnets),
            ("a new subnet only adds a place; one that is there keeps its addresses, or all in it would have to go"),
        ),
        "postgres.replicas": (
            settings.postgres.replicas,
            "a replica that comes copies the primary, one that goes takes a copy with it; the primary is not touched",
        ),
        "cloud.backups.dailyRetentionDays": (backups.daily_retention_days, _retention("daily backups")),
        "cloud.backups.weeklyRetentionDays": (backups.weekly_retention_days, _retention("weekly backups")),
        "cloud.backups.continuousRetentionDays": (
            backups.continuous_retention_days,
            "that far back a point in time can be restored; data itself is not touched",
        ),
        "mongodb.members": (
            settings.mongodb.members,
            "members come with a copy of all data, or go with one; the set elects once at most",
        ),
        "cloud.atlas.instanceSize": (
            cloud.atlas.instance_size,
            (
                "members are replaced one by one, each with a copy of all data, the primary last: one election, "
                "seconds without writes; no data is lost"
            ),
        ),
        "cloud.atlas.mongodbMajor": (
            cloud.atlas.mongodb_major,
            "members restart one by one with the new version, and there is no way back; no data is lost",
        ),
        "timescale.replicas": (
            settings.timescale.replicas,
            "an instance that comes copies the primary; of one that goes the volume is kept",
        ),
        "cloud.kubernetes.image": (
            cloud.kubernetes.image,
            "instances restart one by one, the primary last after a switch-over; no data is lost",
        ),
        "cloud.kubernetes.volumes.storageGib": (
            volumes.storage_gib,
            "volumes grow while the servers run, and never shrink; no data is lost",
        ),
    }
    return {key: {"value": value, "effect": effect} for key, (value, effect) in rows.items()}


def _retention(what: str) -> str:
    return f"{what} made from now on live that long; those that are there keep the life they were made with"
