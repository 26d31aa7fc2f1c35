"""Cases of security-group-limit-ports: resource, property, value."""

from policies.values import UNKNOWN, UNSET

RULE = "SecurityGroupIngressRule:database"
FIRES: list[tuple[str, str, object]] = [
    *((RULE, "ipProtocol", bad) for bad in ("-1", -1, "all", UNSET)),
    *((RULE, "fromPort", bad) for bad in (0, -1, 5433, "", True, UNSET, [])),
    *((RULE, "toPort", bad) for bad in (0, 5431, UNSET)),
    (RULE, "", {"fromPort": 1, "toPort": 65535}),
    ("SecurityGroup:database", "ingress", [{"protocol": "-1", "cidrBlocks": ["10.0.0.0/8"]}]),
    ("SecurityGroupRule:old", "protocol", "-1"),
]
PASSES: list[tuple[str, str, object]] = [
    (RULE, "", {"fromPort": 1024, "toPort": 65535}),
    (RULE, "ipProtocol", "udp"),
    (RULE, "fromPort", "5432"),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (RULE, "ipProtocol", UNKNOWN),
    (RULE, "fromPort", UNKNOWN),
    (RULE, "toPort", UNKNOWN),
]
SAYS = [(RULE, "ipProtocol", "-1", "protocol is -1; allowed: tcp, with its ports.")]
LIMITS = [("maximumPorts", 65_535, (RULE, "", {"fromPort": 1, "toPort": 65535}))]
SAYS += [
    (RULE, "", {"fromPort": 1, "toPort": 65535}, "ports is 1 to 65535; allowed: a range of at most"),
    (
        "SecurityGroup:database",
        "ingress",
        [{"protocol": "-1", "cidrBlocks": ["10.0.0.0/8"]}],
        "ingress[0].protocol is -1; allowed: tcp, with its ports",
    ),
]
FIRES += [(RULE, "", {"fromPort": 1023, "toPort": 65535})]
