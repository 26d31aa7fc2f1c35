"""Cases of security-group-forbid-world: resource, property, value."""

from policies.values import UNKNOWN

RULE = "SecurityGroupIngressRule:database"
GROUP = "SecurityGroup:database"
FIRES: list[tuple[str, str, object]] = [
    (RULE, "cidrIpv4", "0.0.0.0/0"),
    (RULE, "cidrIpv6", "::/0"),
    (RULE, "cidrIpv6", "0::/0"),
    (
        GROUP,
        "ingress",
        [{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.0.0.0/8", "0.0.0.0/0"]}],
    ),
    (GROUP, "ingress", [{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "ipv6CidrBlocks": ["::/0"]}]),
    ("SecurityGroupRule:old", "cidrBlocks", ["0.0.0.0/0"]),
]
PASSES: list[tuple[str, str, object]] = [
    (RULE, "cidrIpv4", "10.0.0.0/8"),
    (RULE, "cidrIpv4", ""),
    (GROUP, "ingress", [{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.0.0.0/8"]}]),
    (GROUP, "ingress", []),
    (GROUP, "egress", []),
    ("SecurityGroupRule:old", "", {"type": "egress", "cidrBlocks": ["10.0.0.0/8"]}),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (RULE, "cidrIpv4", UNKNOWN),
    (GROUP, "ingress", UNKNOWN),
    (GROUP, "ingress", [{"cidrBlocks": [UNKNOWN], "protocol": "tcp", "fromPort": 1, "toPort": 1}]),
]
SAYS = [(RULE, "cidrIpv4", "0.0.0.0/0", "cidrIpv4 is 0.0.0.0/0; allowed: networks of our own, or a security group.")]
