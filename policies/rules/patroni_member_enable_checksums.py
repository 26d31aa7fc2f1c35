"""Pages carry checksums, so that a damaged one is noticed."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import at, identifier, is_true, show
from policies.wire import PATRONI_MEMBER

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge `dataChecksums`."""
    value = at(resource.properties, "dataChecksums")
    if not is_true(value):
        yield Finding.judge(resource, "dataChecksums", value, found=show(value, identifier), allowed="true")


RULE = ResourceRule(
    id="patroni-member-enable-checksums",
    title="Data checksums are on.",
    severity=Severity.HIGH,
    reason="without checksums a damaged page is read as data, replicated and backed up before anyone notices",
    fix="set dataChecksums to true on the member; an existing node gets them by `pg_checksums --enable` while stopped",
    spec=("3.8", "5.2.2"),
    link="https://www.postgresql.org/docs/current/checksums.html",
    types=(PATRONI_MEMBER,),
    example=Example(refused="data_checksums=False", taken="data_checksums=True"),
    check=check,
)
