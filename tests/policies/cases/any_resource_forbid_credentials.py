"""Cases of any-resource-forbid-credentials: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.names import secret

FIRES: list[tuple[str, str, object]] = [
    ("LogGroup:postgres", "tags.Owner", "AKIA" + "ABCDEFGHIJKLMNOP"),
    ("Schema:avatar", "comment", "postgres" + "://app:hunter2@db:5432/x"),
    ("Role:proxy", "description", ["-----BEGIN " + "RSA PRIVATE KEY-----"]),
    ("LogGroup:postgres", "name", "ghp_" + "a" * 36),
]
PASSES: list[tuple[str, str, object]] = [
    ("Schema:avatar", "comment", secret("postgres" + "://app:hunter2@db:5432/x")),
    ("Schema:avatar", "comment", "postgres://app:${PASSWORD}@db:5432/x and https://example.com/a:b"),
    ("Schema:avatar", "comment", UNKNOWN),
]
CANNOT_TELL: list[tuple[str, str, object]] = []
SAYS = [
    (
        "LogGroup:postgres",
        "tags.Owner",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "tags.Owner is a key id of AWS; allowed: no credential",
    )
]
