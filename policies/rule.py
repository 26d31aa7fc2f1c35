"""What a rule is: its description, its limits and a pure function that yields findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from policies.values import UNKNOWN
from policies.wire import stack_of

__all__ = ["Finding", "Limit", "Limits", "NotApplicableError", "Resource", "ResourceRule", "Rule", "Stack", "StackRule"]


class NotApplicableError(Exception):
    """Raised by a rule that has nothing to judge here; its text, the reason, goes into the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as a rule sees it: at preview and before an update its inputs, in a stack rule its outputs.

    `properties` holds plain values (see `policies.values.plain`).
    """

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """All resources of a stack, in the order of their registration."""

    resources: Sequence[Resource]

    @property
    def name(self) -> str:
        """The stack's name, empty where there is no resource to read it from."""
        return next((stack_of(resource.urn) for resource in self.resources), "")

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types."""
        return (resource for resource in self.resources if resource.type in types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One setting of a rule. `schema` is JSON Schema without the default; the engine validates against it."""

    name: str
    schema: Mapping[str, Any]
    default: Any
    meaning: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The values in force of a rule's settings: what the pack's configuration gives, else the default."""

    values: Mapping[str, Any]

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
class Rule:
    """What every rule says about itself; the reference page and the engine's report are made of it.

    `title` is the demand in one sentence, `reason` why it is one, `fix` how to meet it, `spec` the sections of the
    specification, `frameworks` the names others have for the same demand, `link` where to read more.
    """

    id: str
    title: str
    severity: Severity
    reason: str
    fix: str
    spec: tuple[str, ...]
    link: str
    level: EnforcementLevel = EnforcementLevel.MANDATORY
    frameworks: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    absent: str = field(default="Unset, empty and zero are violations.")

    @property
    def defaults(self) -> dict[str, Any]:
        """The limits' values where the configuration gives none."""
        return {limit.name: limit.default for limit in self.limits}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRule(Rule):
    """A rule about one resource of certain types, judged before the resource is touched.

    A type that ends in `:*` means every type of that package.
    """

    types: tuple[str, ...]
    check: Callable[[Resource, Limits], Iterable[Finding]]

    def applies_to(self, resource_type: str) -> bool:
        """Whether the rule judges resources of this type."""
        return any(
            resource_type.startswith(wanted.removesuffix("*")) if wanted.endswith(":*") else resource_type == wanted
            for wanted in self.types
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRule(Rule):
    """A rule about all resources together, judged when they are all known: at the end of a preview or an update.

    An update without a preview has been applied by then, so prefer a rule about a resource that comes early.
    """

    check: Callable[[Stack, Limits], Iterable[Finding]]
