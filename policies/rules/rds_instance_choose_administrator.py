"""The administrator on RDS has no name that is tried first."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import RDS_INSTANCE, is_replica
from policies.limits import names
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the user's name; a replica has its source's."""
    replica, name = is_replica(resource), resource.at("username")
    if replica is True:
        return
    if not isinstance(name, str) or not name.strip() or name.strip().lower() in limits["refused"]:
        unknown = UNKNOWN if UNKNOWN in (replica, name) else name
        allowed = "a name of one's own, none of " + ", ".join(limits["refused"])
        yield Finding.judge(resource, "username", unknown, found=show(name, public_form), allowed=allowed)


RULE = ResourceRule(
    id="rds-instance-choose-administrator",
    title="The administrator on RDS has no name that is tried first.",
    severity=Severity.MEDIUM,
    reason="who guesses passwords begins with these names, and the name cannot be changed later",
    fix="set fashion-wallet:cloud rds.masterUsername",
    spec=("6.1.1",),
    frameworks=("AWS Security Hub RDS.25",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateDBInstance.html",
    topic="relational database",
    limits=(
        names(
            "refused",
            ["admin", "administrator", "master", "postgres", "rdsadmin", "root", "user"],
            "The names that are refused, in small letters.",
        ),
    ),
    absent="Unset and empty are violations; a replica has its source's administrator.",
    example=Example(refused='username="postgres"', taken='username="fashion_wallet_admin"'),
    types=(RDS_INSTANCE,),
    check=check,
)
