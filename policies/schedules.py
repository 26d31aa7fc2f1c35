"""Reads when something runs: AWS's cron and rate expressions, Kubernetes's and CloudNativePG's cron."""

import math
import re
from typing import Final

__all__ = ["longest_gap_days"]

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_AWS: Final = re.compile(r"cron\((.+)\)")
_DAYS: Final = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0}
_DAILY, _WEEKLY, _MONTHLY, _YEARLY = 1, 7, 31, 366
_LAST_DAY_OF_EVERY_MONTH: Final = 28
_NICKNAMES: Final = {
    "@hourly": _DAILY, "@daily": _DAILY, "@midnight": _DAILY, "@weekly": _WEEKLY, "@monthly": _MONTHLY,
    "@yearly": _YEARLY, "@annually": _YEARLY,
}  # fmt: skip


def longest_gap_days(text: str) -> int | None:
    """Return the days between two runs at most, rounded up; nothing where the text is no schedule.

    What is understood are AWS's `rate(7 days)` and `cron(m h day month weekday year)`, cron with five fields, and
    CloudNativePG's with six (seconds first). Months, weekdays and years may be named; a list of months is a year.
    """
    text = text.strip()
    if text in _NICKNAMES:
        return _NICKNAMES[text]
    rate = _RATE.fullmatch(text)
    if rate:
        return math.ceil(int(rate[1]) * _DAYS[rate[2]]) or None
    aws = _AWS.fullmatch(text)
    fields = (aws[1] if aws else text).split()
    return _gap(fields, aws=bool(aws))


def _gap(fields: list[str], *, aws: bool) -> int | None:
    if aws:
        if len(fields) != 6 or fields[5] != "*":  # noqa: PLR2004 - AWS's cron has six, the last is the year
            return None
        day, month, weekday = fields[2:5]
    elif len(fields) in {5, 6}:
        day, month, weekday = fields[-3:]
    else:
        return None
    return _YEARLY if month != "*" else _within_month(day, weekday)


def _within_month(day: str, weekday: str) -> int | None:
    if not _ANY_WEEKDAY.fullmatch(weekday) or not _ANY_DAY.fullmatch(day):
        return None
    if _every(day) and _every(weekday):
        return _DAILY
    if not _every(weekday):
        return _WEEKLY
    return _monthly(day)


_ANY_DAY: Final = re.compile(r"\*|\?|L|\d{1,2}(,\d{1,2})*")
_WEEKDAY: Final = "([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)"
_ANY_WEEKDAY: Final = re.compile(rf"\*|\?|{_WEEKDAY}(,{_WEEKDAY})*", re.IGNORECASE)


def _every(field: str) -> bool:
    return field in {"*", "?"}


def _monthly(day: str) -> int | None:
    """Return the gap of days of the month; one that some months do not have makes it longer than a month."""
    if day == "L":
        return _MONTHLY
    days = [int(one) for one in day.split(",")]
    if not all(1 <= one <= _MONTHLY for one in days):
        return None
    return _MONTHLY if min(days) <= _LAST_DAY_OF_EVERY_MONTH else 2 * _MONTHLY
