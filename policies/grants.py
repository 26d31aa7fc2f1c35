"""Who gets which privileges, read alike from Grant, DefaultPrivileges and Schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.rule import Resource
from policies.values import UNKNOWN, UNSET, at, is_true
from policies.wire import SCHEMA

__all__ = ["CREATING", "PRIVILEGES", "PUBLIC", "Granted", "granted_by", "role_name"]

PUBLIC = "public"
CREATING = frozenset({"CREATE", "ALL", "ALL PRIVILEGES"})
PRIVILEGES = CREATING | {
    *("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"),
    *("CONNECT", "TEMPORARY", "TEMP", "EXECUTE", "USAGE", "SET"),
}

_SCHEMA_SWITCHES = {"create": "CREATE", "createWithGrant": "CREATE", "usage": "USAGE", "usageWithGrant": "USAGE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Privileges of one role on one kind of object.

    `role` and `object_type` are texts in lower case, or the absent value. `privileges` are those that are named, in
    upper case; `unknown` says that there may be more, `malformed` that the list is unset or holds what is no text.
    """

    where: str
    role: Any
    object_type: Any
    privileges: tuple[str, ...]
    unknown: bool = False
    malformed: bool = False

    @property
    def to_public(self) -> bool:
        """Whether PUBLIC gets them; an unset or empty role counts as PUBLIC."""
        return self.role is UNSET or self.role in {PUBLIC, ""}


def granted_by(resource: Resource) -> Iterator[Granted]:
    """Yield what a Grant, a DefaultPrivileges or a Schema (its `policies`) gives to whom."""
    if resource.type == SCHEMA:
        yield from _schema_policies(resource)
        return
    wanted = at(resource.properties, "privileges")
    entries = wanted if isinstance(wanted, list) else []
    yield Granted(
        where="privileges",
        role=_lower(at(resource.properties, "role")),
        object_type=_lower(at(resource.properties, "objectType")),
        privileges=tuple(" ".join(entry.upper().split()) for entry in entries if isinstance(entry, str)),
        unknown=wanted is UNKNOWN or UNKNOWN in entries,
        malformed=(wanted is not UNKNOWN and not isinstance(wanted, list))
        or any(entry is not UNKNOWN and not isinstance(entry, str) for entry in entries),
    )


def _schema_policies(resource: Resource) -> Iterator[Granted]:
    """The provider's older way, on the schema itself; there, a policy without a role is for PUBLIC."""
    policies = at(resource.properties, "policies")
    if policies is UNKNOWN:
        yield Granted(where="policies", role=UNKNOWN, object_type="schema", privileges=(), unknown=True)
    for index, policy in enumerate(policies if isinstance(policies, list) else []):
        values = {name: at(policy, name) for name in _SCHEMA_SWITCHES}
        yield Granted(
            where=f"policies[{index}]",
            role=_lower(at(policy, "role")),
            object_type="schema",
            privileges=tuple(sorted({_SCHEMA_SWITCHES[name] for name, value in values.items() if is_true(value)})),
            unknown=UNKNOWN in values.values(),
        )


def _lower(value: Any) -> Any:
    """Return a text in lower case; what is neither a text nor unknown counts as unset."""
    if isinstance(value, str):
        return value.strip().lower()
    return UNKNOWN if value is UNKNOWN else UNSET


def role_name(resource: Resource) -> str:
    """Return the role's name in the database: `name`, else the resource's own name (the provider's default)."""
    name = at(resource.properties, "name")
    return name if isinstance(name, str) and name else resource.name
