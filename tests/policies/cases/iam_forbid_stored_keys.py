"""Cases of iam-forbid-stored-keys: resource, property, value."""

from policies.values import UNKNOWN

FIRES: list[tuple[str, str, object]] = [("User:backup", "name", "backup"), ("AccessKey:backup", "user", UNKNOWN)]
PASSES: list[tuple[str, str, object]] = [("Role:proxy", "name", "proxy")]
CANNOT_TELL: list[tuple[str, str, object]] = []
SAYS = [("User:backup", "name", "", "User backup: it is a user or a key that lasts; allowed: roles, taken by OIDC")]
