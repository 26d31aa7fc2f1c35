"""Cases of kms-key-require-policy: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [("Key:fashion-wallet-key-logs", "policy", bad) for bad in (UNSET, "")]
PASSES: list[tuple[str, str, object]] = [
    ("Key:fashion-wallet-key-documents", "", {"policy": UNSET, "keyId": "mrk-documents"})
]
CANNOT_TELL: list[tuple[str, str, object]] = [("Key:fashion-wallet-key-logs", "policy", UNKNOWN)]
SAYS = [
    (
        "Key:fashion-wallet-key-logs",
        "policy",
        UNSET,
        "Key fashion-wallet-key-logs: its policy is not there, or not enough; allowed: a",
    )
]
