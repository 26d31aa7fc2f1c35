"""No security group lets everything out into the internet."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import EGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE
from policies.networks import is_public, network_form
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.security_groups import openings
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the addresses of every way out."""
    for opening in openings(resource, "egress"):
        for where, value in opening.addresses:
            if value is UNKNOWN or is_public(value):
                found = show(value, network_form)
                yield Finding.judge(
                    resource, where, value, found=found, allowed="networks of our own, or a security group"
                )


RULE = ResourceRule(
    id="security-group-forbid-way-out",
    title="No security group lets anything out into the internet.",
    severity=Severity.HIGH,
    reason="data that somebody has got at leave by the way out, and the subnets have none to lose",
    fix="name the security group of the other side (referencedSecurityGroupId)",
    spec=("6.1",),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    topic="network",
    absent="Unset is right where a security group or a prefix list is named. A network with public addresses is a "
    "violation, however small it is.",
    example=Example(refused='cidr_ipv4="0.0.0.0/0"', taken="referenced_security_group_id=database.id"),
    types=(EGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE),
    check=check,
)
