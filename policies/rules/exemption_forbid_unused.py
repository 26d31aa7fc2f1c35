"""An exception from a rule that nothing needs any more is removed."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from policies.rule import EXEMPTIONS, Example, Finding, Limits, Stack, StackRule

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Find the exemptions that exempted nothing."""
    for one in stack.exemptions:
        if one.known and not one.used():
            where = f"the exemption of {one.resource} from {one.rule}"
            yield Finding(resource=None, where=where, found=f"without use ({one.says})", allowed="one that is needed")


RULE = StackRule(
    id="exemption-forbid-unused",
    title="An exemption from a rule that nothing needs is removed.",
    severity=Severity.LOW,
    level=EnforcementLevel.ADVISORY,
    reason="it would let a later change of that resource pass without a word",
    fix="remove the entry from policies/exemptions.toml, or correct the resource that it names",
    spec=("6.1",),
    link="https://www.pulumi.com/docs/insights/policy/policy-packs/",
    topic=EXEMPTIONS,
    absent="No exemption is right.",
    example=Example(
        refused='resource = "Instance:postgres-primry" # there is no such resource',
        taken='resource = "Instance:postgres-primary"',
    ),
    check=check,
)
