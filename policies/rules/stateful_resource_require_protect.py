"""What holds data in a cloud is protected by Pulumi."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import RDS_INSTANCE, STATEFUL, is_near_replica
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the option `protect`; a replica on RDS in its source's region is a copy beside others."""
    near = is_near_replica(resource) if resource.type == RDS_INSTANCE else False
    if not resource.options.protect and near is not True:
        unsure = near is UNKNOWN
        yield Finding(resource=resource, where="option protect", found="false", allowed="true", cannot_tell=unsure)


RULE = ResourceRule(
    id="stateful-resource-require-protect",
    title="What holds data in a cloud is protected by Pulumi.",
    severity=Severity.CRITICAL,
    reason="with it, no change of the program and no `pulumi destroy` deletes or replaces the resource",
    fix="set fashion-wallet:protect to true",
    spec=("5.2.2", "7.1.1"),
    link="https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    topic="loss of data",
    absent="Unset is false, and a violation, but on a replica in its source's region.",
    example=Example(refused="ResourceOptions(protect=False)", taken="ResourceOptions(protect=settings.protect)"),
    types=STATEFUL,
    check=check,
)
