"""Reads the parameters of a group on RDS: a list of names and values, in which a name may be twice or not known yet."""

from collections.abc import Callable, Iterator
from typing import Any

from policies.checks import Check, public_form
from policies.rule import Finding, Limits, Resource
from policies.values import UNKNOWN, UNSET, at, show

__all__ = ["demand_parameter"]


def demand_parameter(name: str, fine: Callable[[Any, Limits], bool], allowed: str | Callable[[Limits], str]) -> Check:
    """Demand a parameter whose value is fine; where it is there twice, each value must be."""

    def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
        text = allowed if isinstance(allowed, str) else allowed(limits)
        given = resource.at("parameters")
        entries = given if isinstance(given, list) else []
        values = [at(entry, "value") for entry in entries if at(entry, "name") == name]
        if not values:
            hidden = given is UNKNOWN or any(entry is UNKNOWN or at(entry, "name") is UNKNOWN for entry in entries)
            values = [UNKNOWN if hidden else UNSET]
        for value in values:
            if not fine(value, limits):
                found = show(value, public_form)
                yield Finding.judge(resource, f"parameter {name}", value, found=found, allowed=text)

    return check
