"""How Atlas backs the cluster up: the schedule, copies in the recovery region, and the compliance policy.

Lives are the specification's (5.2.1). Does not own: whether backups and point in time are on (`atlas.py`), dumps
(`components/backups/`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_mongodbatlas as atlas

from components.mongodb.atlas_names import region, snapshot_day
from settings.cloud.atlas import BackupComplianceSettings
from settings.cloud.backups import BackupSettings

__all__ = ["AtlasBackups", "AtlasBackupsArgs"]

_EVERY_DAY = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasBackupsArgs:
    """Arguments of `AtlasBackups`."""

    project_id: pulumi.Input[str]
    cluster: atlas.AdvancedCluster
    settings: BackupSettings
    recovery_region: str
    """AWS's name of it."""
    compliance: BackupComplianceSettings | None
    protect: bool


class AtlasBackups(pulumi.ComponentResource):
    """Snapshots every day and every week, and every point in time between."""

    def __init__(self, name: str, args: AtlasBackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the schedule."""
        super().__init__("fashionwallet:mongodb:AtlasBackups", name, None, opts)
        self._component_name = name
        self._args = args
        schedule = self._create_schedule()
        if args.compliance is not None:
            self._create_compliance_policy(args.compliance, schedule)
        self.register_outputs({})

    def _create_schedule(self) -> atlas.CloudBackupSchedule:
        args, settings = self._args, self._args.settings
        hour, minute = settings.daily_at.split(":")
        return atlas.CloudBackupSchedule(
            f"{self._component_name}-backup-schedule",
            project_id=args.project_id,
            cluster_name=args.cluster.name,
            reference_hour_of_day=int(hour),
            reference_minute_of_hour=int(minute),
            restore_window_days=settings.continuous_retention_days,
            policy_item_daily=atlas.CloudBackupSchedulePolicyItemDailyArgs(
                frequency_interval=_EVERY_DAY,
                retention_unit="days",
                retention_value=settings.daily_retention_days,
            ),
            policy_item_weeklies=[
                atlas.CloudBackupSchedulePolicyItemWeeklyArgs(
                    frequency_interval=snapshot_day(settings.weekly_on),
                    retention_unit="days",
                    retention_value=settings.weekly_retention_days,
                )
            ],
            copy_policy_items_enabled=True,
            copy_settings=[
                atlas.CloudBackupScheduleCopySettingArgs(
                    cloud_provider="AWS",
                    region_name=region(args.recovery_region),
                    zone_id=args.cluster.replication_specs.apply(_zone_id),
                    copy_policy_items=[
                        _copies("daily", settings.daily_retention_days),
                        _copies("weekly", settings.weekly_retention_days),
                    ],
                    should_copy_oplogs=True,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, deleted_with=args.cluster),
        )

    def _create_compliance_policy(
        self, compliance: BackupComplianceSettings, schedule: atlas.CloudBackupSchedule
    ) -> atlas.BackupCompliancePolicy:
        settings = self._args.settings
        return atlas.BackupCompliancePolicy(
            f"{self._component_name}-backup-compliance",
            project_id=self._args.project_id,
            authorized_email=compliance.authorized_email,
            authorized_user_first_name=compliance.authorized_first_name,
            authorized_user_last_name=compliance.authorized_last_name,
            copy_protection_enabled=compliance.copy_protection,
            encryption_at_rest_enabled=True,
            pit_enabled=True,
            restore_window_days=settings.continuous_retention_days,
            policy_item_daily=atlas.BackupCompliancePolicyPolicyItemDailyArgs(
                frequency_interval=_EVERY_DAY,
                retention_unit="days",
                retention_value=settings.daily_retention_days,
            ),
            policy_item_weeklies=[
                atlas.BackupCompliancePolicyPolicyItemWeeklyArgs(
                    frequency_interval=snapshot_day(settings.weekly_on),
                    retention_unit="days",
                    retention_value=settings.weekly_retention_days,
                )
            ],
            # Atlas takes it only where every cluster of the project has such a schedule already.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[schedule], protect=self._args.protect),
        )


def _copies(kind: str, days: int) -> atlas.CloudBackupScheduleCopySettingCopyPolicyItemArgs:
    """Copies live as long as what they are copies of."""
    return atlas.CloudBackupScheduleCopySettingCopyPolicyItemArgs(
        frequency_type=kind, retention_unit="days", retention_value=days
    )


def _zone_id(specs: Sequence[atlas.outputs.AdvancedClusterReplicationSpec]) -> str:
    (spec,) = specs
    return spec.zone_id or ""
