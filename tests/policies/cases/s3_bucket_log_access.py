"""Cases of s3-bucket-log-access: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    *(("BucketLogging:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
]
PASSES: list[tuple[str, str, object]] = [("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("BucketLogging:dumps", "bucket", UNKNOWN)]
SAYS = [
    (
        "BucketLogging:dumps",
        "bucket",
        "another",
        "Bucket fashion-wallet-bucket-dumps: its access log is not there, or not enough; allowed: ",
    )
]
CANNOT_TELL += [("BucketLogging:dumps", "targetBucket", UNKNOWN)]
