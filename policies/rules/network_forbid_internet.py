"""The network of the databases has no way to the internet."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import INTERNET_GATEWAY, NAT_GATEWAY
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Refuse the resource itself."""
    yield Finding(
        resource=resource, where="it", found="a way to the internet", allowed="endpoints in the network (PrivateLink)"
    )


RULE = ResourceRule(
    id="network-forbid-internet",
    title="The network of the databases has no way to the internet.",
    severity=Severity.HIGH,
    reason="isolated subnets stay so only if nobody adds the gateway that makes them public",
    fix="remove the gateway; reach services of AWS by endpoints, and Atlas by its private endpoint",
    spec=("6.1",),
    frameworks=("AWS Security Hub RDS.46",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html",
    topic="network",
    absent="The resource itself is the violation, whatever its values.",
    example=Example(refused="aws.ec2.InternetGateway(…)", taken="aws.ec2.VpcEndpoint(…)"),
    types=(INTERNET_GATEWAY, NAT_GATEWAY),
    check=check,
)
