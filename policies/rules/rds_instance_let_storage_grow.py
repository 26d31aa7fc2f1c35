"""The disk of a database on RDS grows before it is full."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import number, public_form
from policies.cloud import RDS_INSTANCE, is_replica
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Compare the size that storage may grow to with the size that it has; a replica begins with its source's."""
    most, now = resource.at("maxAllocatedStorage"), resource.at("allocatedStorage")
    if now is UNSET:
        now = {True: 0, UNKNOWN: UNKNOWN}.get(is_replica(resource), UNSET)
    largest, size = number(most), number(now)
    least = (size or 0) * (100 + limits["growthPercent"]) / 100
    if largest is None or size is None or largest <= 0 or largest < least:
        unknown = UNKNOWN if UNKNOWN in (most, now) else most
        found = show(most, public_form)
        allowed = f"{limits['growthPercent']} % more than allocatedStorage ({show(now, public_form)} GiB) at least"
        yield Finding.judge(resource, "maxAllocatedStorage", unknown, found=found, allowed=allowed)


RULE = ResourceRule(
    id="rds-instance-let-storage-grow",
    title="The disk of a database on RDS grows before it is full.",
    severity=Severity.HIGH,
    reason="a full disk stops every write, and a disk on RDS never shrinks, so it begins small",
    fix="set fashion-wallet:cloud rds.maxAllocatedStorageGib well above allocatedStorageGib",
    spec=("5.1.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html",
    topic="relational database",
    limits=(
        least(
            "growthPercent",
            10,
            "How much larger it may become at least; RDS itself takes no less than 10 %.",
            maximum=1000,
        ),
    ),
    absent="Unset and zero turn it off and are violations.",
    example=Example(refused="max_allocated_storage=0", taken="allocated_storage=100, max_allocated_storage=500"),
    types=(RDS_INSTANCE,),
    check=check,
)
