"""Reads the rules of a plan of AWS Backup."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from policies.checks import number
from policies.rule import Finding, Resource
from policies.schedules import longest_gap_days
from policies.values import UNKNOWN, at

__all__ = ["Wanted", "judge_plan", "kept_days", "runs_within", "tri"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one rule of a plan must be: `fine` says true, false or `UNKNOWN` of a rule."""

    allowed: str
    fine: Callable[[Any], Any]


def judge_plan(resource: Resource, wanted: Wanted) -> Iterator[Finding]:
    """Demand that one of the plan's rules is as wanted."""
    rules = resource.at("rules")
    entries = rules if isinstance(rules, list) else [UNKNOWN] if rules is UNKNOWN else []
    answers = [UNKNOWN if entry is UNKNOWN else wanted.fine(entry) for entry in entries]
    if True not in answers:
        found = f"{len(entries)} rules, none of them so" if isinstance(rules, list) else "unset"
        unsure = UNKNOWN in answers
        yield Finding(resource=resource, where="rules", found=found, allowed=wanted.allowed, cannot_tell=unsure)


def kept_days(rule: Any, days: int, *, most: int = 36_500) -> Any:
    """Whether a rule (or a copy) keeps what it makes for so many days: true, false, or `UNKNOWN`."""
    value = at(rule, "lifecycle", "deleteAfter")
    if value is UNKNOWN:
        return UNKNOWN
    found = number(value)
    return found is not None and days <= found <= most


def runs_within(rule: Any, days: int) -> Any:
    """Whether a rule runs every so many days or oftener: true, false, or `UNKNOWN`."""
    value = at(rule, "schedule")
    if value is UNKNOWN:
        return UNKNOWN
    gap = longest_gap_days(value) if isinstance(value, str) else None
    return gap is not None and gap <= days


def tri(*answers: Any) -> Any:
    """Return false if one is, else `UNKNOWN` if one is, else true."""
    return False if False in answers else UNKNOWN if UNKNOWN in answers else True
