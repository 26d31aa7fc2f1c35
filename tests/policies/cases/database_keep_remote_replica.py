"""Cases of database-keep-remote-replica: resource, property, value."""

from policies.values import UNKNOWN

R = "Instance:postgres-recovery"
FIRES: list[tuple[str, str, object]] = [(R, "@region", "eu-central-1")]
PASSES: list[tuple[str, str, object]] = [(R, "@region", "eu-north-1"), (R, "region", "us-east-1")]
CANNOT_TELL: list[tuple[str, str, object]] = [(R, "@region", UNKNOWN)]
SAYS = [
    (R, "@region", "eu-central-1", "Instance postgres-primary: its replica in another region is not there; allowed: an")
]
CANNOT_TELL += [(R, "replicateSourceDb", UNKNOWN)]
