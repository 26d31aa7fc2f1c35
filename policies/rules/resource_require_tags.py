"""Everything in AWS that can have tags says whose it is."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import TAGGABLE
from policies.limits import names
from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, at

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Look for each tag that is demanded, with a value."""
    tags = resource.at("tags")
    missing = [one for one in limits["tags"] if not _given(at(tags, one))]
    if missing:
        unsure = UNKNOWN if tags is UNKNOWN or all(at(tags, one) is UNKNOWN for one in missing) else tags
        found = f"without {', '.join(missing)}"
        yield Finding.judge(resource, "tags", unsure, found=found, allowed="a map with " + ", ".join(limits["tags"]))


def _given(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def remedy(resource: Resource, limits: Limits) -> dict[tuple[str, ...], Any]:
    """Add the tags that are missing and that the configuration has a value for; one that is there stays."""
    tags = resource.at("tags")
    return {("tags", name): value for name, value in limits["values"].items() if at(tags, name) in (UNSET, "")}


RULE = ResourceRule(
    id="resource-require-tags",
    title="Everything in AWS that can have tags says whose it is.",
    severity=Severity.LOW,
    reason="what nobody owns nobody patches, nobody pays for and nobody dares to delete",
    fix="pass tags(…) of components/tags.py",
    spec=("6.1",),
    frameworks=("AWS Security Hub RDS.30",),
    link="https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html",
    topic="tags",
    limits=(
        names("tags", ["Project", "Stack", "Component", "Owner", "CostCenter"], "The tags that are demanded."),
        Limit(
            name="values",
            schema={"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
            default={},
            meaning="Values of tags that a remediation may add.",
            weaker=lambda _value, _default: False,
        ),
    ),
    example=Example(refused="tags={}", taken='tags=tags(stack, settings, component="backups")'),
    types=TAGGABLE,
    check=check,
    remedy=remedy,
)
