"""Rules between the settings of RDS, and between them and the rest of the stack's."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from settings.cloud.network import NetworkSettings
from settings.cloud.rds import RdsSettings
from settings.cloud.rds_checks import Version, window_minutes, windows_overlap
from settings.cloud.rds_classes import INSTANCE_CLASSES, most_connections
from settings.cloud.rds_derived import LONGEST_BORROW_S
from settings.derived import server_connections
from settings.model import ClusterSettings, TlsSettings
from settings.rules import Rule

__all__ = ["RDS_PLACE_RULES", "RDS_RULES", "RdsPlace"]

_BACKUP_DAYS = 30  # spec 5.2.1
_SHORTEST_WINDOW_MIN = 30
_PROVISIONED_FROM_GIB = 400
_GROWTH = 1.1  # RDS wants room for one step at least
_IOPS_A_MIB_S = 4
_OLDEST_MAJOR, _TLS_1_3_MAJOR = 15, 16
_RECOVERY_ZONES = 2
_WITH_UNIT = re.compile(r"\d+\s*[A-Za-z]+")


def _version(rds: RdsSettings) -> Version:
    return Version.of(rds.engine_version)


def _replica(rds: RdsSettings) -> Version:
    return Version.of(rds.replica_engine_version or rds.engine_version)


def _behind(rds: RdsSettings) -> bool:
    own, replica = _version(rds), _replica(rds)
    pinned = own.minor is not None and replica.minor is not None
    return own.major != replica.major or (pinned and (replica.minor or 0) < (own.minor or 0))


def _smallest_limit(rds: RdsSettings) -> int:
    return -int(-rds.allocated_storage_gib * _GROWTH // 1)


def _provisioned(rds: RdsSettings) -> bool:
    return rds.storage_iops is not None or rds.storage_throughput_mib_s is not None


def _most_throughput(rds: RdsSettings) -> int:
    return (rds.storage_iops or 12_000) // _IOPS_A_MIB_S


RDS_RULES: tuple[Rule[RdsSettings], ...] = (
    Rule(
        key="engineVersion",
        holds=f"{_OLDEST_MAJOR} or newer",
        broken=lambda r: _version(r).major < _OLDEST_MAJOR,
        cause=lambda _: "is older than what the layer is written for",
        got=lambda r: r.engine_version,
        allowed=lambda _: f"{_OLDEST_MAJOR} or newer",
        fix=lambda _: 'write "17"',
    ),
    Rule(
        key="replicaEngineVersion",
        holds="the major version of `engineVersion`, and no older minor version",
        broken=_behind,
        cause=lambda _: "is of another major version, or older than the primary's: RDS refuses such replicas",
        got=lambda r: r.replica_engine_version,
        allowed=lambda r: f"{r.engine_version}, or a newer minor version of {_version(r).major}",
        fix=lambda r: f'leave it out, or write "{r.engine_version}"',
    ),
    Rule(
        key="maxAllocatedStorageGib",
        holds="at least 1.1 * `allocatedStorageGib`",
        broken=lambda r: r.max_allocated_storage_gib < _smallest_limit(r),
        cause=lambda _: "leaves storage no room for one step of growth, and RDS refuses it",
        got=lambda r: r.max_allocated_storage_gib,
        allowed=lambda r: f"{_smallest_limit(r)} or more",
        fix=lambda r: f"raise it to {_smallest_limit(r)} or more",
    ),
    Rule(
        key="storageIops",
        holds=f"with `storageThroughputMibS`: only from {_PROVISIONED_FROM_GIB} GiB of `allocatedStorageGib` on",
        broken=lambda r: _provisioned(r) and r.allocated_storage_gib < _PROVISIONED_FROM_GIB,
        cause=lambda r: f"or storageThroughputMibS is set, and {r.allocated_storage_gib} GiB of gp3 have fixed figures",
        got=lambda r: r.storage_iops,
        allowed=lambda _: f"nothing below {_PROVISIONED_FROM_GIB} GiB",
        fix=lambda _: f"leave both out, or raise allocatedStorageGib to {_PROVISIONED_FROM_GIB}",
    ),
    Rule(
        key="storageThroughputMibS",
        holds=f"at most a {_IOPS_A_MIB_S}th of `storageIops`",
        broken=lambda r: (r.storage_throughput_mib_s or 0) > _most_throughput(r),
        cause=lambda r: f"is more than a quarter of {r.storage_iops or 12_000} operations a second",
        got=lambda r: r.storage_throughput_mib_s,
        allowed=lambda r: f"500 to {_most_throughput(r)}",
        fix=lambda r: f"raise storageIops to {(r.storage_throughput_mib_s or 0) * _IOPS_A_MIB_S}, or lower it",
    ),
    Rule(
        key="backupRetentionDays",
        holds=f"{_BACKUP_DAYS} or more (spec 5.2.1)",
        broken=lambda r: r.backup_retention_days < _BACKUP_DAYS,
        cause=lambda _: "is less than the specification demands of daily backups (5.2.1)",
        got=lambda r: r.backup_retention_days,
        allowed=lambda _: f"{_BACKUP_DAYS} to 35",
        fix=lambda _: f"raise it to {_BACKUP_DAYS}, or leave it out",
    ),
    Rule(
        key="backupWindow",
        holds=f"{_SHORTEST_WINDOW_MIN} minutes or more",
        broken=lambda r: window_minutes(r.backup_window) < _SHORTEST_WINDOW_MIN,
        cause=lambda r: f"lasts {window_minutes(r.backup_window)} minutes, too short for RDS",
        got=lambda r: r.backup_window,
        allowed=lambda _: f"{_SHORTEST_WINDOW_MIN} minutes or more",
        fix=lambda _: "make it longer",
    ),
    Rule(
        key="maintenanceWindow",
        holds=f"{_SHORTEST_WINDOW_MIN} minutes to a day, none of it in `backupWindow`",
        broken=lambda r: (
            not _SHORTEST_WINDOW_MIN <= window_minutes(r.maintenance_window) <= 24 * 60
            or windows_overlap(r.backup_window, r.maintenance_window)
        ),
        cause=lambda r: (
            f"overlaps with backupWindow, {r.backup_window}: RDS refuses it"
            if windows_overlap(r.backup_window, r.maintenance_window)
            else f"lasts {window_minutes(r.maintenance_window)} minutes"
        ),
        got=lambda r: r.maintenance_window,
        allowed=lambda r: f"{_SHORTEST_WINDOW_MIN} minutes to a day, outside of {r.backup_window}",
        fix=lambda _: "move or resize one of the two",
    ),
    Rule(
        key="recoverySubnets",
        holds=f"{_RECOVERY_ZONES} zones or more with `recoveryReplica`",
        broken=lambda r: r.recovery_replica and len(r.recovery_subnets or {}) < _RECOVERY_ZONES,
        cause=lambda _: "has too few zones: RDS wants a place for the replica in two",
        got=lambda r: sorted(r.recovery_subnets or {}),
        allowed=lambda _: f"{_RECOVERY_ZONES} zones or more of network.recoveryRegion",
        fix=lambda _: "name two zones with a subnet each, or set recoveryReplica to false",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RdsPlace:
    """RDS's settings with those that they must agree with."""

    rds: RdsSettings
    postgres: ClusterSettings
    network: NetworkSettings
    tls: TlsSettings


