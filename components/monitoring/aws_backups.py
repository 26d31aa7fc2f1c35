"""Who hears of backups that fail or are not made, in one region (spec 5.2.2: backup monitoring and alerting).

Owns: alarms on AWS Backup's vaults, and rules that pass on failures of single jobs with details. Does not own:
vaults, plans, tests (`components/backups/`), and jobs in Kubernetes (`kubernetes.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.tags import tags
from settings.cloud.tags import TagSettings

__all__ = ["BackupAlarms", "BackupAlarmsArgs"]

_COMPONENT = "monitoring"
_BACKUP = "AWS/Backup"
_HOUR_S = 3600
# Six windows of six hours: a daily backup that starts late, or takes long, is not missing yet.
_WINDOW_S, _WINDOWS = 6 * _HOUR_S, 6
_LATE_H = _WINDOW_S * _WINDOWS // _HOUR_S

_JOBS_THAT_FAIL: Mapping[str, str] = {
    "backups-failed": "NumberOfBackupJobsFailed",
    "backups-expired": "NumberOfBackupJobsExpired",
    "copies-failed": "NumberOfCopyJobsFailed",
    "restores-failed": "NumberOfRestoreJobsFailed",
}
# Some events say `state` and some `status`, as the service's API does.
_EVENTS: Mapping[str, tuple[str, Mapping[str, list[str]]]] = {
    "backup-job": ("Backup Job State Change", {"state": ["FAILED", "ABORTED", "EXPIRED"]}),
    "copy-job": ("Copy Job State Change", {"state": ["FAILED"]}),
    "restore-job": ("Restore Job State Change", {"status": ["FAILED", "ABORTED"]}),
    # Nobody reports a result for a test that nobody validates: AWS then says TIMED_OUT, though the restore was good.
    "restore-test": ("Restore Job State Change", {"validationStatus": ["FAILED"]}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupAlarmsArgs:
    """Arguments of `BackupAlarms`. All that is named is in one region."""

    stack: str
    tags: TagSettings
    topic_arn: pulumi.Input[str]
    vaults: Mapping[str, pulumi.Input[str]]
    """Names of vaults by a stable key, say `primary`."""
    daily: frozenset[str]
    """Keys of those vaults that a backup job must fill every day; copies are no backup jobs."""

    def __post_init__(self) -> None:
        """Check what shapes the graph.

        Raises:
            ValueError: a daily vault that is not among the vaults.
        """
        if unknown := self.daily - set(self.vaults):
            raise ValueError(f"backup alarms: got daily {sorted(unknown)}; allowed are {sorted(self.vaults)}")


class BackupAlarms(pulumi.ComponentResource):
    """Alarms on each vault, and a rule for each kind of job that can fail."""

    alarm_arns: Mapping[str, pulumi.Output[str]]
    """By `<vault>-<what is wrong>`."""

    def __init__(self, name: str, args: BackupAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare alarms and rules."""
        super().__init__("fashionwallet:monitoring:BackupAlarms", name, None, opts)
        self._component_name = name
        self._args = args
        self._tags = tags(args.stack, args.tags, component=_COMPONENT)
        alarms = {**self._create_failure_alarms(), **self._create_missing_alarms()}
        self._create_rules()
        self.alarm_arns = {name: alarm.arn for name, alarm in alarms.items()}
        self.register_outputs({})

    def _create_failure_alarms(self) -> dict[str, cloudwatch.MetricAlarm]:
        return {
            f"{vault}-{key}": self._create_alarm(
                f"{vault}-{key}",
                f"Jobs of AWS Backup in the vault {vault} failed ({metric}). The mail of the job's event says which.",
                comparison_operator="GreaterThanOrEqualToThreshold",
                evaluation_periods=1,
                treat_missing_data="notBreaching",
                metric_name=metric,
                period=_HOUR_S,
                dimensions={"BackupVaultName": vault_name},
            )
            for vault, vault_name in self._args.vaults.items()
            for key, metric in _JOBS_THAT_FAIL.items()
        }

    def _create_missing_alarms(self) -> dict[str, cloudwatch.MetricAlarm]:
        return {
            f"{vault}-no-backup": self._create_alarm(
                f"{vault}-no-backup",
                f"No backup was completed in the vault {vault} for {_LATE_H} hours. Is the plan's selection right, and "
                "its role?",
                comparison_operator="LessThanThreshold",
                evaluation_periods=_WINDOWS,
                treat_missing_data="breaching",  # no job at all says nothing
                metric_name="NumberOfBackupJobsCompleted",
                period=_WINDOW_S,
                dimensions={"BackupVaultName": self._args.vaults[vault]},
            )
            for vault in sorted(self._args.daily)
        }

    def _create_alarm(
        self,
        name: str,
        description: str,
        *,
        comparison_operator: str,
        evaluation_periods: int,
        treat_missing_data: str,
        metric_name: str,
        period: int,
        dimensions: Mapping[str, pulumi.Input[str]],
    ) -> cloudwatch.MetricAlarm:
        return cloudwatch.MetricAlarm(
            f"{self._component_name}-{name}",
            name=f"fashion-wallet-{self._args.stack}-vault-{name}",
            alarm_description=description,
            comparison_operator=comparison_operator,
            threshold=1.0,
            evaluation_periods=evaluation_periods,
            datapoints_to_alarm=evaluation_periods,
            treat_missing_data=treat_missing_data,
            namespace=_BACKUP,
            metric_name=metric_name,
            statistic="Sum",
            period=period,
            dimensions=dimensions,
            alarm_actions=[self._args.topic_arn],
            ok_actions=[self._args.topic_arn],
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_rules(self) -> None:
        for key, (kind, detail) in _EVENTS.items():
            rule = cloudwatch.EventRule(
                f"{self._component_name}-{key}",
                name=f"fashion-wallet-{self._args.stack}-{key}-failed",
                description=f"AWS Backup: {kind}, not well",
                event_pattern=pulumi.Output.json_dumps(
                    {"source": ["aws.backup"], "detail-type": [kind], "detail": dict(detail)}
                ),
                state="ENABLED",
                tags=self._tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
            # No role: the topic's policy lets EventBridge publish, and with a role it could not use the topic's key.
            cloudwatch.EventTarget(
                f"{self._component_name}-{key}-topic",
                rule=rule.name,
                target_id="alerts",
                arn=self._args.topic_arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
