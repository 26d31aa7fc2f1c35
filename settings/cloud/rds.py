"""The settings of PostgreSQL on RDS: what is not the same as on one machine.

Owns: version, machine, storage, backups, windows, insight into the server, the replica for recovery. Does not own:
what is the same on any substrate (`fashion-wallet:postgres`: replicas, pools, time-outs, parameters, extensions), the
network and keys.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StringConstraints

from settings.base import Model
from settings.checks import Allowed, text_of, wrong
from settings.cloud.network import Cidr, SubnetOfZone
from settings.cloud.rds_checks import engine_version, instance_class, master_username

__all__ = ["LogRetention", "RdsSettings"]


def _file(value: object) -> Path:
    path = value if isinstance(value, Path) else Path(text_of(value))
    if not path.is_absolute():
        raise wrong(
            "is not an absolute path", "write the whole path, beginning with /; ~ and variables are not expanded"
        )
    return path


def _insights_days(value: int) -> int:
    """Accept what RDS does: 7 days, whole months of 31 days up to 23, or two years (731)."""
    if value not in {7, 731} and (value % 31 or not 1 <= value // 31 <= 23):  # noqa: PLR2004 - the docstring says which
        raise wrong("is no life that RDS takes", "set it to 7, 731, or a multiple of 31 up to 713")
    return value


EngineVersion = Annotated[
    str, Allowed('a version of PostgreSQL, "17" or "17.5", in quotes'), BeforeValidator(engine_version)
]
InstanceClass = Annotated[str, Allowed("a class of RDS, say db.r6g.large"), BeforeValidator(instance_class)]
MasterUsername = Annotated[
    str, Allowed("small letters, digits and _; no common name"), BeforeValidator(master_username)
]
CaFile = Annotated[Path, Allowed("the absolute path of a file"), PlainValidator(_file)]
InsightsDays = Annotated[int, Allowed("7, 731, or a multiple of 31 up to 713"), AfterValidator(_insights_days)]
LogRetention = Annotated[
    Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    Allowed("a number of days that CloudWatch has: 30, 60, 90, 120, 150, 180, 365, 400, 731, …"),
]
DailyWindow = Annotated[
    str,
    Allowed('hours of a day in UTC, say "02:00-03:00"'),
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"),
]
_DAY = "(mon|tue|wed|thu|fri|sat|sun)"
WeeklyWindow = Annotated[
    str,
    Allowed('hours of a week in UTC, say "sun:03:30-sun:04:30"'),
    StringConstraints(pattern=rf"^{_DAY}:([01][0-9]|2[0-3]):[0-5][0-9]-{_DAY}:([01][0-9]|2[0-3]):[0-5][0-9]$"),
]
CaIdentifier = Literal["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"]


class RdsSettings(Model):
    """RDS for PostgreSQL: a Multi-AZ primary, `postgres.replicas` read replicas in other zones, and RDS Proxy."""

    engine_version: EngineVersion = Field(
        default="17",
        description="`17`: new minor versions come by themselves in the maintenance window. `17.5`: only by an update, "
        "which the next maintenance window then carries out.",
    )
    replica_engine_version: EngineVersion | None = Field(
        default=None,
        description="Version of the read replicas, to upgrade them first: RDS takes a newer minor version on the "
        "primary only when they have it. Omitted: `engineVersion`.",
    )
    allow_major_version_upgrade: bool = Field(
        default=False,
        description="An update may raise the major version: minutes without the database, and no way back.",
    )
    instance_class: InstanceClass = Field(
        default="db.r6g.large", description="The machine of each instance. Its memory must hold the connections."
    )
    multi_az: bool = Field(
        default=True, description="A synchronous standby in another zone, which takes over by itself (spec 7.1.1)."
    )
    allocated_storage_gib: int = Field(
        default=100, ge=20, le=65_536, description="Storage to begin with. It grows by itself and never shrinks."
    )
    max_allocated_storage_gib: int = Field(
        default=1_000, ge=22, le=65_536, description="What storage may grow to by itself."
    )
    storage_iops: int | None = Field(
        default=None,
        ge=12_000,
        le=64_000,
        description="Operations a second, from 400 GiB on. Omitted: 3,000, and 12,000 from 400 GiB on.",
    )
    storage_throughput_mib_s: int | None = Field(
        default=None,
        ge=500,
        le=4_000,
        description="Throughput, from 400 GiB on. Omitted: 125, and 500 from 400 GiB on.",
    )
    backup_retention_days: int = Field(
        default=30,
        ge=1,
        le=35,
        description="Life of automated backups, and how far back one can go in time (spec 5.2.1).",
    )
    backup_window: DailyWindow = Field(default="02:00-03:00", description="When the daily backup is taken.")
    maintenance_window: WeeklyWindow = Field(
        default="sun:03:30-sun:04:30", description="When changes that need a restart, and minor versions, are put in."
    )
    apply_immediately: bool = Field(
        default=False, description="Changes do not wait for the maintenance window: connections may break at once."
    )
    performance_insights_retention_days: InsightsDays = Field(
        default=7, description="Life of what Performance Insights records (spec 5.1.1)."
    )
    monitoring_interval_s: Literal[1, 5, 10, 15, 30, 60] = Field(
        default=60, description="How often the operating system's figures are taken (enhanced monitoring)."
    )
    log_retention_days: LogRetention = Field(default=90, description="Life of the servers' logs in CloudWatch.")
    ca_certificate_identifier: CaIdentifier = Field(
        default="rds-ca-rsa2048-g1", description="The authority that signs the servers' certificates."
    )
    ca_file: CaFile | None = Field(
        default=None,
        description="File with the authorities that clients trust: RDS's global bundle, and Amazon's roots, which sign "
        "RDS Proxy's certificate. Omitted: `certificates/rds-global-bundle.pem` below the project's home folder.",
    )
    master_username: MasterUsername = Field(
        default="wallet_admin", description="The administrator; owns databases and schemas. Never changed later."
    )
    locale: str = Field(
        default="C.UTF-8",
        min_length=1,
        max_length=63,
        description="Order and letters of the application's database. Never changed later.",
    )
    recovery_replica: bool = Field(
        default=False, description="A replica in `network.recoveryRegion`, to be promoted in a disaster (spec 5.2.2)."
    )
    recovery_vpc_cidr: Cidr = Field(
        default="10.41.0.0/16", description="Addresses of the recovery replica's VPC, in the other region."
    )
    recovery_subnets: SubnetOfZone | None = Field(
        default=None,
        description="With `recoveryReplica`: two zones of the other region or more, each with its subnet's addresses.",
    )