def _fitting_class(place: RdsPlace) -> str:
    needed = server_connections(place.postgres)
    by_memory = sorted(INSTANCE_CLASSES, key=lambda name: (INSTANCE_CLASSES[name], name))
    family = place.rds.instance_class.rsplit(".", 1)[0]
    fitting = [name for name in by_memory if most_connections(name) >= needed]
    same = [name for name in fitting if name.startswith(f"{family}.")]
    return (same or fitting or by_memory[-1:])[0]


def _zones_needed(place: RdsPlace) -> int:
    return 1 + place.postgres.replicas


def _foreign_zones(place: RdsPlace) -> list[str]:
    region = place.network.recovery_region
    return [zone for zone in sorted(place.rds.recovery_subnets or {}) if zone[:-1] != region]


def _outside(place: RdsPlace) -> list[str]:
    whole = ipaddress.IPv4Network(place.rds.recovery_vpc_cidr)
    subnets = (place.rds.recovery_subnets or {}).values()
    return [text for text in subnets if not ipaddress.IPv4Network(text).subnet_of(whole)]


def _own_cidr(place: RdsPlace) -> bool:
    first, second = (ipaddress.IPv4Network(one) for one in (place.network.vpc_cidr, place.rds.recovery_vpc_cidr))
    return place.rds.recovery_replica and first.overlaps(second)


def _with_units(place: RdsPlace) -> dict[str, str]:
    return {name: value for name, value in place.postgres.parameters.items() if _WITH_UNIT.fullmatch(value)}


