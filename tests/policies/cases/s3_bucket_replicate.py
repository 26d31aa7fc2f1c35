"""Cases of s3-bucket-replicate: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def to(status: object) -> list[object]:
    return [{"status": status, "destination": {"bucket": "arn:aws:s3:::acme-dumps-recovery"}}]


ELSEWHERE = to("Disabled")
FIRES: list[tuple[str, str, object]] = [
    ("BucketReplicationConfig:dumps", "", UNSET),
    *(("BucketReplicationConfig:dumps", "bucket", bad) for bad in (UNSET, "", "another")),
    *(
        ("BucketReplicationConfig:dumps", "rules", bad)
        for bad in ([*to("Disabled"), *ELSEWHERE], [*ELSEWHERE, {"status": "Enabled"}])
    ),
]
PASSES: list[tuple[str, str, object]] = [("Bucket:fashion-wallet-bucket-dumps", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("BucketReplicationConfig:dumps", "bucket", UNKNOWN),
    ("BucketReplicationConfig:dumps", "rules", to(UNKNOWN)),
]
SAYS = [
    (
        "BucketReplicationConfig:dumps",
        "",
        UNSET,
        "Bucket fashion-wallet-bucket-dumps: its copy in another region is not there, or not enough; allowed: ",
    )
]
FIRES += [
    ("BucketReplicationConfig:dumps", "rules", [{"status": "Enabled", "destination": {"bucket": bad}}])
    for bad in (UNSET, "")
]
