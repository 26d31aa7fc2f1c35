"""Cases of secret-values-require-mark: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret

ROLE = "Role:avatar-service"
FIRES: list[tuple[str, str, object]] = [
    (ROLE, "password", "a password in clear"),
    ("MongoUser:design-service", "password", "a password in clear"),
    ("Instance:postgres-primary", "password", "a password in clear"),
    ("SecretVersion:avatar", "secretString", "a password in clear"),
    ("DatabaseUser:design-service", "password", "a password in clear"),
    ("Secret:object-store", "stringData", {"key": "a password in clear"}),
]
PASSES: list[tuple[str, str, object]] = [
    *((ROLE, "password", good) for good in (UNSET, "", secret("a password"), UNKNOWN, secret(UNKNOWN))),
    ("SecretVersion:avatar", "secretString", secret("a password")),
    ("Secret:object-store", "stringData", secret({"key": "a password"})),
]
CANNOT_TELL: list[tuple[str, str, object]] = []
SAYS = [
    (ROLE, "password", "a password in clear", "Role avatar-service: password is a value in clear; allowed: a value")
]
