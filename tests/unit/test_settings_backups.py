"""The settings of backups: what single values may be, one case a row of their rules, and times as schedules."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from settings.cloud.backups import BackupSettings, BucketSettings, ObjectLockSettings, VaultLockSettings
from settings.cloud.backups_rules import BACKUP_PLACE_RULES, BACKUP_RULES, BackupPlace
from settings.cloud.backups_schedule import (
    DAY_MIN,
    WEEKDAYS,
    aws_daily,
    aws_monthly,
    aws_weekly,
    minute_of_day,
    minute_of_week,
    overlap,
)
from settings.cloud.rds import RdsSettings
from settings.rules import broken_rules

ADMINISTRATOR = "arn:aws:iam::123456789012:role/deployment"


def _backups(**changes: Any) -> BackupSettings:
    given = {"vault_administrators": (ADMINISTRATOR,), "buckets": BucketSettings(name_prefix="acme-wallet-prod")}
    return BackupSettings(**{**given, **changes})


def _place(*, backups: dict[str, Any] | None = None, rds: dict[str, Any] | None = None) -> BackupPlace:
    return BackupPlace(backups=_backups(**(backups or {})), rds=RdsSettings(**(rds or {})))


BROKEN = {
    "dailyRetentionDays": _backups(
        daily_retention_days=29,
        buckets=BucketSettings(name_prefix="acme-wallet-prod", object_lock=ObjectLockSettings(days=29)),
    ),
    "weeklyRetentionDays": _backups(weekly_retention_days=89),
    "continuousRetentionDays": _backups(
        continuous_retention_days=6, vault_lock=VaultLockSettings(min_retention_days=6)
    ),
    "completionWindowMin": _backups(start_window_min=181),
    "vaultLock.minRetentionDays": _backups(vault_lock=VaultLockSettings(min_retention_days=8)),
    "vaultLock.maxRetentionDays": _backups(vault_lock=VaultLockSettings(max_retention_days=89)),
    "buckets.objectLock.days": _backups(
        buckets=BucketSettings(name_prefix="acme-wallet-prod", object_lock=ObjectLockSettings(days=31))
    ),
}
BROKEN_PLACES = {
    "cloud.backups.continuousRetentionDays": _place(backups={"continuous_retention_days": 31}),
    "cloud.backups.dailyAt": _place(backups={"daily_at": "03:00"}),
    "cloud.backups.weeklyAt": _place(backups={"weekly_at": "04:29"}),
}


@pytest.mark.parametrize("key", [rule.key for rule in BACKUP_RULES])
def test_a_broken_rule_names_its_key_and_says_what_to_do(key: str) -> None:
    (problem,) = broken_rules(BROKEN[key], BACKUP_RULES, "fashion-wallet:cloud.backups.")
    assert problem.path == f"fashion-wallet:cloud.backups.{key}"
    assert all((problem.cause, problem.got, problem.allowed, problem.fix))


@pytest.mark.parametrize("key", [rule.key for rule in BACKUP_PLACE_RULES])
def test_a_broken_rule_between_backups_and_rds_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN_PLACES[key], BACKUP_PLACE_RULES, "fashion-wallet:")
    assert problem.path == f"fashion-wallet:{key}"
    assert all((problem.cause, problem.got, problem.allowed, problem.fix))


def test_the_defaults_break_no_rule() -> None:
    assert not list(broken_rules(_backups(), BACKUP_RULES, ""))
    assert not list(broken_rules(_place(), BACKUP_PLACE_RULES, ""))


def test_the_specification_is_the_least_and_more_is_welcome() -> None:
    more = _backups(daily_retention_days=60, weekly_retention_days=365, continuous_retention_days=35)
    assert not list(broken_rules(more, BACKUP_RULES, ""))
    (problem,) = broken_rules(BROKEN["dailyRetentionDays"], BACKUP_RULES, "")
    assert (problem.got, problem.allowed) == ("29", "30 or more")
    assert "5.2.1" in problem.cause


@pytest.mark.parametrize(
    "name,value",
    [
        ("continuous_retention_days", 36),
        ("start_window_min", 59),
        ("daily_at", "3:00"),
        ("daily_at", "24:00"),
        ("weekly_on", "Sunday"),
        ("vault_administrators", ()),
        ("vault_administrators", ("arn:aws:iam::123456789012:root",)),
        ("vault_administrators", ("*",)),
        ("daily_retention_days", "30"),
    ],
)
def test_what_no_service_takes_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        _backups(**{name: value})
    assert {str(error["loc"][0]) for error in refused.value.errors()} == {name}


@pytest.mark.parametrize("prefix", ["Acme", "a--b", "-acme", "acme-", "ac", "acme.wallet", "a" * 43])
def test_a_prefix_that_makes_no_name_of_a_bucket_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError):
        BucketSettings(name_prefix=prefix)


def test_the_longest_prefix_makes_names_that_s3_takes() -> None:
    prefix = BucketSettings(name_prefix="a" * 42).name_prefix
    assert len(f"{prefix}-access-logs-recovery") <= 63


def test_a_lock_can_be_changed_unless_told_otherwise_and_never_within_three_days() -> None:
    assert _backups().vault_lock.changeable_for_days is None
    with pytest.raises(ValidationError):
        VaultLockSettings(changeable_for_days=2)


def test_times_become_schedules_of_aws() -> None:
    assert aws_daily("05:00") == "cron(0 5 ? * * *)"
    assert aws_weekly("SUN", "06:30") == "cron(30 6 ? * SUN *)"
    assert aws_monthly(1, "09:05") == "cron(5 9 1 * ? *)"


@given(st.integers(0, 6), st.integers(0, 23), st.integers(0, 59))
def test_minutes_of_a_week_count_from_sunday(day: int, hours: int, minutes: int) -> None:
    at = f"{hours:02}:{minutes:02}"
    assert minute_of_day(at) == hours * 60 + minutes
    assert minute_of_week(WEEKDAYS[day].lower(), at) == day * DAY_MIN + hours * 60 + minutes


@given(st.integers(0, 99), st.integers(1, 60), st.integers(-99, 99), st.integers(1, 60))
def test_spans_overlap_exactly_where_they_share_a_minute(begin: int, length: int, other: int, long: int) -> None:
    first = {(begin + minute) % 100 for minute in range(length)}
    second = {(other + minute) % 100 for minute in range(long)}
    assert overlap((begin, length), (other, long), period=100) is bool(first & second)


@pytest.mark.parametrize(
    "at,refused",
    [("00:00", 0), ("00:01", 1), ("02:59", 1), ("03:00", 1), ("04:30", 0), ("23:00", 0)],
)
def test_a_daily_backup_keeps_clear_of_the_windows_and_of_the_hour_before(at: str, refused: int) -> None:
    place = _place(backups={"daily_at": at}, rds={"backup_window": "02:00-03:00"})
    found = [problem.path for problem in broken_rules(place, BACKUP_PLACE_RULES, "")]
    assert found == ["cloud.backups.dailyAt"] * refused


def test_a_weekly_backup_on_another_day_than_maintenance_may_be_at_its_hour() -> None:
    place = _place(backups={"weekly_on": "WED", "weekly_at": "03:30"})
    assert not list(broken_rules(place, BACKUP_PLACE_RULES, ""))
