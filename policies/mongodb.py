"""MongoDB's own roles that no role or user of the layer has, and the judgement of a list of roles."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.rule import Finding, Limit, Resource
from policies.values import UNKNOWN, UNSET, at, show

__all__ = ["FORBIDDEN_ROLES", "elevated_roles"]

_STRUCTURE: Final = "which also makes and drops collections and indexes"
_PASSWORDS: Final = "which reads every database, the hashes of all passwords included"
_GRANTS: Final = "which can give itself any other role"
_EVERY: Final = "which reaches every database"
_CLUSTER: Final = "which changes the servers and the replica set"

FORBIDDEN_ROLES: Final = Limit(
    name="forbiddenRoles",
    schema={"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
    default={
        "__queryableBackup": _PASSWORDS,
        "__system": "which may do anything, as the servers themselves",
        "atlasAdmin": _GRANTS,
        "backup": _PASSWORDS,
        "clusterAdmin": _CLUSTER,
        "clusterManager": _CLUSTER,
        "dbAdmin": _STRUCTURE,
        "dbAdminAnyDatabase": _STRUCTURE,
        "dbOwner": _GRANTS,
        "directShardOperations": _CLUSTER,
        "enableSharding": _STRUCTURE,
        "hostManager": _CLUSTER,
        "read": "which reads every collection of the database, those that come later too",
        "readAnyDatabase": _EVERY,
        "readWrite": _STRUCTURE,
        "readWriteAnyDatabase": _EVERY,
        "restore": "which writes every database, users and roles included",
        "root": "which may do anything",
        "userAdmin": _GRANTS,
        "userAdminAnyDatabase": _GRANTS,
    },
    meaning="Roles that are refused, by their name in whichever database, each with the reason that the message gives.",
)
"""MongoDB's built-in roles but `clusterMonitor`, which reads no documents and changes nothing."""


def elevated_roles(resource: Resource, forbidden: Mapping[str, str]) -> Iterator[Finding]:
    """Judge `roles` of a MongoRole (those that it includes) or of a MongoUser (those that it has)."""
    roles = at(resource.properties, "roles")
    if roles is UNSET:
        return
    if not isinstance(roles, list):
        yield _finding(resource, "roles", roles, forbidden)
        return
    for index, entry in enumerate(roles):
        role = UNKNOWN if entry is UNKNOWN else at(entry, "role")
        if not isinstance(role, str) or not role.strip() or role in forbidden:
            yield _finding(resource, f"roles[{index}].role", role, forbidden)


def _finding(resource: Resource, where: str, value: Any, forbidden: Mapping[str, str]) -> Finding:
    found = show(value, forbidden.__contains__)
    return Finding.judge(
        resource,
        where,
        value,
        found=f"{found}, {forbidden[value]}" if isinstance(value, str) and value in forbidden else found,
        allowed="a role of the program's own, with privileges on single collections",
    )
