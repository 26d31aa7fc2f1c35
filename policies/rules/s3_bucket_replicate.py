"""Every bucket of backups is copied to another bucket."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_LOGGING, BUCKET_REPLICATION
from policies.relations import each_has, relation
from policies.rule import Example, Resource, Stack, StackRule
from policies.values import UNKNOWN, UNSET, at

__all__ = ["RULE"]


def _is_for_logs_or_a_copy(stack: Stack, resource: Resource) -> Any:
    """Whether access logs go there, or another bucket is copied there: a copy need not be copied back."""
    logs = stack.referring(BUCKET_LOGGING, ("targetBucket",), resource, "bucket", "id")
    return relation(verdict for verdict in (*(one for _, one in logs), _is_a_copy(stack, resource)))


def _is_a_copy(stack: Stack, bucket: Resource) -> Any:
    """Whether a bucket is where another is copied to: true, false, or `UNKNOWN`."""
    arns, urns, unsure = stack.once("destinations of copies", lambda: _destinations(stack))
    arn = bucket.at("arn")
    if (isinstance(arn, str) and arn in arns) or bucket.urn in urns:
        return True
    return UNKNOWN if unsure or (arn is UNKNOWN and arns) else False


def _destinations(stack: Stack) -> tuple[set[str], set[str], bool]:
    """Return the ARNs of destinations, the URNs that unknown ones are made of, and whether one is made of nothing."""
    arns: set[str] = set()
    urns: set[str] = set()
    unsure = False
    for config in stack.of(BUCKET_REPLICATION):
        rules, sources = config.at("rules"), config.depends_on.get("rules", ())
        for rule in rules if isinstance(rules, list) else [rules]:
            destination = at(rule, "destination", "bucket") if rule is not UNKNOWN else UNKNOWN
            if destination is UNKNOWN:
                urns |= set(sources)
                unsure = unsure or not sources
            elif isinstance(destination, str):
                arns.add(destination)
    return arns, urns, unsure


def _copies(resource: Resource) -> Any:
    """Whether a configuration has a rule that is on: true, false, or `UNKNOWN`."""
    rules = resource.at("rules")
    return relation(_is_on(rule) for rule in (rules if isinstance(rules, list) else [rules]))


def _is_on(rule: Any) -> Any:
    if rule is UNKNOWN:
        return UNKNOWN
    status, destination = at(rule, "status"), at(rule, "destination", "bucket")
    if (status is not UNKNOWN and status != "Enabled") or destination in (UNSET, ""):
        return False
    return UNKNOWN if UNKNOWN in (status, destination) else True


RULE = StackRule(
    id="s3-bucket-replicate",
    title="Every bucket of backups is copied to another bucket.",
    severity=Severity.HIGH,
    reason="a region that is lost takes the dumps and the WAL with it",
    fix="declare a BucketReplicationConfig to the bucket in the recovery region",
    spec=("5.2.2",),
    frameworks=("AWS Security Hub S3.7",),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
    topic="buckets",
    absent="A bucket without it is a violation, but one that access logs go to, and one that is a copy.",
    example=Example(
        refused="aws.s3.Bucket(…) # alone", taken="aws.s3.BucketReplicationConfig(…, bucket=bucket.bucket, rules=[…])"
    ),
    check=each_has(
        (BUCKET,),
        BUCKET_REPLICATION,
        ("bucket",),
        ("bucket", "id"),
        what="its copy in another region",
        allowed="a BucketReplicationConfig with a rule that is Enabled and has a destination",
        good=_copies,
        unless=_is_for_logs_or_a_copy,
    ),
)
