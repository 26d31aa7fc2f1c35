"""Cases of s3-bucket-forbid-acl: resource, property, value."""

from tests.policies.tables import table

BUCKET = "Bucket:fashion-wallet-bucket-dumps"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    BUCKET,
    "acl",
    bad=["public-read", "log-delivery-write", "", 0, []],
    good=["private"],
    says=("public-read", "public-read; allowed: private or unset."),
    unset=True,
)
LIMITS = [("allowed", ["private", "log-delivery-write"], (BUCKET, "acl", "log-delivery-write"))]
