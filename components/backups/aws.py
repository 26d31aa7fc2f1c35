"""Backups in AWS: vaults in two regions, the plan, what it protects, monthly restore tests, and the buckets of dumps.

Owns: AWS Backup and the buckets. Does not own: the keys, the databases, the jobs that make dumps (`kubernetes.py`),
Atlas's own backups, and the alarms on missing backups.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import Provider, backup, iam

from components.backups import aws_policies as policies
from components.backups.aws_buckets import Buckets, BucketsArgs
from components.backups.aws_vaults import Vaults, VaultsArgs
from components.encryption.aws import Keys
from components.tags import tags
from settings.cloud.backups import BackupSettings
from settings.cloud.backups_schedule import aws_daily, aws_monthly, aws_weekly
from settings.cloud.rds import RdsSettings
from settings.cloud.tags import TagSettings

__all__ = ["Backups", "BackupsArgs"]

_COMPONENT = "backups"
_SERVICE = "backup.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupsArgs:
    """Arguments of `Backups`."""

    stack: str
    settings: BackupSettings
    tags: TagSettings
    keys: Keys
    region: str
    recovery_region: str
    recovery: Provider
    """Makes what lives in the recovery region."""
    topic_arn: pulumi.Input[str]
    """Is told how jobs end; its policy lets backup.amazonaws.com publish."""
    targets: Mapping[str, pulumi.Input[str]]
    """What is backed up: a stable name (`postgres-primary`) to an ARN of RDS."""
    rds: RdsSettings
    """Life and window of RDS's own automated backups. AWS Backup takes these over as its continuous backups, with life
    and time of its rule: with other numbers the instances would drift after each of them."""
    restore_overrides: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """What a restored instance gets instead of what AWS infers, say `dbSubnetGroupName`."""
    protect: bool

    def __post_init__(self) -> None:
        """Refuse an empty selection, by which AWS Backup would take everything in the account."""
        if not self.targets:
            raise ValueError(
                "targets: nothing to back up. Got {}, allowed is one ARN at least; AWS Backup would take an empty "
                "selection for everything in the account. Name the databases"
            )


class Backups(pulumi.ComponentResource):
    """The backups of a stack.

    Names of what holds data are published and begin with the component's: `<name>-vault`, `<name>-vault-recovery`,
    `<name>-bucket-dumps`, ….
    """

    vault_arn: pulumi.Output[str]
    vault_name: pulumi.Output[str]
    recovery_vault_arn: pulumi.Output[str]
    recovery_vault_name: pulumi.Output[str]
    bucket_names: Mapping[str, pulumi.Output[str]]
    """By purpose: `dumps`, `timescale`."""
    bucket_arns: Mapping[str, pulumi.Output[str]]
    outputs: dict[str, Any]
    """The stack's output `backups`."""
    warnings: list[str]
    """What these backups cannot give, or can never take back."""

    def __init__(self, name: str, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the backups."""
        super().__init__("fashionwallet:backups:Backups", name, None, opts)
        self._component_name = name
        self._args = args
        self._vaults = self._create_vaults()
        self._buckets = self._create_buckets()
        self._plan = self._create_plan()
        self._create_selection()
        self._restore_test = self._create_restore_test()
        self.vault_arn, self.vault_name = self._vaults.vault.arn, self._vaults.vault.name
        self.recovery_vault_arn = self._vaults.recovery_vault.arn
        self.recovery_vault_name = self._vaults.recovery_vault.name
        self.bucket_names = self._buckets.names
        self.bucket_arns = self._buckets.arns
        self.warnings = [*self._vaults.warnings, *self._buckets.warnings]
        self.outputs = self._collect_outputs()
        self.register_outputs(self.outputs)

    def _create_vaults(self) -> Vaults:
        return Vaults(
            f"{self._component_name}-vault",
            VaultsArgs(
                stack=self._args.stack,
                settings=self._args.settings,
                tags=self._args.tags,
                keys=self._args.keys,
                recovery=self._args.recovery,
                topic_arn=self._args.topic_arn,
                protect=self._args.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_buckets(self) -> Buckets:
        return Buckets(
            f"{self._component_name}-bucket",
            BucketsArgs(
                stack=self._args.stack,
                settings=self._args.settings,
                tags=self._args.tags,
                keys=self._args.keys,
                region=self._args.region,
                recovery_region=self._args.recovery_region,
                recovery=self._args.recovery,
                protect=self._args.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_plan(self) -> backup.Plan:
        settings = self._args.settings
        return backup.Plan(
            f"{self._component_name}-plan",
            name=f"{self._component_name}-{self._args.stack}",
            rules=[
                self._rule("daily", aws_daily(settings.daily_at), settings.daily_retention_days),
                self._rule(
                    "weekly", aws_weekly(settings.weekly_on, settings.weekly_at), settings.weekly_retention_days
                ),
                self._rule(
                    "continuous",
                    aws_daily(self._args.rds.backup_window.split("-")[0]),
                    self._args.rds.backup_retention_days,
                    continuous=True,
                ),
            ],
            tags=tags(self._args.stack, self._args.tags, component=_COMPONENT),
            # A recovery point that was made before the lock would not be bound by it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._vaults.locks),
        )

    def _rule(self, name: str, schedule: str, days: int, *, continuous: bool = False) -> backup.PlanRuleArgs:
        """Return a rule that keeps what it makes, and a copy of it in the recovery region, for so many days."""
        return backup.PlanRuleArgs(
            rule_name=name,
            target_vault_name=self._vaults.vault.name,
            schedule=schedule,
            schedule_expression_timezone="Etc/UTC",
            start_window=self._args.settings.start_window_min,
            completion_window=self._args.settings.completion_window_min,
            enable_continuous_backup=continuous,
            lifecycle=backup.PlanRuleLifecycleArgs(delete_after=days),
            copy_actions=[
                backup.PlanRuleCopyActionArgs(
                    destination_vault_arn=self._vaults.recovery_vault.arn,
                    lifecycle=backup.PlanRuleCopyActionLifecycleArgs(delete_after=days),
                )
            ],
            recovery_point_tags=tags(self._args.stack, self._args.tags, component=_COMPONENT, data=True),
        )

    def _create_selection(self) -> None:
        role, allowed = self._create_role("backup", "AWSBackupServiceRolePolicyForBackup")
        backup.Selection(
            f"{self._component_name}-selection",
            name=f"{self._component_name}-{self._args.stack}",
            plan_id=self._plan.id,
            iam_role_arn=role.arn,
            resources=self._target_arns(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )

    def _create_restore_test(self) -> backup.RestoreTestingPlan:
        """Declare the monthly restore of the latest recovery point, and what deletes it again (spec 5.2.2)."""
        test = self._args.settings.restore_test
        plan = backup.RestoreTestingPlan(
            f"{self._component_name}-restore-test",
            name=_underscored(f"{self._component_name}-{self._args.stack}"),
            schedule_expression=aws_monthly(test.day_of_month, test.at),
            schedule_expression_timezone="Etc/UTC",
            start_window_hours=test.start_window_h,
            recovery_point_selection=backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[self._vaults.vault.arn],
                recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
                selection_window_days=test.selection_window_days,
            ),
            tags=tags(self._args.stack, self._args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )
        role, allowed = self._create_role("restore", "AWSBackupServiceRolePolicyForRestores")
        backup.RestoreTestingSelection(
            f"{self._component_name}-restore-test-rds",
            name="rds",
            restore_testing_plan_name=plan.name,
            iam_role_arn=role.arn,
            protected_resource_type="RDS",
            protected_resource_arns=self._target_arns(),
            restore_metadata_overrides=dict(self._args.restore_overrides) or None,
            validation_window_hours=test.retention_h,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
        return plan

    def _create_role(self, what: str, policy: str) -> tuple[iam.Role, iam.RolePolicyAttachment]:
        """Declare a role of AWS Backup with AWS's own policy for that one purpose: who backs up cannot restore."""
        role = iam.Role(
            f"{self._component_name}-{what}",
            name=f"{self._component_name}-{what}-{self._args.stack}",
            description=f"AWS Backup, to {what}",
            assume_role_policy=policies.assumed_by(_SERVICE),
            tags=tags(self._args.stack, self._args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )
        attachment = iam.RolePolicyAttachment(
            f"{self._component_name}-{what}",
            role=role.name,
            policy_arn=role.arn.apply(lambda arn: f"arn:{arn.split(':')[1]}:iam::aws:policy/service-role/{policy}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, attachment

    def _target_arns(self) -> list[pulumi.Input[str]]:
        return [arn for _, arn in sorted(self._args.targets.items(), key=lambda target: target[0])]

    def _collect_outputs(self) -> dict[str, Any]:
        return {
            "vault_arn": self.vault_arn,
            "recovery_vault_arn": self.recovery_vault_arn,
            "plan_id": self._plan.id,
            "restore_testing_plan": self._restore_test.name,
            "buckets": dict(self._buckets.names),
            "recovery_buckets": dict(self._buckets.recovery_names),
        }


def _underscored(name: str) -> str:
    """Return the name of a restore testing plan, which has letters, digits and underscores only."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)
