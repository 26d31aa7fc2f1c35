"""Cases of stateful-resource-require-protect: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    *(("Instance:postgres-primary", "@protect", bad) for bad in (False, UNSET)),
    ("Key:fashion-wallet-key-logs", "@protect", False),
    ("Vault:fashion-wallet-vault", "@protect", False),
    ("Bucket:fashion-wallet-bucket-dumps", "@protect", False),
]
PASSES: list[tuple[str, str, object]] = [
    ("Instance:postgres-replica-b", "@protect", False),
    ("LogGroup:postgres", "@protect", False),
    ("Instance:postgres-primary", "@protect", True),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Instance:postgres-replica-b", "", {"@protect": False, "replicateSourceDb": UNKNOWN})
]
SAYS = [("Instance:postgres-primary", "@protect", False, "option protect is false; allowed: true.")]