RDS_PLACE_RULES: tuple[Rule[RdsPlace], ...] = (
    Rule(
        key="cloud.rds.instanceClass",
        holds="memory for `max_connections`, which follows from the pools, at 9.1 MiB a connection",
        broken=lambda p: server_connections(p.postgres) > most_connections(p.rds.instance_class),
        cause=lambda p: (
            f"has {INSTANCE_CLASSES[p.rds.instance_class]} GiB of memory, for {most_connections(p.rds.instance_class)} "
            f"connections, and the pools need {server_connections(p.postgres)}"
        ),
        got=lambda p: p.rds.instance_class,
        allowed=lambda p: f"a class with room for {server_connections(p.postgres)} connections",
        fix=lambda p: f"set it to {_fitting_class(p)}, or lower postgres.pool.maxConnections",
    ),
    Rule(
        key="cloud.network.subnets",
        holds="a zone for the primary and one for each of `postgres.replicas`",
        broken=lambda p: len(p.network.subnets) < _zones_needed(p),
        cause=lambda p: f"has {len(p.network.subnets)} zones for {_zones_needed(p)} instances of PostgreSQL",
        got=lambda p: sorted(p.network.subnets),
        allowed=lambda p: f"{_zones_needed(p)} zones or more (1 + postgres.replicas)",
        fix=lambda p: f"add zones, or lower postgres.replicas to {max(0, len(p.network.subnets) - 1)}",
    ),
    Rule(
        key="cloud.rds.engineVersion",
        holds=f"{_TLS_1_3_MAJOR} or newer with `tls.minimumVersion` TLSv1.3",
        broken=lambda p: p.tls.minimum_version == "TLSv1.3" and _version(p.rds).major < _TLS_1_3_MAJOR,
        cause=lambda _: "is older than RDS's first version with TLS 1.3",
        got=lambda p: p.rds.engine_version,
        allowed=lambda _: f"{_TLS_1_3_MAJOR} or newer",
        fix=lambda _: 'write "17"',
    ),
    Rule(
        key="postgres.pool.acquireTimeoutMs",
        holds=f"at most {LONGEST_BORROW_S} seconds in the cloud: RDS Proxy waits no longer",
        broken=lambda p: p.postgres.pool.acquire_timeout_ms > LONGEST_BORROW_S * 1000,
        cause=lambda _: "is longer than RDS Proxy lets a client wait",
        got=lambda p: p.postgres.pool.acquire_timeout_ms,
        allowed=lambda _: f"up to {LONGEST_BORROW_S * 1000}",
        fix=lambda _: f"lower it to {LONGEST_BORROW_S * 1000}",
    ),
    Rule(
        key="postgres.parameters",
        holds="plain numbers in the cloud: RDS takes no units",
        broken=lambda p: bool(_with_units(p)),
        cause=lambda p: (
            f"gives {', '.join(sorted(_with_units(p)))} with a unit, and RDS takes a number in its own unit"
        ),
        got=_with_units,
        allowed=lambda _: "numbers in the unit that pg_settings shows, say 65536 (kB) for 64 MB of work_mem",
        fix=lambda _: "write the number in the parameter's own unit",
    ),
    Rule(
        key="cloud.rds.recoverySubnets",
        holds="zones of `network.recoveryRegion`, each inside of `recoveryVpcCidr`",
        broken=lambda p: p.rds.recovery_replica and bool(_foreign_zones(p) or _outside(p)),
        cause=lambda p: (
            f"names {', '.join(_foreign_zones(p))}, not in {p.network.recovery_region}"
            if _foreign_zones(p)
            else f"has {', '.join(_outside(p))}, outside of recoveryVpcCidr, {p.rds.recovery_vpc_cidr}"
        ),
        got=lambda p: dict(p.rds.recovery_subnets or {}),
        allowed=lambda p: f"zones of {p.network.recovery_region} with subnets inside of {p.rds.recovery_vpc_cidr}",
        fix=lambda _: "correct the zones or the addresses",
    ),
    Rule(
        key="cloud.rds.recoveryVpcCidr",
        holds="no address of `network.vpcCidr`, so that the two can be connected in a disaster",
        broken=_own_cidr,
        cause=lambda p: f"overlaps with network.vpcCidr, {p.network.vpc_cidr}",
        got=lambda p: p.rds.recovery_vpc_cidr,
        allowed=lambda _: "a private network of its own",
        fix=lambda _: "choose other addresses, say 10.41.0.0/16",
    ),
)
