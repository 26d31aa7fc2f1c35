"""PUBLIC, that is every role there is and will be, has no privilege."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.grants import PRIVILEGES, PUBLIC, granted_by
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, show
from policies.wire import DEFAULT_PRIVILEGES, GRANT, SCHEMA

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge grants to PUBLIC; an empty list is right, as it revokes."""
    for granted in granted_by(resource):
        if granted.malformed:
            yield Finding(
                resource=resource,
                where=granted.where,
                found=show(at(resource.properties, "privileges"), PRIVILEGES.__contains__),
                allowed="a list of privileges, empty to revoke",
            )
        elif (granted.to_public or granted.role is UNKNOWN) and (granted.privileges or granted.unknown):
            yield Finding(
                resource=resource,
                where=f"{granted.where} of role {PUBLIC if granted.to_public else 'not known yet'}",
                found=", ".join(show(one, PRIVILEGES.__contains__) for one in granted.privileges),
                allowed="nothing for PUBLIC (an empty list)",
                cannot_tell=not granted.to_public or not granted.privileges,
            )


RULE = ResourceRule(
    id="postgresql-public-forbid-privileges",
    title="PUBLIC has no privileges.",
    severity=Severity.HIGH,
    reason="what PUBLIC may do every role may do, those added later included, so least privilege ends there",
    fix="grant to the role that needs it, and keep for PUBLIC only a Grant with privileges=[], which revokes",
    spec=("6.1.1",),
    link="https://www.postgresql.org/docs/current/ddl-priv.html",
    absent="An empty list is right, as it revokes. An unset list, and a list for an unset role, are violations.",
    types=(GRANT, DEFAULT_PRIVILEGES, SCHEMA),
    example=Example(refused='role="public", privileges=["CONNECT"]', taken='role="public", privileges=[] # revokes'),
    check=check,
)
