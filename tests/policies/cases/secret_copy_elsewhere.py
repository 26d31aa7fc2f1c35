"""Cases of secret-copy-elsewhere: resource, property, value."""

from policies.values import UNKNOWN, UNSET

KEY = "arn:aws:kms:eu-west-1:123456789012:key/a"
FIRES: list[tuple[str, str, object]] = [
    ("Secret:avatar", "replicas", bad)
    for bad in (
        UNSET,
        [],
        "",
        0,
        [{}],
        [{"region": "eu-west-1"}],
        [{"region": "", "kmsKeyId": KEY}],
        [{"region": "eu-central-1", "kmsKeyId": KEY}],
    )
]
PASSES: list[tuple[str, str, object]] = [
    (
        "Secret:avatar",
        "replicas",
        [{"region": "eu-central-1", "kmsKeyId": KEY}, {"region": "eu-west-1", "kmsKeyId": KEY}],
    ),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    *(("Secret:avatar", "replicas", bad) for bad in (UNKNOWN, [UNKNOWN], [{"region": UNKNOWN, "kmsKeyId": KEY}])),
    ("Secret:avatar", "replicas", [{"region": "eu-west-1", "kmsKeyId": UNKNOWN}]),
    ("Secret:avatar", "@region", UNKNOWN),
]
SAYS = [
    (
        "Secret:avatar",
        "replicas",
        [],
        "replicas is without one in another region that has a key; allowed: a replica with",
    )
]
