"""Rules between the settings of backups, and between them and RDS's: lives, locks and windows."""

from collections.abc import Iterator
from dataclasses import dataclass

from settings.cloud.backups import BackupSettings
from settings.cloud.backups_schedule import DAY_MIN, WEEKDAYS, minute_of_day, minute_of_week, overlap
from settings.cloud.rds import RdsSettings
from settings.rules import Rule

__all__ = ["BACKUP_PLACE_RULES", "BACKUP_RULES", "CONTINUOUS_DAYS", "DAILY_DAYS", "WEEKLY_DAYS", "BackupPlace"]

DAILY_DAYS, WEEKLY_DAYS, CONTINUOUS_DAYS = 30, 90, 7
"""The specification's lives (5.2.1): less is refused in the cloud."""
_WINDOWS_APART_MIN = 60


def _shortest(backups: BackupSettings) -> int:
    return min(backups.continuous_retention_days, backups.daily_retention_days, backups.weekly_retention_days)


def _longest(backups: BackupSettings) -> int:
    return max(backups.daily_retention_days, backups.weekly_retention_days)


BACKUP_RULES: tuple[Rule[BackupSettings], ...] = (
    Rule(
        key="dailyRetentionDays",
        holds=f"{DAILY_DAYS} or more (spec 5.2.1)",
        broken=lambda b: b.daily_retention_days < DAILY_DAYS,
        cause=lambda _: "is less than the specification demands of daily backups (5.2.1)",
        got=lambda b: b.daily_retention_days,
        allowed=lambda _: f"{DAILY_DAYS} or more",
        fix=lambda _: f"raise it to {DAILY_DAYS}, or leave it out",
    ),
    Rule(
        key="weeklyRetentionDays",
        holds=f"{WEEKLY_DAYS} or more (spec 5.2.1)",
        broken=lambda b: b.weekly_retention_days < WEEKLY_DAYS,
        cause=lambda _: "is less than the specification demands of weekly backups (5.2.1)",
        got=lambda b: b.weekly_retention_days,
        allowed=lambda _: f"{WEEKLY_DAYS} or more",
        fix=lambda _: f"raise it to {WEEKLY_DAYS}, or leave it out",
    ),
    Rule(
        key="continuousRetentionDays",
        holds=f"{CONTINUOUS_DAYS} or more (spec 5.2.1)",
        broken=lambda b: b.continuous_retention_days < CONTINUOUS_DAYS,
        cause=lambda _: "is less than the specification demands of point-in-time recovery (5.2.1)",
        got=lambda b: b.continuous_retention_days,
        allowed=lambda _: f"{CONTINUOUS_DAYS} to 35",
        fix=lambda _: f"raise it to {CONTINUOUS_DAYS}, or leave it out",
    ),
    Rule(
        key="completionWindowMin",
        holds=f"at least `startWindowMin` + {_WINDOWS_APART_MIN}",
        broken=lambda b: b.completion_window_min < b.start_window_min + _WINDOWS_APART_MIN,
        cause=lambda _: (
            f"leaves less than {_WINDOWS_APART_MIN} minutes to a backup that begins at the end of startWindowMin"
        ),
        got=lambda b: b.completion_window_min,
        allowed=lambda b: f"{b.start_window_min + _WINDOWS_APART_MIN} or more",
        fix=lambda b: f"raise it to {b.start_window_min + _WINDOWS_APART_MIN}, or lower startWindowMin",
    ),
    Rule(
        key="vaultLock.minRetentionDays",
        holds="at most the shortest of the three lives",
        broken=lambda b: b.vault_lock.min_retention_days > _shortest(b),
        cause=lambda _: "is more than the shortest life of a backup: the vault would refuse it",
        got=lambda b: b.vault_lock.min_retention_days,
        allowed=lambda b: f"1 to {_shortest(b)}",
        fix=lambda b: f"lower it to {_shortest(b)} or less, or raise the lives",
    ),
    Rule(
        key="vaultLock.maxRetentionDays",
        holds="at least the longest of the three lives",
        broken=lambda b: b.vault_lock.max_retention_days < _longest(b),
        cause=lambda _: "is less than the longest life of a backup: the vault would refuse it",
        got=lambda b: b.vault_lock.max_retention_days,
        allowed=lambda b: f"{_longest(b)} or more",
        fix=lambda b: f"raise it to {_longest(b)} or more, or lower the lives",
    ),
    Rule(
        key="buckets.objectLock.days",
        holds="at most `dailyRetentionDays`",
        broken=lambda b: b.buckets.object_lock.days > b.daily_retention_days,
        cause=lambda _: "is more than dailyRetentionDays: a dump could not be deleted when its life is over",
        got=lambda b: b.buckets.object_lock.days,
        allowed=lambda b: f"1 to {b.daily_retention_days}",
        fix=lambda b: f"lower it to {b.daily_retention_days} or less, or raise dailyRetentionDays",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupPlace:
    """The settings of backups with those of RDS."""

    backups: BackupSettings
    rds: RdsSettings


_WEEK_MIN = 7 * DAY_MIN
_BEFORE_WINDOW_MIN = 60
"""RDS takes no snapshot of AWS Backup in its two windows, nor in the hour before either."""


def _closed(rds: RdsSettings) -> Iterator[tuple[int, int]]:
    """Yield the spans (begin, length) of a week in which RDS takes no snapshot."""
    first, last = (minute_of_day(part) for part in rds.backup_window.split("-"))
    for number in range(len(WEEKDAYS)):
        yield number * DAY_MIN + first - _BEFORE_WINDOW_MIN, (last - first) % DAY_MIN + _BEFORE_WINDOW_MIN
    begin, end = (minute_of_week(*part.split(":", 1)) for part in rds.maintenance_window.split("-"))
    yield begin - _BEFORE_WINDOW_MIN, (end - begin) % _WEEK_MIN + _BEFORE_WINDOW_MIN


def _meets_window(place: BackupPlace, at: str, days: tuple[str, ...]) -> bool:
    length = place.backups.start_window_min
    return any(
        overlap((minute_of_week(day, at), length), closed, period=_WEEK_MIN)
        for day in days
        for closed in _closed(place.rds)
    )


def _outside(place: BackupPlace) -> str:
    return (
        f"a time from which {place.backups.start_window_min} minutes (startWindowMin) reach neither "
        f"rds.backupWindow ({place.rds.backup_window}) nor rds.maintenanceWindow ({place.rds.maintenance_window}), "
        f"nor the {_BEFORE_WINDOW_MIN} minutes before either"
    )


BACKUP_PLACE_RULES: tuple[Rule[BackupPlace], ...] = (
    Rule(
        key="cloud.backups.continuousRetentionDays",
        holds="at most `cloud.rds.backupRetentionDays`, which is the number for RDS",
        broken=lambda p: p.backups.continuous_retention_days > p.rds.backup_retention_days,
        cause=lambda _: "is more than cloud.rds.backupRetentionDays: RDS could not go back as far as all else",
        got=lambda p: p.backups.continuous_retention_days,
        allowed=lambda p: f"{CONTINUOUS_DAYS} to {p.rds.backup_retention_days}",
        fix=lambda p: f"lower it to {p.rds.backup_retention_days}, or raise cloud.rds.backupRetentionDays",
    ),
    Rule(
        key="cloud.backups.dailyAt",
        holds="with `startWindowMin` not in RDS's windows, nor in the hour before them",
        broken=lambda p: _meets_window(p, p.backups.daily_at, WEEKDAYS),
        cause=lambda _: "meets a window of RDS, in which it takes no snapshot",
        got=lambda p: p.backups.daily_at,
        allowed=_outside,
        fix=lambda _: "move it, say to after both windows",
    ),
    Rule(
        key="cloud.backups.weeklyAt",
        holds="with `startWindowMin` not in RDS's windows, nor in the hour before them",
        broken=lambda p: _meets_window(p, p.backups.weekly_at, (p.backups.weekly_on,)),
        cause=lambda _: "meets a window of RDS, in which it takes no snapshot",
        got=lambda p: f"{p.backups.weekly_on} {p.backups.weekly_at}",
        allowed=_outside,
        fix=lambda _: "move it, say to after both windows, or change weeklyOn",
    ),
)
