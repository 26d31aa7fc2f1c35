"""Which databases a selection names: of a plan of backups, or of a plan of restore tests."""

import fnmatch
from collections.abc import Iterator
from typing import Any

from policies.cloud import RDS_INSTANCE, is_replica
from policies.relations import relation
from policies.rule import Finding, NotApplicableError, Resource, Stack
from policies.values import UNKNOWN

__all__ = ["judge_primaries", "primaries"]


def primaries(stack: Stack) -> list[Resource]:
    """Return the instances that are no replicas, and those of which nobody can tell."""
    return [one for one in stack.of(RDS_INSTANCE) if is_replica(one) is not True]


def judge_primaries(stack: Stack, kind: str, path: tuple[str, ...], *, what: str, allowed: str) -> Iterator[Finding]:
    """Demand that each primary is named, by its ARN or a pattern, in a list of a resource of a type."""
    found = primaries(stack)
    if not found:
        raise NotApplicableError("the stack has no primary on RDS")
    for primary in found:
        named = relation(_names(selection, path, primary) for selection in stack.of(kind))
        if named is not True:
            unsure = UNKNOWN in (named, is_replica(primary))
            yield Finding(resource=primary, where=what, found="not there", allowed=allowed, cannot_tell=unsure)


def _names(selection: Resource, path: tuple[str, ...], primary: Resource) -> Any:
    """Whether a selection names a primary: true, false, or `UNKNOWN`.

    What is not known yet names the primary if the engine says that the list is made of it.
    """
    given, arn = selection.at(*path), primary.at("arn")
    entries = given if isinstance(given, list) else [given] if given is UNKNOWN else []
    if isinstance(arn, str) and any(isinstance(one, str) and fnmatch.fnmatchcase(arn, one) for one in entries):
        return True
    if any(one == "*" for one in entries):
        return True
    sources = selection.depends_on.get(path[0], ())
    if primary.urn in sources and (UNKNOWN in entries or not isinstance(arn, str)):
        return True
    named = [one for one in entries if isinstance(one, str)]
    if (UNKNOWN in entries and not sources) or (named and not isinstance(arn, str)):
        return UNKNOWN
    return False
