"""Cases of patroni-member-enable-checksums: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "dataChecksums", False),
    ("PatroniMember:postgres-1", "dataChecksums", UNSET),
    ("PatroniMember:postgres-1", "dataChecksums", 0),
    ("PatroniMember:postgres-1", "dataChecksums", 1),
    ("PatroniMember:postgres-1", "dataChecksums", ""),
    ("PatroniMember:timescale-1", "dataChecksums", "false"),
]
PASSES: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "dataChecksums", "true"),
    ("PatroniCluster:postgres", "dataChecksums", False),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("PatroniMember:postgres-1", "dataChecksums", UNKNOWN),
]
SAYS: list[tuple[str, str, object, str]] = [
    ("PatroniMember:postgres-1", "dataChecksums", False, "dataChecksums is false; allowed: true."),
]
