"""What the picture of stack prod consists of: places, arrows, kinds of lines. Which numbers stand in it says the graph.

A pattern is searched in `<type> <name>` of each resource. Places and boxes stand where they are easy to read; a test
sees to it that none covers another and that every arrow is a dependency which the program has.
"""

from dataclasses import dataclass

__all__ = [
    "ARROWS",
    "IMPLIED",
    "PLACES",
    "SIZE",
    "Arrow",
    "Box",
    "Count",
    "Listed",
    "Place",
    "Value",
]

SIZE = (1480, 900)


@dataclass(frozen=True, kw_only=True)
class Count:
    """A line that counts resources, or what an input of theirs lists; left out where there are none."""

    of: str
    one: str
    more: str
    entries: str = ""


@dataclass(frozen=True, kw_only=True)
class Value:
    """A line with an input of a resource, `{}` in its text; of several, each value once."""

    of: str
    path: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A line with the titles of the databases that a box depends on."""

    text: str


Line = Count | Value | Listed


@dataclass(frozen=True, kw_only=True)
class Area:
    """Left, top, width and height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Place(Area):
    """A frame around boxes."""

    title: str
    colour: str
    lines: tuple[Line, ...] = ()
    indent: int = 14
    """Of the title."""


@dataclass(frozen=True, kw_only=True)
class Box(Area):
    """A box: the resources that `has` finds, and what is said of them."""

    name: str
    title: str
    has: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """A dependency: `user` needs `used`. The route says which way data goes; it ends where the head is."""

    user: str
    used: str
    label: str
    at: tuple[int, int]
    """Where the label begins."""
    route: tuple[tuple[int, int], ...]


PLACES: tuple[Place, ...] = (
    Place(
        title="Kubernetes",
        colour="#e8f0fb",
        x=20,
        y=60,
        width=275,
        height=560,
        lines=(Count(of="kubernetes:networking", one="network policy", more="network policies"),),
    ),
    Place(
        title="AWS",
        colour="#fdf4e3",
        x=325,
        y=60,
        width=810,
        height=560,
        lines=(
            Value(of="pulumi:providers:aws fashion-wallet-aws$", path="region", text="region {}"),
            Count(of=r"aws:iam/role:", one="role of IAM", more="roles of IAM"),
        ),
    ),
    Place(
        title="VPC",
        colour="#fbe6c2",
        x=340,
        y=95,
        width=780,
        height=335,
        lines=(
            Value(of="aws:ec2/vpc:Vpc fashion-wallet-network-vpc$", path="cidrBlock", text="{}"),
            Count(of="aws:ec2/subnet:Subnet fashion-wallet-network-subnet", one="subnet", more="isolated subnets"),
            Count(of="aws:ec2/securityGroup:.*(network-groups|mongodb)", one="security group", more="security groups"),
        ),
    ),
    Place(title="MongoDB Atlas", colour="#e5f5e8", x=1165, y=60, width=295, height=420),
    Place(
        title="AWS, for recovery",
        colour="#f3ecf9",
        indent=100,
        x=325,
        y=680,
        width=1135,
        height=165,
        lines=(Value(of="pulumi:providers:aws fashion-wallet-aws-recovery$", path="region", text="{}"),),
    ),
    Place(
        title="VPC",
        colour="#e4d8f0",
        x=1165,
        y=695,
        width=280,
        height=135,
        lines=(
            Value(of="aws:ec2/vpc:Vpc fashion-wallet-network-recovery-vpc$", path="cidrBlock", text="{}"),
            Count(of="aws:ec2/subnet:Subnet .*-recovery-subnet", one="subnet", more="subnets"),
        ),
    ),
)

ARROWS: tuple[Arrow, ...] = (
    Arrow(user="proxy", used="primary", label="pooled", at=(738, 244), route=((730, 210), (730, 268))),
    Arrow(user="replicas", used="primary", label="WAL", at=(846, 336), route=((843, 343), (880, 343))),
    Arrow(user="rotation", used="primary", label="", at=(0, 0), route=((580, 343), (618, 343))),
    Arrow(user="rotation", used="secrets", label="new passwords", at=(432, 449), route=((540, 418), (540, 470))),
    Arrow(user="proxy", used="secrets", label="read", at=(562, 244), route=((599, 470), (599, 172), (618, 172))),
    Arrow(user="backup", used="primary", label="snapshots, WAL", at=(696, 449), route=((688, 418), (688, 470))),
    Arrow(user="backup", used="backup-copies", label="copies", at=(738, 660), route=((730, 600), (730, 725))),
    Arrow(user="buckets", used="buckets-copies", label="objects", at=(420, 660), route=((412, 600), (412, 725))),
    Arrow(user="keys-copies", used="keys", label="material", at=(897, 667), route=((889, 600), (889, 725))),
    Arrow(
        user="recovery",
        used="primary",
        label="WAL",
        at=(1290, 634),
        route=((809, 418), (809, 642), (1415, 642), (1415, 735)),
    ),
    Arrow(
        user="timescale", used="buckets", label="", at=(0, 0), route=((288, 205), (310, 205), (310, 500), (340, 500))
    ),
    Arrow(user="jobs", used="buckets", label="", at=(0, 0), route=((288, 550), (340, 550))),
    Arrow(user="mongodb", used="link", label="", at=(0, 0), route=((1105, 172), (1185, 172))),
)

IMPLIED: frozenset[tuple[str, str]] = frozenset(
    {
        # What is watched and what is dumped stands in the box, or is all of the region.
        ("watch", "primary"),
        ("watch", "timescale"),
        ("jobs", "mongodb"),
        ("jobs", "timescale"),
        ("alarms", "backup"),
        ("alarms", "proxy"),
        ("alarms", "replicas"),
        ("alarms-there", "backup-copies"),
        ("alarms-there", "recovery"),
        # A secret has the primary's address, and the primary's administrator has a secret.
        ("primary", "secrets"),
        ("secrets", "primary"),
        # Frames say it.
        ("link", "project"),
        ("keys", "project"),
        # All of that region is encrypted by its own keys.
        ("backup-copies", "keys-copies"),
        ("buckets", "keys-copies"),
    }
)
"""Dependencies that are not drawn, beside those on keys (they stand in the boxes) and those that follow from others."""
