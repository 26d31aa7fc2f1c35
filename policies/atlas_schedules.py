"""Reads the schedule of snapshots on Atlas: items, each with a life in days, weeks, months or years."""

from typing import Any, Final

from policies.checks import number
from policies.values import UNKNOWN, at

__all__ = ["item_days"]

_DAYS: Final = {"days": 1, "weeks": 7, "months": 30, "years": 365}


def item_days(item: Any) -> Any:
    """Return for how many days an item of a schedule keeps its snapshots, `UNKNOWN`, or zero where it says nothing."""
    unit, value = at(item, "retentionUnit"), at(item, "retentionValue")
    if UNKNOWN in (item, unit, value):
        return UNKNOWN
    return int(number(value) or 0) * (_DAYS.get(unit, 0) if isinstance(unit, str) else 0)
