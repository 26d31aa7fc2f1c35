"""The policy of a bucket allows nothing to everybody."""

from pulumi_policy import Severity

from policies.cloud import BUCKET_POLICY
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    if statement.allows and statement.everybody and not statement.narrowed:
        return "an Allow for every principal"
    return ""


RULE = ResourceRule(
    id="s3-bucket-policy-forbid-everybody",
    title="The policy of a bucket allows nothing to everybody.",
    severity=Severity.CRITICAL,
    reason="a bucket of backups has every database in it",
    fix="name the roles that write and read backups",
    spec=("6.1", "5.2.2"),
    frameworks=("AWS Security Hub S3.2", "AWS Security Hub S3.3"),
    link=""
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status",
    topic="buckets",
    absent="One that is no JSON is a violation; a bucket without a policy is the question of s3-bucket-require-tls.",
    example=Example(
        refused='"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"',
        taken='"Principal": {"AWS": "arn:aws:iam::123456789012:role/dumps"}',
    ),
    types=(BUCKET_POLICY,),
    check=forbid_statements(
        "policy", refuse=_refuse, allowed="principals that are named, or a condition that names them", unset=True
    ),
)
