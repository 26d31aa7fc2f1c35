"""The settings of backups in the cloud: how long they are kept, when they are made, and what protects them.

Owns: AWS Backup, the buckets of dumps and of the time series' WAL, the times of logical dumps and of restore tests.
Does not own: RDS's own automated backups and windows (`rds.py`), Atlas's cluster (`atlas.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from settings.base import Model
from settings.checks import Allowed

__all__ = [
    "BackupSettings",
    "BucketSettings",
    "DumpSettings",
    "ObjectLockSettings",
    "RestoreTestSettings",
    "TimeOfDay",
    "VaultLockSettings",
    "Weekday",
]

TimeOfDay = Annotated[
    str, Allowed('a time of day in UTC, say "03:30"'), StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
]
Weekday = Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
PrincipalArn = Annotated[
    str,
    Allowed("the ARN of a role or user, say arn:aws:iam::123456789012:role/breakglass"),
    StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\w+=,.@/-]+$"),
]
# The longest name made of it is <prefix>-access-logs-recovery, and S3 takes 63 characters.
BucketPrefix = Annotated[
    str,
    Allowed("3 to 42 small letters, digits and -, the same in nobody else's account, say acme-fashion-wallet-prod"),
    StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", min_length=3, max_length=42),
]

_CENTURY_DAYS = 36_500
"""The longest life that AWS Backup takes."""


class VaultLockSettings(Model):
    """A lock on both vaults: no job may keep a recovery point for less or more, and none is deleted early."""

    min_retention_days: int = Field(
        default=7, ge=1, le=_CENTURY_DAYS, description="The shortest life of a recovery point."
    )
    max_retention_days: int = Field(
        default=400, ge=1, le=_CENTURY_DAYS, description="The longest life of a recovery point."
    )
    changeable_for_days: int | None = Field(
        default=None,
        ge=3,
        le=_CENTURY_DAYS,
        description="Days until nobody, AWS included, can ever remove the lock (compliance mode). "
        "Omitted: those with the permission can (governance mode).",
    )


class ObjectLockSettings(Model):
    """What keeps a version of an object from being deleted before its time."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"] = Field(
        default="GOVERNANCE",
        description="`GOVERNANCE`: who has s3:BypassGovernanceRetention may still delete. `COMPLIANCE`: nobody may.",
    )
    days: int = Field(
        default=30,
        ge=1,
        le=_CENTURY_DAYS,
        description="Life of the lock. Where the WAL lies it is never longer than `continuousRetentionDays`.",
    )


class BucketSettings(Model):
    """The buckets of dumps, of the time series' WAL and base backups, and of access logs."""

    name_prefix: BucketPrefix = Field(
        description="Beginning of each bucket's name. Names of buckets are one space for all accounts of AWS.",
    )
    noncurrent_expiry_days: int = Field(
        default=30, ge=1, le=3650, description="Life of a version that was overwritten or deleted."
    )
    incomplete_upload_expiry_days: int = Field(
        default=7, ge=1, le=365, description="Life of the parts of an upload that was not completed."
    )
    access_log_retention_days: int = Field(default=365, ge=1, le=3650, description="Life of access logs.")
    object_lock: ObjectLockSettings = Field(
        default_factory=ObjectLockSettings, description="How long a version cannot be deleted."
    )


class RestoreTestSettings(Model):
    """A backup is restored every month by itself, and what came up is deleted again (spec 5.2.2)."""

    day_of_month: int = Field(default=1, ge=1, le=28, description="The day on which every month's test runs.")
    at: TimeOfDay = Field(default="09:00", description="When the restore begins, in UTC.")
    start_window_h: int = Field(default=8, ge=1, le=168, description="How long AWS Backup may put the start off.")
    retention_h: int = Field(
        default=24, ge=1, le=168, description="How long what was restored stays, for checks, before it is deleted."
    )
    selection_window_days: int = Field(
        default=30, ge=1, le=365, description="A recovery point of the last so many days is restored, the latest first."
    )


class DumpSettings(Model):
    """When logical dumps (`pg_dump`, and MongoDB's) are made and for how long they may run."""

    daily_at: TimeOfDay = Field(default="01:00", description="When the daily dump begins, in UTC (spec 5.2.1).")
    weekly_at: TimeOfDay = Field(default="01:30", description="When the weekly dump begins, in UTC.")
    weekly_on: Weekday = Field(default="SUN", description="The day of the weekly dump.")
    time_limit_min: int = Field(
        default=60, ge=5, le=1440, description="A dump, or a test of one, that takes longer is stopped and alerted."
    )
    restore_test_at: TimeOfDay = Field(
        default="12:00",
        description="When the latest dump is restored into an empty database, in UTC, on `restoreTest.dayOfMonth`.",
    )


class BackupSettings(Model):
    """Lives and times of backups. The specification's lives are the least that is accepted (spec 5.2.1)."""

    daily_retention_days: int = Field(
        default=30, ge=1, le=_CENTURY_DAYS, description="Life of a daily backup and of a daily dump (spec 5.2.1)."
    )
    weekly_retention_days: int = Field(
        default=90, ge=1, le=_CENTURY_DAYS, description="Life of a weekly backup and of a weekly dump (spec 5.2.1)."
    )
    continuous_retention_days: int = Field(
        default=7,
        ge=1,
        le=35,
        description="How far back a point in time may be restored (spec 5.2.1), in Atlas and for the time series. "
        "For RDS it is `rds.backupRetentionDays`: AWS Backup takes its automated backups over.",
    )
    daily_at: TimeOfDay = Field(default="05:00", description="When the daily backup begins, in UTC.")
    weekly_at: TimeOfDay = Field(default="06:30", description="When the weekly backup begins, in UTC.")
    weekly_on: Weekday = Field(default="SUN", description="The day of the weekly backup.")
    start_window_min: int = Field(
        default=60, ge=60, le=10_080, description="A backup that has not begun by then has failed, and alerts."
    )
    completion_window_min: int = Field(
        default=240, ge=120, le=43_200, description="A backup that is not complete by then is stopped, and alerts."
    )
    vault_administrators: Annotated[tuple[PrincipalArn, ...], Allowed("ARNs of roles or users, one at least")] = Field(
        min_length=1,
        strict=False,
        description="Roles and users that may delete recovery points and change the vaults' policy, "
        "the role of deployments among them. To everybody else both are denied.",
    )
    vault_lock: VaultLockSettings = Field(default_factory=VaultLockSettings, description="The lock on both vaults.")
    restore_test: RestoreTestSettings = Field(
        default_factory=RestoreTestSettings, description="The monthly restore (spec 5.2.2)."
    )
    dumps: DumpSettings = Field(default_factory=DumpSettings, description="Logical dumps and their own restore test.")
    buckets: BucketSettings = Field(description="The buckets.")
