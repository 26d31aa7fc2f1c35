"""Only the role that runs migrations makes objects."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.grants import CREATING, Granted, granted_by
from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, at, identifier, show
from policies.wire import DEFAULT_PRIVILEGES, GRANT, POSTGRESQL_DATABASE, SCHEMA

__all__ = ["RULE"]

_PLACES = frozenset({"schema", "database"})


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge who may create: by a grant, by a default privilege, or by owning the schema or database."""
    if resource.type in {SCHEMA, POSTGRESQL_DATABASE}:
        yield from _owner(resource, [*limits["owners"], *_administrator(resource)])
    if resource.type != POSTGRESQL_DATABASE:
        for granted in granted_by(resource):
            yield from _grant(resource, granted, limits["creators"])


def _administrator(resource: Resource) -> list[str]:
    """Return who the provider logs in as: who makes a database may own it."""
    name = at(resource.provider.properties, "username") if resource.provider else UNSET
    return [name] if isinstance(name, str) and name else []


def _owner(resource: Resource, owners: list[str]) -> Iterator[Finding]:
    owner = at(resource.properties, "owner")
    if owner is not UNSET and owner not in owners:
        yield Finding.judge(
            resource, "owner", owner, found=show(owner, identifier), allowed=" or ".join(owners) or "unset"
        )


def _grant(resource: Resource, granted: Granted, creators: list[str]) -> Iterator[Finding]:
    place, role = granted.object_type, granted.role
    if (isinstance(place, str) and place and place not in _PLACES) or role in {name.lower() for name in creators}:
        return
    creating = [one for one in granted.privileges if one in CREATING]
    if creating or granted.unknown:
        yield Finding(
            resource=resource,
            where=f"{granted.where} of role {show(role, identifier)}",
            found=", ".join(creating),
            allowed=f"CREATE for {' and '.join(creators) or 'nobody'} only",
            cannot_tell=not creating or UNKNOWN in {place, role},
        )


RULE = ResourceRule(
    id="postgresql-schema-forbid-create",
    title="Services may not create objects: not in schema public, nor in any schema or database.",
    severity=Severity.HIGH,
    reason="who creates in a schema can put an object in front of another's, and objects escape the migrations",
    fix="leave CREATE out of the privileges (USAGE is enough to use a schema) and let migrations make the objects",
    spec=("3.2.1", "6.1.1"),
    frameworks=("CVE-2018-1058: schema public writable by everybody",),
    link="https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATTERNS",
    limits=(
        Limit(
            name="creators",
            schema={"type": "array", "items": {"type": "string", "minLength": 1}},
            default=["migration_runner"],
            meaning="Roles that may be granted CREATE.",
        ),
        Limit(
            name="owners",
            schema={"type": "array", "items": {"type": "string", "minLength": 1}},
            default=["postgres"],
            meaning="Roles that may own a schema or database beside the provider's user; an owner may create in it.",
        ),
    ),
    absent="An unset owner is allowed: it is then the provider's user.",
    types=(GRANT, DEFAULT_PRIVILEGES, SCHEMA, POSTGRESQL_DATABASE),
    example=Example(
        refused='role="avatar_service", privileges=["USAGE", "CREATE"]',
        taken='role="avatar_service", privileges=["USAGE"]',
    ),
    check=check,
)
