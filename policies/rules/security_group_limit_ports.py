"""A security group lets in single ports, and not all of them."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import number, public_form
from policies.cloud import INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE
from policies.limits import most
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.security_groups import Opening, openings
from policies.values import UNKNOWN, UNSET, show

__all__ = ["RULE"]


_EVERY_PROTOCOL = ("-1", -1, "all")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the protocol and the range of ports of every way in that names addresses or a group."""
    for opening in openings(resource, "ingress"):
        yield from _judge(resource, opening, limits["maximumPorts"])


def _judge(resource: Resource, opening: Opening, most: int) -> Iterator[Finding]:
    prefix = f"{opening.where}." if opening.where else ""
    protocol, first, last = opening.protocol, number(opening.from_port), number(opening.to_port)
    if protocol is UNKNOWN or protocol is UNSET or protocol in _EVERY_PROTOCOL:
        where = f"{prefix}protocol"
        yield Finding.judge(resource, where, protocol, found=show(protocol, public_form), allowed="tcp, with its ports")
        return
    if first is None or last is None or first < 1 or not 0 <= last - first < most:
        unknown = UNKNOWN if UNKNOWN in (opening.from_port, opening.to_port) else opening.from_port
        found = f"{show(opening.from_port, public_form)} to {show(opening.to_port, public_form)}"
        allowed = f"a range of at most {most} ports"
        yield Finding.judge(resource, f"{prefix}ports", unknown, found=found, allowed=allowed)


RULE = ResourceRule(
    id="security-group-limit-ports",
    title="A security group lets in single ports, and not all of them.",
    severity=Severity.HIGH,
    reason="what listens beside the database, today or later, is open as well",
    fix="name the protocol and the port (5432), or the range that Atlas's private endpoint needs",
    spec=("6.1",),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    topic="network",
    limits=(
        most(
            "maximumPorts",
            64_512,
            "The widest range of ports; Atlas's private endpoint takes 1024 to 65535.",
            minimum=1,
            maximum=65_535,
        ),
    ),
    absent="An unset protocol or port is a violation.",
    example=Example(refused='ip_protocol="-1"', taken='ip_protocol="tcp", from_port=5432, to_port=5432'),
    types=(INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE),
    check=check,
)
