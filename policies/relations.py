"""What stands beside what in a stack: a bucket and its lock, a database and its plan, an instance and its replicas."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from policies.rule import Finding, Limits, NotApplicableError, Resource, Stack
from policies.values import UNKNOWN

__all__ = ["Companion", "companions", "each_has", "relation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A resource that refers to another, or (`maybe`) of which nobody can tell yet."""

    resource: Resource
    maybe: bool


def companions(
    stack: Stack, target: Resource, kind: str, path: tuple[str, ...], outputs: tuple[str, ...]
) -> Iterator[Companion]:
    """Yield the resources of a type whose value at a path is one of the target's outputs."""
    for resource, verdict in stack.referring(kind, path, target, *outputs):
        yield Companion(resource=resource, maybe=verdict is UNKNOWN)


def relation(found: Iterator[Any]) -> Any:
    """Return true if one is true, else `UNKNOWN` if one is, else false."""
    seen = list(found)
    return True if True in seen else UNKNOWN if UNKNOWN in seen else False


def each_has(
    kinds: tuple[str, ...],
    companion: str,
    path: tuple[str, ...],
    outputs: tuple[str, ...],
    *,
    what: str,
    allowed: str,
    good: Callable[[Resource], Any] = lambda _resource: True,
    unless: Callable[[Stack, Resource], Any] = lambda _stack, _resource: False,
) -> Callable[[Stack, Limits], Iterator[Finding]]:
    """Demand that each resource of some types has a companion that is good: true, false, or `UNKNOWN`.

    `path` leads to what names the resource in the companion, `outputs` are the resource's names for itself.
    """

    def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
        targets = list(stack.of(*kinds))
        if not targets:
            raise NotApplicableError("the stack has no such resource")
        for target in targets:
            excused = unless(stack, target)
            if excused is True:
                continue
            found = relation(
                _both(good(one.resource), one.maybe) for one in companions(stack, target, companion, path, outputs)
            )
            if found is not True:
                yield Finding(
                    resource=target,
                    where=what,
                    found="not there, or not enough",
                    allowed=allowed,
                    cannot_tell=UNKNOWN in (found, excused),
                )

    return check


def _both(good: Any, maybe: bool) -> Any:  # noqa: FBT001 - two answers, one kind
    if good is False:
        return False
    return UNKNOWN if maybe or good is UNKNOWN else True
