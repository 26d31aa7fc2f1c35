"""No user of Atlas has one of MongoDB's own wide roles."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import ATLAS_USER
from policies.limits import choice
from policies.mongodb import FORBIDDEN_ROLES
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge each role that the user has, but of the one that makes collections and indexes."""
    name = resource.at("username")
    if isinstance(name, str) and name in limits["administrators"]:
        return
    roles = resource.at("roles")
    for index, entry in enumerate(roles if isinstance(roles, list) and roles else [roles]):
        role = UNKNOWN if entry is UNKNOWN else at(entry, "roleName")
        if isinstance(role, str) and role.strip() and role not in limits["forbiddenRoles"]:
            continue
        unknown = UNKNOWN if UNKNOWN in (role, name) else role
        where = f"roles[{index}].roleName"
        allowed = "a role of the program's own, with privileges on single collections"
        yield Finding.judge(resource, where, unknown, found=show(role, public_form), allowed=allowed)


RULE = ResourceRule(
    id="atlas-user-forbid-elevated-roles",
    title="No user of Atlas has one of MongoDB's own wide roles.",
    severity=Severity.CRITICAL,
    reason="such a role reaches every collection, those that come later too, so one leaked password opens everything",
    fix="give the user the custom role of its service (components/mongodb/access.py)",
    spec=("6.1.1",),
    link="https://www.mongodb.com/docs/atlas/mongodb-users-roles-and-privileges/",
    topic="documents",
    limits=(
        FORBIDDEN_ROLES,
        choice("administrators", ["provisioner"], "Users that may have wide roles: who makes collections and indexes."),
    ),
    absent="No roles, and an empty one, are violations.",
    example=Example(refused='roles=[{"roleName": "atlasAdmin"}]', taken='roles=[{"roleName": "design_service"}]'),
    types=(ATLAS_USER,),
    check=check,
)
