"""Atlas records who logs in and who changes what."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import present, switch_on
from policies.cloud import ATLAS_AUDITING
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


_ON = switch_on("enabled")
_FILTER = present("auditFilter", allowed="a filter that names the kinds of events")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the switch and the filter."""
    yield from _ON(resource, limits)
    yield from _FILTER(resource, limits)


RULE = ResourceRule(
    id="atlas-auditing-record",
    title="Atlas records who logs in and who changes what.",
    severity=Severity.HIGH,
    reason="after an incident the first question is who read or changed what",
    fix="leave enabled on and set fashion-wallet:cloud atlas.auditFilter",
    spec=("6.3.1",),
    link="https://www.mongodb.com/docs/atlas/database-auditing/",
    topic="documents",
    example=Example(refused="enabled=False", taken="enabled=True, audit_filter=settings.audit_filter"),
    types=(ATLAS_AUDITING,),
    check=check,
)
