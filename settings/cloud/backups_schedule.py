"""Times of the settings as schedules: AWS's cron expressions (in UTC) and minutes that can be compared."""

from __future__ import annotations

__all__ = [
    "DAY_MIN",
    "WEEKDAYS",
    "aws_daily",
    "aws_monthly",
    "aws_weekly",
    "minute_of_day",
    "minute_of_week",
    "overlap",
]

DAY_MIN = 24 * 60
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def minute_of_day(at: str) -> int:
    """Return the minutes since midnight of `HH:MM`."""
    hours, minutes = at.split(":")
    return int(hours) * 60 + int(minutes)


def minute_of_week(day: str, at: str) -> int:
    """Return the minutes since midnight of Sunday; the case of the day's three letters does not count."""
    return WEEKDAYS.index(day.upper()) * DAY_MIN + minute_of_day(at)


def overlap(first: tuple[int, int], second: tuple[int, int], *, period: int) -> bool:
    """Say whether two spans (begin, length), which repeat every `period`, have a minute in common."""
    gap = (second[0] - first[0]) % period
    return gap < first[1] or period - gap < second[1]


def aws_daily(at: str) -> str:
    """Return the cron expression of every day."""
    return f"cron({_fields(at)} ? * * *)"


def aws_weekly(day: str, at: str) -> str:
    """Return the cron expression of one day a week."""
    return f"cron({_fields(at)} ? * {day} *)"


def aws_monthly(day_of_month: int, at: str) -> str:
    """Return the cron expression of one day a month."""
    return f"cron({_fields(at)} {day_of_month} * ? *)"


def _fields(at: str) -> str:
    hours, minutes = at.split(":")
    return f"{int(minutes)} {int(hours)}"
