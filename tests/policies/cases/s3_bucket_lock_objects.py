"""Cases of s3-bucket-lock-objects: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("BucketObjectLockConfiguration:dumps", "", UNSET),
    *(("BucketObjectLockConfiguration:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
]
PASSES: list[tuple[str, str, object]] = [("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("BucketObjectLockConfiguration:dumps", "bucket", UNKNOWN)]
SAYS = [
    (
        "BucketObjectLockConfiguration:dumps",
        "",
        UNSET,
        "Bucket fashion-wallet-bucket-dumps: its lock of objects is not there, or not enough; allowed: ",
    )
]
