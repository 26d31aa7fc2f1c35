"""A cluster has enough replicas to survive a node and still serve reads."""

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Finding, Limit, Limits, NotApplicableError, Stack, StackRule
from policies.topology import minimum_of, scopes_of
from policies.values import UNKNOWN, at, identifier, show

__all__ = ["RULE"]


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Count the members of each scope; one of them is the primary."""
    pattern = limits["throwawayStacks"]
    if pattern and re.match(pattern, stack.name):
        raise NotApplicableError(f"stack {stack.name} is throwaway: its name matches {pattern}")
    scopes, nameless = scopes_of(stack)
    for resource in nameless:
        value = at(resource.properties, "scope")
        yield Finding.judge(
            resource, "scope", value, found=show(value, identifier), allowed="the name of the cluster it belongs to"
        )
    unknown = sum(at(resource.properties, "scope") is UNKNOWN for resource in nameless)
    for scope in scopes.values():
        minimum = minimum_of(limits, scope.name)
        if scope.members and scope.replicas >= minimum:
            continue
        found = f"{scope.replicas} (of {len(scope.members)} members)" if scope.members else "0, and there is no primary"
        yield Finding(
            resource=scope.subject,
            where=f"the number of replicas in scope {show(scope.name, identifier)}",
            found=found,
            allowed=f"at least {minimum}",
            cannot_tell=len(scope.members) + unknown > minimum,
        )


RULE = StackRule(
    id="patroni-cluster-keep-replicas",
    title="A cluster has at least two replicas, except in throwaway stacks.",
    severity=Severity.HIGH,
    reason="with fewer, losing one node leaves no synchronous standby, and the next loss is an outage or lost commits",
    fix="raise fashion-wallet:postgres replicas (or fashion-wallet:timescale replicas) to the minimum",
    spec=("7.1.1",),
    link="https://patroni.readthedocs.io/en/latest/replication_modes.html",
    limits=(
        Limit(
            name="minimum",
            schema={"type": "integer", "minimum": 0, "maximum": 15},
            default=2,
            meaning="The least number of replicas of a scope that `minimumByScope` does not name.",
        ),
        Limit(
            name="minimumByScope",
            schema={"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 15}},
            default={"timescale": 0},
            meaning="The least number of replicas of single scopes. Time series run on one node unless told otherwise.",
        ),
        Limit(
            name="throwawayStacks",
            schema={"type": "string", "format": "regex"},
            default="(test|ci|pr|throwaway)-",
            meaning="A stack is throwaway, and the rule does not apply, if this regular expression matches the start "
            "of its name. Empty: no stack is.",
        ),
    ),
    absent="A cluster without members, and a member without scope, are violations. A stack without clusters is not.",
    check=check,
)
