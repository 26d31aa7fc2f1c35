"""Cases of s3-bucket-keep-versions: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("BucketVersioning:dumps", "", UNSET),
    *(("BucketVersioning:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
    *(("BucketVersioning:dumps", "versioningConfiguration.status", bad) for bad in (UNSET, "", 0, "Suspended")),
]
PASSES: list[tuple[str, str, object]] = [("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("BucketVersioning:dumps", "bucket", UNKNOWN),
    ("BucketVersioning:dumps", "versioningConfiguration", UNKNOWN),
]
SAYS = [
    (
        "BucketVersioning:dumps",
        "",
        UNSET,
        "Bucket fashion-wallet-bucket-dumps: its versions is not there, or not enough; allowed: ",
    )
]
