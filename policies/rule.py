"""What a rule is: its description, its limits and a pure function that yields findings."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_policy import EnforcementLevel, Severity

from policies.resources import Resource, Stack
from policies.values import UNKNOWN

__all__ = [
    "EXEMPTIONS",
    "Example",
    "Finding",
    "Limit",
    "Limits",
    "NotApplicableError",
    "Resource",
    "ResourceRule",
    "Rule",
    "Stack",
    "StackRule",
]

EXEMPTIONS: Final = "exemptions"
"""The topic of rules that look at the pack's own exceptions; they run when all others have."""


class NotApplicableError(Exception):
    """Raised by a rule that has nothing to judge here; its text, the reason, goes into the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One setting of a rule. `schema` is JSON Schema without the default; the engine validates against it.

    The default is what the specification demands, where it has a number. `weaker` says whether a value lets pass what
    the default refuses: an environment for production may not have such a value. Without it any other value is weaker.
    """

    name: str
    schema: Mapping[str, Any]
    default: Any
    meaning: str
    weaker: Callable[[Any, Any], bool] | None = None

    def is_weaker(self, value: Any) -> bool:
        """Whether a value lets pass what the default refuses."""
        if self.weaker is not None:
            return self.weaker(value, self.default)
        if isinstance(self.default, int) and isinstance(value, int):
            return value < self.default
        return bool(value != self.default)


@dataclass(frozen=True, slots=True)
class Limits:
    """The values in force of a rule's settings (what the configuration gives, else the default), and today's date."""

    values: Mapping[str, Any]
    today: dt.date

    def __getitem__(self, name: str) -> Any:
        """Return a setting's value; the name must be one of the rule's limits."""
        return self.values[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or (`cannot_tell`) that cannot be judged before `pulumi up`.

    `where` is the property's path, `found` the value as it may be printed, `allowed` the limit in words.
    """

    resource: Resource | None
    where: str
    found: str
    allowed: str
    cannot_tell: bool = False

    @classmethod
    def judge(cls, resource: Resource | None, where: str, value: Any, *, found: str, allowed: str) -> "Finding":
        """Make a finding about a value that is not allowed; if it is unknown, one that says so instead."""
        return cls(resource=resource, where=where, found=found, allowed=allowed, cannot_tell=value is UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What the reference page shows: what a rule refuses, and what it takes, as a line of the program."""

    refused: str
    taken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule says about itself; the reference page and the engine's report are made of it.

    `title` is the demand in one sentence, `reason` why it is one, `fix` how to meet it, `spec` the sections of the
    specification, `frameworks` the names others have for the same demand, `link` where to read more, `topic` the
    heading it stands under on the reference page.
    """

    id: str
    title: str
    severity: Severity
    reason: str
    fix: str
    spec: tuple[str, ...]
    link: str
    topic: str = "local"
    level: EnforcementLevel = EnforcementLevel.MANDATORY
    frameworks: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    absent: str = field(default="Unset, empty and zero are violations.")
    example: Example | None = None

    @property
    def defaults(self) -> dict[str, Any]:
        """The limits' values where the configuration gives none."""
        return {limit.name: limit.default for limit in self.limits}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRule(Rule):
    """A rule about one resource of certain types, judged before the resource is touched.

    A type that ends in `:*` means every type of that package, and `*` every type. `remedy` returns the values that mend
    the resource, by their paths; it may only add or switch what never replaces a resource or loses data, and it is used
    only where the rule's level is `remediate`.
    """

    types: tuple[str, ...]
    check: Callable[[Resource, Limits], Iterable[Finding]]
    remedy: Callable[[Resource, Limits], Mapping[tuple[str, ...], Any]] | None = None

    def applies_to(self, resource_type: str) -> bool:
        """Whether the rule judges resources of this type."""
        return any(
            resource_type.startswith(wanted.removesuffix("*")) if wanted.endswith("*") else resource_type == wanted
            for wanted in self.types
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRule(Rule):
    """A rule about all resources together, judged when they are all known: at the end of a preview or an update.

    An update without a preview has been applied by then, so prefer a rule about a resource that comes early.
    """

    check: Callable[[Stack, Limits], Iterable[Finding]]
