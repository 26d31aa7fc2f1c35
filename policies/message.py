"""The texts of violations: resource, value found, limit, why, how to mend, where to read more."""

from collections.abc import Iterator
from typing import Any, Final

from policies.resources import Resource
from policies.rule import Finding, Rule
from policies.values import at
from policies.wire import type_name

__all__ = ["REFERENCE", "cannot_tell", "defect", "exempted", "hide", "violation"]

REFERENCE: Final = "docs/reference/policies.md"
_HIDDEN: Final = "[secret]"
_SHORTEST_HIDDEN: Final = 3
"""A shorter secret would be found by chance in any text, and hiding it would say what it is."""


def violation(rule: Rule, finding: Finding) -> str:
    """Say what is wrong for the person who must act; the engine prints the rule's title in front of it."""
    return "\n".join(
        [
            f"{_subject(finding.resource)}{finding.where} is {finding.found}; allowed: {finding.allowed}.",
            f"Why: {rule.reason}",
            f"Fix: {rule.fix}{_ignored(finding)}",
            f"See: {REFERENCE}#{rule.id} and {rule.link}",
        ]
    )


def cannot_tell(_rule: Rule, finding: Finding) -> str:
    """Say what a preview cannot judge yet. It is checked again by `pulumi up`, when the value is known."""
    return (
        f"{_subject(finding.resource)}cannot tell until `pulumi up`, which checks again, whether {finding.where} is "
        f"allowed: its value is not known yet; allowed: {finding.allowed}."
    )


def exempted(rule: Rule, finding: Finding, says: str) -> str:
    """Say what is wrong and excepted for now."""
    return f"{violation(rule, finding)}\nExemption: {says} (policies/exemptions.toml)"


def defect(rule: Rule, error: Exception) -> str:
    """Say that a rule could not judge. The error's text may hold a value, so only its kind is shown."""
    return (
        f"the rule broke ({type(error).__name__}) and judged nothing.\n"
        f"Why: what is not judged may not pass\n"
        f"Fix: this is a defect of policies/rules/{rule.id.replace('-', '_')}.py; until it is mended, set the rule's "
        f"level to advisory with --policy-pack-config\nSee: {REFERENCE}#{rule.id}"
    )


def hide(text: str, resource: Resource | None) -> str:
    """Take the secrets of a resource out of a text: the last net, as rules print no text of a form they do not know."""
    if resource is None:
        return text
    for path in resource.secrets:
        for value in sorted(_texts(at(resource.properties, *path)), key=len, reverse=True):
            text = text.replace(value, _HIDDEN)
    return text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= _SHORTEST_HIDDEN:
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)


def _ignored(finding: Finding) -> str:
    """Say that mending the program alone does nothing, where the resource ignores changes of the property."""
    if finding.resource is None:
        return ""
    name = finding.where.partition(".")[0].partition("[")[0]
    for ignored in finding.resource.options.ignore_changes:
        if ignored == "*" or ignored.partition(".")[0].partition("[")[0] == name:
            return (
                f"; {name} is in ignore_changes of this resource, so a change of the program does nothing until it is "
                f"taken out of there"
            )
    return ""


def _subject(resource: Resource | None) -> str:
    return f"{type_name(resource.type)} {resource.name}: " if resource else "stack: "
