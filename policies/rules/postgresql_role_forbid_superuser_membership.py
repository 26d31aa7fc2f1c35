"""No role becomes a superuser by way of a membership."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, at, show
from policies.wire import GRANT_ROLE, ROLE

__all__ = ["RULE"]


def _memberships(resource: Resource) -> Iterator[tuple[str, Any]]:
    if resource.type == GRANT_ROLE:
        yield "grantRole", at(resource.properties, "grantRole")
        return
    roles = at(resource.properties, "roles")
    if isinstance(roles, list):
        yield from ((f"roles[{index}]", role) for index, role in enumerate(roles))
    elif roles is UNKNOWN:
        yield "roles", UNKNOWN


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the role that a GrantRole grants and those that a Role lists in `roles`."""
    forbidden = {name.lower() for name in limits["superuserRoles"]}
    for where, role in _memberships(resource):
        if isinstance(role, str) and role and role.strip().lower() not in forbidden:
            continue
        yield Finding.judge(
            resource,
            where,
            role,
            found="unset" if role is UNSET else show(role, lambda text: text.strip().lower() in forbidden),
            allowed="a role that is no superuser and cannot become one",
        )


RULE = ResourceRule(
    id="postgresql-role-forbid-superuser-membership",
    title="No role is a member of a superuser role.",
    severity=Severity.CRITICAL,
    reason="a member may `SET ROLE` to it; the pg_ roles listed run programs and touch files on the server",
    fix="grant one of the project's own group roles (app_user, app_readonly, app_readwrite, app_admin) instead",
    spec=("6.1.1",),
    frameworks=("CIS PostgreSQL Benchmark: predefined roles are used, never a superuser",),
    link="https://www.postgresql.org/docs/current/predefined-roles.html",
    limits=(
        Limit(
            name="superuserRoles",
            schema={"type": "array", "items": {"type": "string", "minLength": 1}},
            default=[
                "postgres",
                "rds_superuser",
                "rdsadmin",
                "pg_execute_server_program",
                "pg_read_server_files",
                "pg_write_server_files",
            ],
            meaning="Roles nobody may be a member of. Add here whatever superuser the attributes' rule allows.",
        ),
    ),
    absent="A GrantRole without `grantRole` is a violation; a Role without `roles` is not.",
    types=(GRANT_ROLE, ROLE),
    example=Example(refused='grant_role="rds_superuser"', taken='grant_role="app_readwrite"'),
    check=check,
)
