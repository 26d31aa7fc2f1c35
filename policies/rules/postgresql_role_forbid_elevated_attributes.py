"""No role has an attribute that goes around grants and row-level security."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.grants import role_name
from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNSET, at, identifier, show
from policies.wire import ROLE

__all__ = ["RULE"]

_ATTRIBUTES = ("superuser", "createRole", "createDatabase", "replication", "bypassRowLevelSecurity")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge each attribute; anything but false or unset counts as on."""
    allowed = limits["allowed"].get(role_name(resource), [])
    for attribute in _ATTRIBUTES:
        value = at(resource.properties, attribute)
        off = value is UNSET or value is False or (isinstance(value, str) and value.strip().lower() == "false")
        if not off and attribute not in allowed:
            yield Finding.judge(resource, attribute, value, found=show(value, identifier), allowed="false")


RULE = ResourceRule(
    id="postgresql-role-forbid-elevated-attributes",
    title="No role is a superuser or may create roles or databases, replicate, or bypass row-level security.",
    severity=Severity.CRITICAL,
    reason="such a role is not bound by grants or row-level security, so one leaked password opens every schema",
    fix="remove the attribute and grant what the role needs; where it must stay, name role and attribute in the "
    "rule's `allowed`",
    spec=("6.1.1", "6.1.2"),
    frameworks=("CIS PostgreSQL Benchmark: excessive administrative privileges are revoked",),
    link="https://www.postgresql.org/docs/current/role-attributes.html",
    limits=(
        Limit(
            name="allowed",
            schema={
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "string", "enum": list(_ATTRIBUTES)}},
            },
            default={},
            meaning="Attributes a role may have, by the role's name in the database.",
        ),
    ),
    absent="Unset is allowed: the provider's default for each attribute is false.",
    types=(ROLE,),
    example=Example(refused="superuser=True", taken="superuser=False"),
    check=check,
)
