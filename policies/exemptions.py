"""Exceptions from a rule for one resource, with a reason, an owner and an end: `exemptions.toml`.

    [[exemption]]
    rule = "rds-instance-enable-multi-az"
    resource = "Instance:postgres-replica-eu-central-1b"   # the type's last part and the name, or the URN
    stacks = "prod"                                         # a regular expression for the whole name
    reason = "…"
    who = "…"
    expires = 2026-12-31

What is exempted stays in every report, as advisory. An exemption whose day is over exempts nothing and is a violation;
so is one that names no rule. One that matches nothing is advisory: it can go. A stack that is taken down needs its
protection off everywhere: `resource = "*"` is every resource, for a week at most.
"""

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policies.errors import ConfigurationError
from policies.resources import Resource
from policies.wire import guard_id

__all__ = ["FILE", "LONGEST_DAYS", "Exemption", "read_exemptions"]

FILE: Final = Path(__file__).parent / "exemptions.toml"
LONGEST_DAYS: Final = 366
"""An exemption for longer is a change of the rule, and belongs into the environment's file."""
EVERY: Final = "*"
LONGEST_DAYS_OF_EVERY: Final = 7
_KEYS: Final = ("rule", "resource", "stacks", "reason", "who", "expires")
_SHORTEST_REASON: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One exception. `rule` need not exist: that is reported, not refused, so that one stale line stops no repair."""

    rule: str
    resource: str
    stacks: str
    reason: str
    who: str
    expires: dt.date

    def covers(self, rule_id: str, resource: Resource | None) -> bool:
        """Whether it is about this rule and resource."""
        if rule_id != self.rule or resource is None:
            return False
        return self.resource in {EVERY, resource.urn, guard_id(resource.type, resource.name)}

    def holds(self, stack: str) -> bool:
        """Whether it is about this stack."""
        return re.fullmatch(self.stacks, stack) is not None

    def is_over(self, today: dt.date) -> bool:
        """Whether its last day has passed."""
        return self.expires < today

    def says(self) -> str:
        """Return what a report says of it."""
        return f"exempt until {self.expires} by {self.who}: {self.reason}"


def read_exemptions(today: dt.date, path: Path = FILE) -> list[Exemption]:
    """Read and check the file; none is right, and means no exemption.

    Raises:
        ConfigurationError: it is no TOML, or an entry is not complete.
    """
    if not path.exists():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"policies/{path.name}: is no TOML ({error}); fix the line it names") from None
    entries = content.get("exemption", [])
    if content.keys() - {"exemption"} or not isinstance(entries, list):
        got = ", ".join(sorted(content.keys() - {"exemption"})) or type(entries).__name__
        raise _wrong(path.name, got, "[[exemption]] entries only", "write each exception under [[exemption]]")
    return [_entry(f"{path.name}: exemption {number}", entry, today) for number, entry in enumerate(entries, 1)]


def _entry(where: str, entry: dict[str, Any], today: dt.date) -> Exemption:
    wrong = sorted(entry.keys() ^ set(_KEYS))
    if wrong:
        given = "is unknown" if wrong[0] in entry else "is missing"
        raise _wrong(f"{where}: {wrong[0]}", given, ", ".join(_KEYS), "every exception has all of these, and no others")
    for key in _KEYS[:-1]:
        if not isinstance(entry[key], str) or not entry[key].strip():
            raise _wrong(f"{where}: {key}", repr(entry[key]), "a text", "say it in words")
    if len(entry["reason"].strip()) < _SHORTEST_REASON:
        allowed = f"at least {_SHORTEST_REASON} characters"
        raise _wrong(f"{where}: reason", repr(entry["reason"]), allowed, "say why, and what ends it")
    _check_form(where, entry)
    _check_end(where, entry["expires"], today, LONGEST_DAYS_OF_EVERY if entry["resource"] == EVERY else LONGEST_DAYS)
    return Exemption(**entry)


def _check_form(where: str, entry: dict[str, Any]) -> None:
    resource, allowed = entry["resource"], "Type:name as in Instance:postgres-primary, a URN, or * for a week at most"
    if resource != EVERY and ("*" in resource or ":" not in resource):
        raise _wrong(f"{where}: resource", repr(resource), allowed, "name the one resource")
    try:
        re.compile(entry["stacks"])
    except re.error as error:
        raise _wrong(f"{where}: stacks", f"{entry['stacks']!r} ({error})", "a regular expression", "mend it") from None


def _check_end(where: str, expires: Any, today: dt.date, longest_days: int) -> None:
    if not isinstance(expires, dt.date) or isinstance(expires, dt.datetime):
        allowed = "a date such as 2026-12-31, without quotes"
        raise _wrong(f"{where}: expires", repr(expires), allowed, "write the last day")
    if (expires - today).days > longest_days:
        latest = today + dt.timedelta(days=longest_days)
        raise _wrong(f"{where}: expires", str(expires), f"{latest} at the latest", "shorten it and renew it on purpose")


def _wrong(where: str, got: str, allowed: str, fix: str) -> ConfigurationError:
    return ConfigurationError(f"policies/{where}: got {got}; allowed: {allowed}; fix: {fix}")
