"""What each RDS instance of the layer is told, out of the settings: the primary, a replica, the replica for recovery.

Pure: arguments only, no resource. What all instances have alike stands once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from settings import Settings
from settings.cloud.rds import RdsSettings
from settings.cloud.rds_derived import follows_minor_versions

__all__ = ["ENGINE", "LOGS", "PORT", "Surroundings", "primary_arguments", "replica_arguments"]

ENGINE = "postgres"
PORT = 5432
LOGS = ("postgresql", "upgrade")
"""What RDS sends to CloudWatch."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What an instance stands in; one for each region."""

    subnet_group: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    parameter_group: pulumi.Input[str]
    storage_key_arn: pulumi.Input[str]
    monitoring_role_arn: pulumi.Input[str]
    tags: Mapping[str, str]
    logs: tuple[str, ...]
    """Exported to CloudWatch: only those whose log group is there, encrypted, before the instance."""


def primary_arguments(
    settings: Settings, rds: RdsSettings, place: Surroundings, final_snapshot: pulumi.Input[str]
) -> dict[str, Any]:
    """Return what the primary is told beside its identifier and password.

    Its final snapshot has a name from the start: RDS asks for one only when the instance is deleted, and what was not
    recorded by then cannot be given any more.
    """
    return {
        **_common(settings, rds, place),
        "engine": ENGINE,
        "engine_version": rds.engine_version,
        "allocated_storage": rds.allocated_storage_gib,
        "username": rds.master_username,
        "port": PORT,
        "multi_az": rds.multi_az,
        "db_subnet_group_name": place.subnet_group,
        "skip_final_snapshot": False,
        "final_snapshot_identifier": final_snapshot,
    }


def replica_arguments(
    settings: Settings, rds: RdsSettings, place: Surroundings, *, guarded: bool = False
) -> dict[str, Any]:
    """Return what a replica is told beside its identifier, source and zone; RDS takes no final snapshot of one.

    One that is not `guarded` is a copy that may go: lowering `postgres.replicas` is one update.
    """
    return {
        **_common(settings, rds, place),
        "deletion_protection": guarded and settings.protect,
        "engine_version": rds.replica_engine_version or rds.engine_version,
        "multi_az": False,
        "skip_final_snapshot": True,
    }


def _common(settings: Settings, rds: RdsSettings, place: Surroundings) -> dict[str, Any]:
    return {
        "instance_class": rds.instance_class,
        "parameter_group_name": place.parameter_group,
        "vpc_security_group_ids": [place.security_group_id],
        "publicly_accessible": False,
        "ca_cert_identifier": rds.ca_certificate_identifier,
        "iam_database_authentication_enabled": True,
        **_storage(rds, place),
        **_upkeep(settings, rds),
        **_insight(rds, place),
        "tags": dict(place.tags),
    }


def _storage(rds: RdsSettings, place: Surroundings) -> dict[str, Any]:
    """The official plugin leaves storage alone that has grown by itself, and grows it where the setting is higher."""
    return {
        "storage_type": "gp3",
        "storage_encrypted": True,
        "kms_key_id": place.storage_key_arn,
        "max_allocated_storage": rds.max_allocated_storage_gib,
        "iops": rds.storage_iops,
        "storage_throughput": rds.storage_throughput_mib_s,
    }


def _upkeep(settings: Settings, rds: RdsSettings) -> dict[str, Any]:
    return {
        "auto_minor_version_upgrade": follows_minor_versions(rds),
        "allow_major_version_upgrade": rds.allow_major_version_upgrade,
        "apply_immediately": rds.apply_immediately,
        "maintenance_window": rds.maintenance_window,
        "backup_window": rds.backup_window,
        "backup_retention_period": rds.backup_retention_days,
        # Backups outlive what they are of.
        "delete_automated_backups": not settings.protect,
        "deletion_protection": settings.protect,
        "copy_tags_to_snapshot": True,
    }


def _insight(rds: RdsSettings, place: Surroundings) -> dict[str, Any]:
    return {
        "performance_insights_enabled": True,
        "performance_insights_kms_key_id": place.storage_key_arn,
        "performance_insights_retention_period": rds.performance_insights_retention_days,
        "monitoring_interval": rds.monitoring_interval_s,
        "monitoring_role_arn": place.monitoring_role_arn,
        "enabled_cloudwatch_logs_exports": list(place.logs) or None,
    }
