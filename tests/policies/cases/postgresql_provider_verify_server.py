"""Cases of postgresql-provider-verify-server: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("postgresql:postgres", "sslmode", "require"),
    ("postgresql:postgres", "sslmode", "verify-ca"),
    ("postgresql:postgres", "sslmode", "disable"),
    ("postgresql:postgres", "sslmode", ""),
    ("postgresql:postgres", "sslmode", UNSET),
]
PASSES: list[tuple[str, str, object]] = [
    ("postgresql:postgres", "host", UNKNOWN),
    ("postgresql:postgres", "sslrootcert", "/ca.crt"),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("postgresql:postgres", "sslmode", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("postgresql:postgres", "sslmode", UNSET, "sslmode is unset; allowed: verify-full."),
]
