"""Cases of postgresql-public-forbid-privileges: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("Grant:public", "privileges", ["USAGE"]),
    ("Grant:public", "privileges", ["USAGE", UNKNOWN]),
    ("Grant:public", "privileges", UNSET),
    ("Grant:public", "privileges", 0),
    ("Grant:public", "privileges", [0]),
    ("Grant:avatar-usage", "privileges", UNSET),
    ("Grant:avatar-usage", "role", "PUBLIC"),
    ("Grant:avatar-usage", "role", ""),
    ("Grant:avatar-usage", "role", UNSET),
    ("DefaultPrivileges:avatar-tables", "role", "public"),
    ("Schema:avatar", "policies", [{"usage": True}]),
    ("Schema:avatar", "policies", [{"role": "", "usage": True}]),
]
PASSES: list[tuple[str, str, object]] = [
    ("Grant:public", "role", "Public"),
    ("Grant:public", "objectType", "database"),
    ("Schema:avatar", "policies", []),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Grant:public", "privileges", UNKNOWN),
    ("Grant:public", "privileges", [UNKNOWN]),
    ("Grant:avatar-usage", "role", UNKNOWN),
    ("Schema:avatar", "policies", [{"role": UNKNOWN, "usage": True}]),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("Grant:public", "privileges", ["USAGE"], "privileges of role public is USAGE; allowed: nothing for PUBLIC"),
]
