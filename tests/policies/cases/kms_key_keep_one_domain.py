"""Cases of kms-key-keep-one-domain: resource, property, value."""

from policies.values import UNKNOWN

LOGS = "LogGroup:postgres"
FIRES: list[tuple[str, str, object]] = [
    (LOGS, "kmsKeyId", "arn:aws:kms:eu-central-1:123456789012:key/mrk-secrets"),
    (LOGS, "kmsKeyId", "mrk-relational"),
]
PASSES: list[tuple[str, str, object]] = [(LOGS, "kmsKeyId", "arn:aws:kms:eu-central-1:123456789012:key/another")]
CANNOT_TELL: list[tuple[str, str, object]] = [(LOGS, "kmsKeyId", UNKNOWN)]
SAYS = [
    (
        LOGS,
        "kmsKeyId",
        "mrk-secrets",
        "Secret avatar: kmsKeyId is the key of logs too; allowed: a key for secrets alone.",
    )
]
