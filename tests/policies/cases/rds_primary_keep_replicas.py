"""Cases of rds-primary-keep-replicas: resource, property, value."""

from policies.values import UNKNOWN, UNSET

B = "Instance:postgres-replica-b"
FIRES: list[tuple[str, str, object]] = [
    *((B, "availabilityZone", bad) for bad in (UNSET, "", "eu-central-1c", 0)),
    (B, "@region", "eu-west-1"),
]
PASSES: list[tuple[str, str, object]] = [(B, "availabilityZone", "eu-central-1a")]
CANNOT_TELL: list[tuple[str, str, object]] = [(B, "availabilityZone", UNKNOWN), (B, "replicateSourceDb", UNKNOWN)]
SAYS = [
    (B, "availabilityZone", "eu-central-1c", "the number of its replicas in zones of their own is 1 (of 3 replicas);")
]
LIMITS = [("minimum", 1, (B, "availabilityZone", "eu-central-1c")), ("minimum", 3, None)]
CANNOT_TELL += [(B, "@region", UNKNOWN)]
