"""Who may do what inside a database: one table each for the relational and the time-series one.

`access.py` makes the roles and grants of a table, `access_reference.py` its page; nobody else gives a privilege. Each
(role, schema) has one line, so each privilege has one owner.
"""

from collections import Counter
from dataclasses import dataclass

from settings.derived import SERVICES

__all__ = ["CREATOR", "OWNER", "POSTGRES", "TIMESCALE", "AccessTable", "DatabaseAccess", "Role", "SchemaAccess"]

OWNER = "postgres"
"""Owns databases and schemas; nobody logs in as it but the administrator."""
CREATOR = "migration_runner"
"""Makes every table, sequence and function, so that default privileges can name it."""

_READ = ("SELECT",)
_WRITE = ("SELECT", "INSERT", "UPDATE", "DELETE")
_NUMBERS = ("USAGE", "SELECT")
_CALL = ("EXECUTE",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A role, and the groups it belongs to; one that logs in has a generated password."""

    name: str
    purpose: str
    login: bool = False
    member_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseAccess:
    """What a role may do with the database itself."""

    role: str
    privileges: tuple[str, ...] = ("CONNECT",)


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaAccess:
    """What a role may do in a schema: on the schema, and on what `CREATOR` makes in it, now and later."""

    role: str
    schema: str
    on_schema: tuple[str, ...] = ("USAGE",)
    table: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    function: tuple[str, ...] = ()

    def on_objects(self) -> dict[str, tuple[str, ...]]:
        """Return the privileges by type of object, without the types on which there are none."""
        every = {"table": self.table, "sequence": self.sequence, "function": self.function}
        return {kind: privileges for kind, privileges in every.items() if privileges}


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessTable:
    """Everything about access to one database.

    Raises:
        ValueError: a line twice, a role or schema that is not declared, or a group after its member.
    """

    schemas: tuple[str, ...]
    roles: tuple[Role, ...]
    """Groups before their members."""
    on_database: tuple[DatabaseAccess, ...]
    in_schemas: tuple[SchemaAccess, ...]

    def __post_init__(self) -> None:
        """Check that the table is whole."""
        known: set[str] = set()
        for role in self.roles:
            if missing := set(role.member_of) - known:
                raise ValueError(f"role {role.name}: got groups {sorted(missing)} that are not declared before it")
            known.add(role.name)
        keys: list[tuple[str, str]] = [("role", role.name) for role in self.roles]
        keys += [("database", line.role) for line in self.on_database]
        keys += [(line.role, line.schema) for line in self.in_schemas]
        if twice := [key for key, count in Counter(keys).items() if count > 1]:
            raise ValueError(f"access table: got {twice} more than once; allowed is one line each; merge them")
        used_roles = {line.role for line in self.on_database} | {line.role for line in self.in_schemas}
        used_schemas = {line.schema for line in self.in_schemas}
        if unknown := (used_roles - known) | (used_schemas - {*self.schemas, "public"}):
            raise ValueError(f"access table: got {sorted(unknown)}, which it does not declare; declare or remove them")

    @property
    def logins(self) -> tuple[str, ...]:
        """Names of the roles that log in with a password."""
        return tuple(role.name for role in self.roles if role.login)


def _groups() -> tuple[Role, ...]:
    return (
        Role(name="app_user", purpose="what every user of the application shares; owns nothing"),
        Role(name="app_readonly", purpose="people and reports that only read", member_of=("app_user",)),
        Role(name="app_readwrite", purpose="what every service shares", member_of=("app_user",)),
        Role(name="app_admin", purpose="people who mend data", member_of=("app_user",)),
    )


def _logins() -> tuple[Role, ...]:
    return (
        Role(name=CREATOR, purpose="runs migrations; owns what they make", login=True),
        *(
            Role(name=name, purpose="a service", login=True, member_of=("app_user", "app_readwrite"))
            for name in SERVICES
        ),
        Role(name="operator", purpose="the user of the stack's own URLs", login=True, member_of=("app_admin",)),
    )


_ON_DATABASE = (
    DatabaseAccess(role="app_user"),
    DatabaseAccess(role="app_readonly"),
    DatabaseAccess(role="app_readwrite"),
    DatabaseAccess(role="app_admin"),
    DatabaseAccess(role=CREATOR, privileges=("CONNECT", "TEMPORARY")),
)

_SCHEMAS = ("shared", "avatar", "catalog", "design", "audit", "analytics")
_OPEN_SCHEMAS = tuple(schema for schema in _SCHEMAS if schema != "audit")


def _all(role: str, schema: str) -> SchemaAccess:
    return SchemaAccess(role=role, schema=schema, table=_WRITE, sequence=_NUMBERS, function=_CALL)


def _creates(*schemas: str) -> tuple[SchemaAccess, ...]:
    return tuple(SchemaAccess(role=CREATOR, schema=schema, on_schema=("USAGE", "CREATE")) for schema in schemas)


POSTGRES = AccessTable(
    schemas=_SCHEMAS,
    roles=(*_groups(), *_logins()),
    on_database=_ON_DATABASE,
    in_schemas=(
        # Functions and operators of extensions live in public; shared is open to look into, table by table.
        SchemaAccess(role="app_user", schema="public"),
        SchemaAccess(role="app_user", schema="shared"),
        *(SchemaAccess(role="app_readonly", schema=schema, table=_READ) for schema in _OPEN_SCHEMAS),
        SchemaAccess(role="app_readwrite", schema="shared", table=_READ),
        *(_all("app_admin", schema) for schema in _OPEN_SCHEMAS),
        SchemaAccess(role="app_admin", schema="audit", table=_READ),
        *_creates(*_SCHEMAS, "public"),
        *(_all(service, service.removesuffix("_service")) for service in SERVICES),
    ),
)

TIMESCALE = AccessTable(
    schemas=("analytics",),
    roles=(*_groups(), *_logins()),
    on_database=_ON_DATABASE,
    in_schemas=(
        SchemaAccess(role="app_user", schema="public"),
        SchemaAccess(role="app_readonly", schema="analytics", table=_READ),
        # Services record what happened; they never rewrite it.
        SchemaAccess(role="app_readwrite", schema="analytics", table=("SELECT", "INSERT"), sequence=_NUMBERS),
        _all("app_admin", "analytics"),
        *_creates("analytics", "public"),
    ),
)
