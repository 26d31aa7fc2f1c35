"""Every secret is rotated."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import SECRET, SECRET_ROTATION
from policies.relations import each_has
from policies.rule import Example, Resource, Stack, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def _is_rotated_elsewhere(_stack: Stack, resource: Resource) -> Any:
    """Whether the tag says who rotates it instead: a certificate, or a service of AWS."""
    rotated = resource.at("tags", "RotatedBy")
    return rotated if rotated is UNKNOWN else isinstance(rotated, str) and bool(rotated.strip())


RULE = StackRule(
    id="secret-require-rotation",
    title="Every secret is rotated.",
    severity=Severity.HIGH,
    reason="a password that leaked without anybody seeing it is worth something until it is changed",
    fix="declare a SecretRotation; where something else rotates it, say what in the tag RotatedBy",
    spec=("6.1.1",),
    frameworks=("AWS Security Hub SecretsManager.1",),
    link="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html",
    topic="secrets",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="aws.secretsmanager.Secret(…) # alone",
        taken="aws.secretsmanager.SecretRotation(…, secret_id=secret.arn)",
    ),
    check=each_has(
        (SECRET,),
        SECRET_ROTATION,
        ("secretId",),
        ("arn", "id", "name"),
        what="its rotation",
        allowed="a SecretRotation for this secret, or an owner that rotates it by itself (owningService)",
        unless=_is_rotated_elsewhere,
    ),
)
