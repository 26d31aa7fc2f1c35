"""Every bucket refuses requests without TLS."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_POLICY
from policies.documents import Malformed, Statement, statements_of
from policies.relations import each_has
from policies.rule import Example, Resource, StackRule
from policies.values import UNKNOWN, UNSET

__all__ = ["RULE"]


_KEY = "aws:securetransport"


def _denies(resource: Resource) -> Any:
    """Whether a policy denies plain HTTP: true, false, or `UNKNOWN`."""
    try:
        statements = statements_of(resource.at("policy"))
    except Malformed:
        return False
    if statements is UNKNOWN or statements is UNSET:
        return UNKNOWN if statements is UNKNOWN else False
    return any(
        not one.allows and one.everybody and one.does("s3:GetObject") and one.does("s3:PutObject") and _plain(one)
        for one in statements
    )


def _plain(statement: Statement) -> bool:
    return any(
        operator.lower() == "bool" and key.lower() == _KEY and str(value).lower() in {"false", "['false']"}
        for operator, keys in statement.conditions.items()
        for key, value in keys.items()
    )


RULE = StackRule(
    id="s3-bucket-require-tls",
    title="Every bucket refuses requests without TLS.",
    severity=Severity.HIGH,
    reason="S3 answers to plain HTTP as well",
    fix="deny s3:* to everybody with the condition aws:SecureTransport false",
    spec=("6.2.1",),
    frameworks=("AWS Security Hub S3.5", "CIS AWS Foundations Benchmark v3.0.0: 2.1.1"),
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    topic="buckets",
    absent="A bucket without it is a violation.",
    example=Example(
        refused="aws.s3.Bucket(…) # without a policy",
        taken='"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": {"Bool": '
        '{"aws:SecureTransport": "false"}}',
    ),
    check=each_has(
        (BUCKET,),
        BUCKET_POLICY,
        ("bucket",),
        ("bucket", "id"),
        what="its refusal of plain HTTP",
        allowed="a BucketPolicy that denies everybody where aws:SecureTransport is false",
        good=_denies,
    ),
)
