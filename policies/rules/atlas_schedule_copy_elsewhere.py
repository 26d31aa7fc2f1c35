"""Snapshots and oplogs of Atlas have a copy in another region."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import ATLAS_SCHEDULE
from policies.plans import tri
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, at, is_true

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Look for a copy that has a region, snapshots and oplogs."""
    copies = resource.at("copySettings")
    entries = copies if isinstance(copies, list) else [copies]
    answers = [_fine(one) for one in entries]
    if True not in answers:
        yield Finding(
            resource=resource,
            where="copySettings",
            found="without a copy that has snapshots and oplogs",
            allowed="an entry with regionName, frequencies or copyPolicyItems, and shouldCopyOplogs",
            cannot_tell=UNKNOWN in answers,
        )


def _fine(entry: Any) -> Any:
    if entry is UNKNOWN:
        return UNKNOWN
    oplogs = at(entry, "shouldCopyOplogs")
    return tri(
        _given(at(entry, "regionName")),
        _any_given(at(entry, "frequencies"), at(entry, "copyPolicyItems")),
        oplogs if oplogs is UNKNOWN else is_true(oplogs),
    )


def _any_given(*values: Any) -> Any:
    answers = [_given(value) for value in values]
    return True if True in answers else UNKNOWN if UNKNOWN in answers else False


def _given(value: Any) -> Any:
    return value if value is UNKNOWN else value is not UNSET and bool(value)


RULE = ResourceRule(
    id="atlas-schedule-copy-elsewhere",
    title="Snapshots and oplogs of Atlas have a copy in another region.",
    severity=Severity.HIGH,
    reason="a region that is lost takes the cluster and its snapshots together",
    fix="set fashion-wallet:cloud network.recoveryRegion; the copy's frequencies are DAILY and WEEKLY",
    spec=("5.2.2",),
    link="https://www.mongodb.com/docs/atlas/backup/cloud-backup/snapshot-distribution/",
    topic="backups",
    absent="No copy, and one without a region or oplogs, are violations.",
    example=Example(
        refused="copy_settings=[]",
        taken='region_name="EU_WEST_1", frequencies=["DAILY", "WEEKLY"], should_copy_oplogs=True',
    ),
    types=(ATLAS_SCHEDULE,),
    check=check,
)
