"""Cases of postgresql-role-forbid-elevated-attributes: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("Role:avatar-service", "superuser", True),
    ("Role:avatar-service", "superuser", "true"),
    ("Role:avatar-service", "superuser", ""),
    ("Role:avatar-service", "createRole", True),
    ("Role:avatar-service", "createDatabase", True),
    ("Role:avatar-service", "replication", True),
    ("Role:avatar-service", "bypassRowLevelSecurity", 1),
]
PASSES: list[tuple[str, str, object]] = [
    ("Role:avatar-service", "superuser", UNSET),
    ("Role:avatar-service", "superuser", "false"),
    ("Role:avatar-service", "createRole", False),
    ("Role:avatar-service", "inherit", True),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Role:avatar-service", "superuser", UNKNOWN),
    ("Role:avatar-service", "bypassRowLevelSecurity", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("Role:avatar-service", "createRole", True, "Role avatar-service: createRole is true; allowed: false."),
]
