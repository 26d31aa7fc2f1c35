"""No security group lets everybody in."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE
from policies.networks import is_public, network_form
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.security_groups import openings
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the addresses of every way in."""
    for opening in openings(resource, "ingress"):
        for where, value in opening.addresses:
            if value is UNKNOWN or is_public(value):
                found = show(value, network_form)
                yield Finding.judge(
                    resource, where, value, found=found, allowed="networks of our own, or a security group"
                )


RULE = ResourceRule(
    id="security-group-forbid-world",
    title="No security group lets in what comes from the internet.",
    severity=Severity.CRITICAL,
    reason="a database that everybody can reach is found within hours and attacked for ever",
    fix="let in a security group (referencedSecurityGroupId), or name the network in "
    "fashion-wallet:cloud network.clientCidrs",
    spec=("6.1",),
    frameworks=("AWS Security Hub EC2.18", "AWS Security Hub EC2.19"),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    topic="network",
    absent="Unset is right where a security group or a prefix list is named. A network with public addresses is a "
    "violation, however small it is: `0.0.0.0/1`, or one address.",
    example=Example(refused='cidr_ipv4="0.0.0.0/0"', taken="referenced_security_group_id=client.id"),
    types=(INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE),
    check=check,
)
