"""Cases of atlas-access-list-forbid-world: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    *(
        ("ProjectIpAccessList:office", "cidrBlock", bad)
        for bad in (UNSET, "", 0, "0.0.0.0/0", "::/0", "8.8.8.0/24", "10.0.0.0/8", "everywhere", [])
    ),
    ("ProjectIpAccessList:office", "ipAddress", "8.8.8.8"),
]
PASSES: list[tuple[str, str, object]] = [
    ("ProjectIpAccessList:office", "cidrBlock", "172.16.0.0/12"),
    ("ProjectIpAccessList:office", "", {"cidrBlock": UNSET, "ipAddress": "10.1.2.3"}),
    ("ProjectIpAccessList:office", "", {"cidrBlock": UNSET, "awsSecurityGroup": "sg-1"}),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("ProjectIpAccessList:office", "cidrBlock", UNKNOWN),
    ("ProjectIpAccessList:office", "ipAddress", UNKNOWN),
]
SAYS = [
    (
        "ProjectIpAccessList:office",
        "cidrBlock",
        "0.0.0.0/0",
        "cidrBlock is 0.0.0.0/0; allowed: a private network with /12 or longer.",
    )
]
LIMITS = [
    ("shortestPrefix", 8, ("ProjectIpAccessList:office", "cidrBlock", "10.0.0.0/8")),
    ("shortestPrefix", 24, None),
]
OFFICE = "ProjectIpAccessList:office"
FIRES += [
    (OFFICE, "", {"cidrBlock": "0.0.0.0/0", "ipAddress": "10.0.0.1"}),
    (OFFICE, "", {"cidrBlock": UNSET, "awsSecurityGroup": ""}),
]
PASSES += [
    (OFFICE, "cidrBlock", "10.1.2.3/16"),
    (OFFICE, "ipAddress", ""),
    (OFFICE, "", {"cidrBlock": "", "awsSecurityGroup": "sg-1"}),
]
SAYS += [(OFFICE, "cidrBlock", UNSET, "cidrBlock is unset; allowed")]
