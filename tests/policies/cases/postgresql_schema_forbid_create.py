"""Cases of postgresql-schema-forbid-create: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("Schema:avatar", "", {"owner": "wallet_admin", "@username": "another"}),
    ("Schema:avatar", "", {"owner": "", "@username": ""}),
    ("Grant:avatar-usage", "privileges", ["USAGE", "CREATE"]),
    ("Grant:avatar-usage", "privileges", ["create "]),
    ("Grant:avatar-usage", "privileges", ["ALL"]),
    ("Grant:avatar-usage", "privileges", ["all  privileges"]),
    ("Grant:avatar-usage", "privileges", ["CREATE", UNKNOWN]),
    ("Grant:migrations", "role", "avatar_service"),
    ("Grant:migrations", "role", "postgres_exporter"),
    ("DefaultPrivileges:avatar-tables", "", {"role": "app_user", "objectType": "schema", "privileges": ["CREATE"]}),
    ("DefaultPrivileges:avatar-tables", "", {"role": "app_user", "objectType": "database", "privileges": ["CREATE"]}),
    ("DefaultPrivileges:avatar-tables", "", {"objectType": UNSET, "privileges": ["CREATE"]}),
    ("Schema:avatar", "owner", "avatar_service"),
    ("Schema:avatar", "owner", ""),
    ("Schema:avatar", "policies", [{"role": "avatar_service", "create": True}]),
    ("Schema:avatar", "policies", [{"role": "avatar_service", "createWithGrant": True}]),
    ("Database:fashion-wallet", "owner", "design_service"),
]
PASSES: list[tuple[str, str, object]] = [
    ("Schema:avatar", "", {"owner": "wallet_admin", "@username": "wallet_admin"}),
    ("Grant:migrations", "objectType", "database"),
    ("Grant:avatar-usage", "", {"role": "app_user", "objectType": "table", "privileges": ["ALL"]}),
    ("Grant:avatar-usage", "privileges", []),
    ("Schema:avatar", "owner", UNSET),
    ("Schema:avatar", "policies", [{"role": "avatar_service", "usage": True}]),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Grant:avatar-usage", "privileges", UNKNOWN),
    ("Grant:avatar-usage", "privileges", ["USAGE", UNKNOWN]),
    ("DefaultPrivileges:avatar-tables", "", {"role": "app_user", "objectType": UNKNOWN, "privileges": ["CREATE"]}),
    ("Schema:avatar", "owner", UNKNOWN),
    ("Schema:avatar", "policies", [{"role": "avatar_service", "create": UNKNOWN}]),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("Grant:avatar-usage", "privileges", ["CREATE"], "role avatar_service is CREATE; allowed: CREATE for migration_r"),
]
