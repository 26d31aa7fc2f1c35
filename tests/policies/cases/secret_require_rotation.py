"""Cases of secret-require-rotation: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("SecretRotation:avatar", "", UNSET),
    *(("SecretRotation:avatar", "secretId", bad) for bad in (UNSET, "", "another")),
]
PASSES: list[tuple[str, str, object]] = [("Secret:avatar", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("SecretRotation:avatar", "secretId", UNKNOWN)]
SAYS = [
    (
        "SecretRotation:avatar",
        "",
        UNSET,
        "Secret avatar: its rotation is not there, or not enough; allowed: a SecretRotation",
    )
]
