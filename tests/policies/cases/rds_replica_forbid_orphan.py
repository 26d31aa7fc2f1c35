"""Cases of rds-replica-forbid-orphan: resource, property, value."""

from policies.values import UNKNOWN

R = "Instance:postgres-replica-d"
FIRES: list[tuple[str, str, object]] = [
    (R, "replicateSourceDb", bad) for bad in ("fashion-wallet-old", 0, "arn:aws:rds:a:b:db:c")
]
PASSES: list[tuple[str, str, object]] = [(R, "replicateSourceDb", "fashion-wallet-prod-b")]
CANNOT_TELL: list[tuple[str, str, object]] = [(R, "replicateSourceDb", UNKNOWN)]
SAYS = [
    (
        R,
        "replicateSourceDb",
        "fashion-wallet-old",
        "replicateSourceDb is fashion-wallet-old, which is no instance of the",
    )
]
