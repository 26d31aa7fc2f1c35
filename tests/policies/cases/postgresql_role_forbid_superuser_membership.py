"""Cases of postgresql-role-forbid-superuser-membership: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("GrantRole:avatar-service", "grantRole", "postgres"),
    ("GrantRole:avatar-service", "grantRole", "Postgres "),
    ("GrantRole:avatar-service", "grantRole", "pg_write_server_files"),
    ("GrantRole:avatar-service", "grantRole", "rds_superuser"),
    ("GrantRole:avatar-service", "grantRole", ""),
    ("GrantRole:avatar-service", "grantRole", UNSET),
    ("Role:avatar-service", "roles", ["app_user", "postgres"]),
    ("Role:avatar-service", "roles", [""]),
]
PASSES: list[tuple[str, str, object]] = [
    ("GrantRole:avatar-service", "grantRole", "app_readwrite"),
    ("Role:avatar-service", "roles", []),
    ("Role:avatar-service", "roles", ["app_user"]),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("GrantRole:avatar-service", "grantRole", UNKNOWN),
    ("Role:avatar-service", "roles", UNKNOWN),
    ("Role:avatar-service", "roles", ["app_user", UNKNOWN]),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("Role:avatar-service", "roles", ["app_user", "postgres"], "roles[1] is postgres; allowed: a role that is no"),
]
