"""Cases of s3-bucket-require-tls: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.documents import ROOT, allow, document, when


def deny(value: object, action: str = "s3:*") -> dict[str, object]:
    return {**allow("*", action, **when("Bool", "aws:SecureTransport", value)), "Effect": "Deny"}


FIRES: list[tuple[str, str, object]] = [
    ("BucketPolicy:dumps", "", UNSET),
    *(("BucketPolicy:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
    *(
        ("BucketPolicy:dumps", "policy", bad)
        for bad in (UNSET, "", document(deny("true")), document(deny("false", "s3:GetObject")))
    ),
    ("BucketPolicy:dumps", "policy", document({**deny("false"), "Principal": ROOT})),
    ("BucketPolicy:dumps", "policy", document(allow(ROOT, "s3:GetObject"))),
]
PASSES: list[tuple[str, str, object]] = [
    ("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x"),
    ("BucketPolicy:dumps", "policy", document({**deny(["false"]), "Principal": {"AWS": "*"}})),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("BucketPolicy:dumps", "bucket", UNKNOWN),
    ("BucketPolicy:dumps", "policy", UNKNOWN),
]
SAYS = [
    (
        "BucketPolicy:dumps",
        "",
        UNSET,
        "Bucket fashion-wallet-bucket-dumps: its refusal of plain HTTP is not there, or not enough; allowed: ",
    )
]
