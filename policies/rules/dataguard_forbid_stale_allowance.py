"""A permission to lose data does not outlive the update it was given for."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.rules.dataguard_forbid_data_loss import is_id
from policies.values import UNKNOWN, UNSET, at, show
from policies.wire import DATA_GUARD

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Find ids in `allow` that nothing in `lost` needs."""
    lost, allow = at(resource.properties, "lost"), at(resource.properties, "allow")
    if allow is UNSET or allow == []:
        return
    if not isinstance(allow, list) or not isinstance(lost, list):
        yield Finding.judge(
            resource,
            "allow",
            UNKNOWN if UNKNOWN in (allow, lost) else allow,
            found=show(allow, is_id),
            allowed="a list of ids of `lost`",
        )
        return
    for one in allow:
        if one not in lost:
            yield Finding.judge(
                resource,
                "allow",
                UNKNOWN if one is UNKNOWN or UNKNOWN in lost else one,
                found=f"{show(one, is_id)}, which this update does not lose",
                allowed="only what this update loses",
            )


RULE = ResourceRule(
    id="dataguard-forbid-stale-allowance",
    title="A permission to lose data is removed once it has been used.",
    severity=Severity.MEDIUM,
    level=EnforcementLevel.ADVISORY,
    reason="a permission that stays lets a later, innocent change lose that data without a word",
    fix="remove the id from fashion-wallet:allowDataLoss, or correct its spelling; where this is the first of the two "
    "updates that drop a MongoDB collection or data key, go on with the second",
    spec=("5.2",),
    link="https://www.pulumi.com/docs/iac/concepts/config/",
    absent="An unset or empty `allow` is right.",
    types=(DATA_GUARD,),
    example=Example(refused='lost=[], allow=["Database:fashion-wallet"]', taken="lost=[], allow=[]"),
    check=check,
)
