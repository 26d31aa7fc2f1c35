"""Cases of s3-bucket-expire-leftovers: resource, property, value."""

from policies.values import UNKNOWN, UNSET

BOTH = {
    "status": "Enabled",
    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
    "noncurrentVersionExpiration": {"noncurrentDays": 1},
}
FIRES: list[tuple[str, str, object]] = [
    ("BucketLifecycleConfiguration:dumps", "", UNSET),
    *(("BucketLifecycleConfiguration:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
    *(
        ("BucketLifecycleConfiguration:dumps", "rules", bad)
        for bad in (
            UNSET,
            [],
            "",
            0,
            [{**BOTH, "status": "Disabled"}],
            [{**BOTH, "abortIncompleteMultipartUpload": {}}],
        )
    ),
]
PASSES: list[tuple[str, str, object]] = [
    ("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x"),
    (
        "BucketLifecycleConfiguration:dumps",
        "rules",
        [{**BOTH, "abortIncompleteMultipartUpload": {}}, {**BOTH, "noncurrentVersionExpiration": {}}],
    ),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("BucketLifecycleConfiguration:dumps", "bucket", UNKNOWN),
    ("BucketLifecycleConfiguration:dumps", "rules", [{**BOTH, "status": UNKNOWN}]),
    ("BucketLifecycleConfiguration:dumps", "rules", UNKNOWN),
]
SAYS = [
    (
        "BucketLifecycleConfiguration:dumps",
        "",
        UNSET,
        "Bucket fashion-wallet-bucket-dumps: its lifecycle is not there, or not enough; allowed: ",
    )
]
