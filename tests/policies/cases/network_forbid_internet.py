"""Cases of network-forbid-internet: resource, property, value."""

from policies.values import UNKNOWN

FIRES: list[tuple[str, str, object]] = [
    ("InternetGateway:out", "vpcId", "vpc-1"),
    ("NatGateway:out", "subnetId", UNKNOWN),
]
PASSES: list[tuple[str, str, object]] = [("VpcEndpoint:secrets", "vpcEndpointType", "Gateway")]
CANNOT_TELL: list[tuple[str, str, object]] = []
SAYS = [("InternetGateway:out", "vpcId", "", "InternetGateway out: it is a way to the internet; allowed: endpoints")]
