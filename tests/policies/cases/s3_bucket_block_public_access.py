"""Cases of s3-bucket-block-public-access: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("BucketPublicAccessBlock:dumps", "", UNSET),
    *(("BucketPublicAccessBlock:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
]
PASSES: list[tuple[str, str, object]] = [("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("BucketPublicAccessBlock:dumps", "bucket", UNKNOWN)]
SAYS = [
    (
        "BucketPublicAccessBlock:dumps",
        "",
        UNSET,
        "Bucket fashion-wallet-bucket-dumps: its block of public access is not there, or not enough; allowed: ",
    )
]
