"""A secret is encrypted by a key of our own."""

from pulumi_policy import Severity

from policies.checks import present
from policies.cloud import SECRET
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _is_amazons(text: str) -> bool:
    return text.strip().endswith("alias/aws/secretsmanager")


RULE = ResourceRule(
    id="secret-use-customer-key",
    title="A secret is encrypted by a key of our own.",
    severity=Severity.HIGH,
    reason="with Amazon's key, who may read the secret is decided in one place only",
    fix="set kmsKeyId to the key of the domain secrets",
    spec=("6.2.1",),
    link="https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
    topic="secrets",
    absent="Unset means Amazon's key and is a violation.",
    example=Example(refused="# kms_key_id is unset: Amazon's key", taken='kms_key_id=keys.key("secrets").arn'),
    types=(SECRET,),
    check=present("kmsKeyId", allowed="the ARN of the key of the domain secrets", refuse=_is_amazons),
)
