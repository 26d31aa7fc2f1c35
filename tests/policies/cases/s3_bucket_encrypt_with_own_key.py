"""Cases of s3-bucket-encrypt-with-own-key: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def by(algorithm: object, key: object = "") -> list[object]:
    return [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm, "kmsMasterKeyId": key}}]


FIRES: list[tuple[str, str, object]] = [
    ("BucketServerSideEncryptionConfiguration:dumps", "", UNSET),
    *(("BucketServerSideEncryptionConfiguration:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
    *(
        ("BucketServerSideEncryptionConfiguration:dumps", "rules", bad)
        for bad in (UNSET, [], "", 0, by("AES256"), by("aws:kms"), by("aws:kms", "alias/aws/s3"), by("", "key/a"))
    ),
]
PASSES: list[tuple[str, str, object]] = [
    ("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x"),
    ("BucketServerSideEncryptionConfiguration:dumps", "rules", by("aws:kms:dsse", "arn:aws:kms:a:b:key/c")),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("BucketServerSideEncryptionConfiguration:dumps", "bucket", UNKNOWN),
    *(
        ("BucketServerSideEncryptionConfiguration:dumps", "rules", one)
        for one in (UNKNOWN, [UNKNOWN], by(UNKNOWN, "key/a"), by("aws:kms", UNKNOWN))
    ),
]
SAYS = [
    (
        "BucketServerSideEncryptionConfiguration:dumps",
        "",
        UNSET,
        "Bucket fashion-wallet-bucket-dumps: its encryption is not there, or not enough; allowed: ",
    )
]
