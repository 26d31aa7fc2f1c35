"""What happens in the machine of a database on RDS is measured each minute or oftener."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import at_most, present
from policies.cloud import RDS_INSTANCE
from policies.limits import most
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


_INTERVAL = at_most("monitoringInterval", limit="maximumS", unit="seconds")
_ROLE = present("monitoringRoleArn", allowed="the ARN of a role for RDS's enhanced monitoring")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the interval of enhanced monitoring and the role that it needs."""
    yield from _INTERVAL(resource, limits)
    yield from _ROLE(resource, limits)


RULE = ResourceRule(
    id="rds-instance-monitor-closely",
    title="What happens in the machine of a database on RDS is measured each minute or oftener.",
    severity=Severity.MEDIUM,
    reason="CloudWatch's own metrics are the hypervisor's: what a process uses, and a disk that waits, show only here",
    fix="set fashion-wallet:cloud rds.monitoringIntervalS to 60 or less",
    spec=("5.1.1",),
    frameworks=("AWS Security Hub RDS.6",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.html",
    topic="relational database",
    limits=(most("maximumS", 60, "The longest interval.", minimum=1, maximum=60),),
    absent="Unset and zero turn it off and are violations.",
    example=Example(refused="monitoring_interval=0", taken="monitoring_interval=15, monitoring_role_arn=role.arn"),
    types=(RDS_INSTANCE,),
    check=check,
)
