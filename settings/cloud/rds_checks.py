"""Checks of single values of the RDS settings, and what a window or a version means."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from settings.checks import text_of, wrong
from settings.cloud.rds_classes import INSTANCE_CLASSES

__all__ = ["Version", "engine_version", "instance_class", "master_username", "window_minutes", "windows_overlap"]

_VERSION = re.compile(r"(\d{2})(?:\.(\d{1,2}))?")
_USERNAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# Names that RDS keeps for itself, roles of the layer's own, and what an attacker would try first.
_TAKEN = ("admin", "administrator", "operator", "postgres", "public", "rdsadmin", "root", "user")
_TAKEN_PREFIXES = ("pg_", "rds", "app_")
_TAKEN_SUFFIXES = ("_service", "_runner")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MIN = 24 * 60
_WEEK_MIN = 7 * _DAY_MIN


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version of PostgreSQL; no minor means whichever RDS has put in."""

    major: int
    minor: int | None

    @classmethod
    def of(cls, text: str) -> Version:
        """Read a checked text, "17" or "17.5"."""
        major, _, minor = text.partition(".")
        return cls(int(major), int(minor) if minor else None)


def engine_version(value: object) -> str:
    """Accept a major version, or a major and a minor one."""
    text = text_of(value)
    if not _VERSION.fullmatch(text):
        raise wrong("is no version of PostgreSQL", 'write "17" or "17.5", in quotes')
    return text


def instance_class(value: object) -> str:
    """Accept a class that runs PostgreSQL on RDS."""
    text = text_of(value)
    if text not in INSTANCE_CLASSES:
        close = difflib.get_close_matches(text, INSTANCE_CLASSES, n=1, cutoff=0.5)
        raise wrong(
            "is no class of RDS that runs PostgreSQL (of those in settings/cloud/rds_classes.py)",
            f"did you mean {close[0]}?" if close else "write, say, db.r6g.large",
        )
    return text


def master_username(value: object) -> str:
    """Accept a name for the administrator that nobody else has or guesses."""
    text = text_of(value)
    if not _USERNAME.fullmatch(text):
        raise wrong("is no plain user name", "use small letters, digits and _, beginning with a letter")
    if text in _TAKEN or text.startswith(_TAKEN_PREFIXES) or text.endswith(_TAKEN_SUFFIXES):
        raise wrong("is taken, or is what an attacker would try first", "choose another, say wallet_admin")
    return text


def windows_overlap(backup: str, maintenance: str) -> bool:
    """Say whether a daily window ("02:00-03:00") and a weekly one ("sun:03:30-sun:04:30") share a minute."""
    start, end = (_minutes(part) for part in backup.split("-"))
    first, last = (_week_minutes(part) for part in maintenance.split("-"))
    daily = _span(start, end, _DAY_MIN)
    weekly = _span(first, last, _WEEK_MIN)
    return any((minute % _DAY_MIN) in daily for minute in weekly)


def window_minutes(window: str) -> int:
    """Return how long a window lasts, of a day or of a week."""
    first, last = window.split("-")
    if ":" in first and first[:3] in _DAYS:
        return (_week_minutes(last) - _week_minutes(first)) % _WEEK_MIN
    return (_minutes(last) - _minutes(first)) % _DAY_MIN


def _span(start: int, end: int, whole: int) -> set[int]:
    return {minute % whole for minute in range(start, start + (end - start) % whole)}


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _week_minutes(text: str) -> int:
    day, _, time = text.partition(":")
    return _DAYS.index(day) * _DAY_MIN + _minutes(time)
