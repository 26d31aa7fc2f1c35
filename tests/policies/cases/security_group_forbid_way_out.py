"""Cases of security-group-forbid-way-out: resource, property, value."""

from policies.values import UNKNOWN

RULE = "SecurityGroupEgressRule:client"
FIRES: list[tuple[str, str, object]] = [
    (RULE, "cidrIpv4", "0.0.0.0/0"),
    (RULE, "cidrIpv6", "::/0"),
    ("SecurityGroup:database", "egress", [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]),
    ("SecurityGroupRule:old", "", {"type": "egress", "cidrBlocks": ["0.0.0.0/0"]}),
]
PASSES: list[tuple[str, str, object]] = [(RULE, "cidrIpv4", "10.40.0.0/16"), ("SecurityGroup:database", "egress", [])]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (RULE, "cidrIpv4", UNKNOWN),
    ("SecurityGroup:database", "egress", UNKNOWN),
]
SAYS = [(RULE, "cidrIpv4", "0.0.0.0/0", "cidrIpv4 is 0.0.0.0/0; allowed: networks of our own, or a security group.")]
FIRES += [(RULE, "cidrIpv4", public) for public in ("0.0.0.0/1", "52.0.0.0/8", "8.8.8.8/32")]
FIRES += [(RULE, "cidrIpv6", "2000::/3")]
PASSES += [(RULE, "cidrIpv4", own) for own in ("172.16.0.0/12", "192.168.1.1/32", "100.64.0.0/10")]
