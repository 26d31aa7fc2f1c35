"""No user of MongoDB has one of its own roles, which all reach further than a service needs."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.mongodb import FORBIDDEN_ROLES, elevated_roles
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.wire import MONGO_USER

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge `roles`."""
    return elevated_roles(resource, limits["forbiddenRoles"])


RULE = ResourceRule(
    id="mongo-user-forbid-elevated-roles",
    title="No user of MongoDB has an elevated role.",
    severity=Severity.CRITICAL,
    reason="such a user is not bound to single collections, so one leaked password opens all of them, or the servers",
    fix="give the user a role of components/mongodb/access.py, or add one there that allows what is missing",
    spec=("6.1.1",),
    frameworks=("CIS MongoDB Benchmark: administrative roles are given to nobody who can do without",),
    link="https://www.mongodb.com/docs/manual/reference/built-in-roles/",
    limits=(FORBIDDEN_ROLES,),
    absent="Unset or empty `roles` are allowed: such a user may do nothing. An entry whose `role` is unset or empty is "
    "a violation.",
    types=(MONGO_USER,),
    example=Example(
        refused='roles=[{"role": "root", "database": "admin"}]',
        taken='roles=[{"role": "design_service", "database": "admin"}]',
    ),
    check=check,
)
