"""Cases of secret-require-rotation: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import AWAY, TAGS, arn, key

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
CERTIFICATE = {
    "arn": arn("secretsmanager", "secret:certificate"),
    "kmsKeyId": key("secrets"),
    "recoveryWindowInDays": 30,
    "replicas": [{"region": AWAY, "kmsKeyId": key("secrets", AWAY)}],
}
FIRES += [
    ("Secret:certificate", "", {**CERTIFICATE, "tags": {**TAGS, "RotatedBy": bad}}) for bad in (UNSET, "", " ", 0)
]
PASSES += [("Secret:certificate", "", {**CERTIFICATE, "tags": {**TAGS, "RotatedBy": "cert-manager"}})]
CANNOT_TELL += [("Secret:certificate", "", {**CERTIFICATE, "tags": {**TAGS, "RotatedBy": UNKNOWN}})]
