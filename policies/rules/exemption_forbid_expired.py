"""An exception from a rule ends on its last day, and names a rule that there is."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import EXEMPTIONS, Example, Finding, Limits, Stack, StackRule

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Find the exemptions that are over, and those that no rule belongs to."""
    for one in stack.exemptions:
        where = f"the exemption of {one.resource} from {one.rule}"
        if not one.known:
            yield Finding(resource=None, where=where, found="about no rule of the pack", allowed="the id of a rule")
        elif one.over:
            yield Finding(resource=None, where=where, found=f"over ({one.says})", allowed="a last day from today on")


RULE = StackRule(
    id="exemption-forbid-expired",
    title="An exemption from a rule is not over, and names a rule that there is.",
    severity=Severity.HIGH,
    reason="an exception that nobody looks at again becomes the rule, and a misspelt one hides that it never held",
    fix="mend the resource and remove the entry from policies/exemptions.toml, or renew it with a new reason",
    spec=("6.1",),
    link="https://www.pulumi.com/docs/insights/policy/policy-packs/",
    topic=EXEMPTIONS,
    absent="No exemption is right.",
    example=Example(refused="expires = 2024-01-31 # a day that has passed", taken="expires = 2026-12-31"),
    check=check,
)
