"""A subnet gives out no public address."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import SUBNET
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="subnet-forbid-public-addresses",
    title="A subnet gives out no public address.",
    severity=Severity.HIGH,
    reason="whatever is put there by mistake is then reachable from everywhere",
    fix="leave mapPublicIpOnLaunch out",
    spec=("6.1",),
    frameworks=("AWS Security Hub EC2.15",),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html",
    topic="network",
    absent="Unset is allowed: it is then false.",
    example=Example(refused="map_public_ip_on_launch=True", taken="# it is left out"),
    types=(SUBNET,),
    check=switch_off("mapPublicIpOnLaunch", unset=True),
    remedy=lambda _resource, _limits: {("mapPublicIpOnLaunch",): False},
)
