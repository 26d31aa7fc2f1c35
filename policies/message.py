"""The texts of violations: resource, value found, limit, why, how to mend, where to read more."""

from policies.rule import Finding, Resource, Rule
from policies.wire import type_name

__all__ = ["REFERENCE", "cannot_tell", "violation"]

REFERENCE = "docs/reference/policies.md"


def violation(rule: Rule, finding: Finding) -> str:
    """Say what is wrong for the person who must act; the engine prints the rule's title in front of it."""
    return "\n".join(
        [
            f"{_subject(finding.resource)}{finding.where} is {finding.found}; allowed: {finding.allowed}.",
            f"Why: {rule.reason}",
            f"Fix: {rule.fix}",
            f"See: {REFERENCE}#{rule.id} and {rule.link}",
        ]
    )


def cannot_tell(findings: list[Finding]) -> str:
    """Say what a preview cannot judge yet. It is checked again by `pulumi up`, when the value is known."""
    return "\n".join(
        f"{_subject(finding.resource)}cannot tell until `pulumi up`, which checks again, whether {finding.where} is "
        f"allowed: its value is not known yet; allowed: {finding.allowed}."
        for finding in findings
    )


def _subject(resource: Resource | None) -> str:
    return f"{type_name(resource.type)} {resource.name}: " if resource else "stack: "
