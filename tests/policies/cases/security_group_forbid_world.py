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
FIRES += [
    (RULE, "cidrIpv4", public)
    for public in ("0.0.0.0/1", "128.0.0.0/1", "52.0.0.0/8", "8.8.8.8/32", "8.8.8.8", "10.0.0.0/7", "0.0.0.0/00")
]
FIRES += [(RULE, "cidrIpv6", public) for public in ("2000::/3", "::/1", "2a00::1/128")]
PASSES += [(RULE, "cidrIpv4", own) for own in ("172.16.0.0/12", "192.168.1.1/32", "100.64.0.0/10")]
PASSES += [(RULE, "cidrIpv6", own) for own in ("fd00::/8", "fc00::/7")]
SAYS += [(RULE, "cidrIpv4", "0.0.0.0/1", "cidrIpv4 is 0.0.0.0/1; allowed: networks of our own")]
