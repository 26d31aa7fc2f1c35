"""Cases of iam-policy-forbid-decrypt-everywhere: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.documents import document


def of(*actions: str, resource: object = "*", effect: str = "Allow", **more: object) -> str:
    return document({"Effect": effect, "Action": list(actions), "Resource": resource, **more})


KEY = "arn:aws:kms:eu-central-1:123456789012:key/a"
FIRES: list[tuple[str, str, object]] = [
    ("RolePolicy:proxy", "policy", bad)
    for bad in (
        of("kms:Decrypt"),
        of("kms:De*"),
        of("kms:Decrypt", resource="arn:aws:kms:eu-central-1:123456789012:key/*"),
        of("kms:ReEncrypt*", resource=[KEY, "*"]),
    )
]
PASSES: list[tuple[str, str, object]] = [
    ("RolePolicy:proxy", "policy", good)
    for good in (
        of("kms:Decrypt", resource=[KEY]),
        of("kms:Encrypt"),
        of("kms:Decrypt", effect="Deny"),
        of("kms:Decrypt", Condition={"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}),
    )
]
CANNOT_TELL: list[tuple[str, str, object]] = [("RolePolicy:proxy", "policy", UNKNOWN)]
SAYS = [
    (
        "RolePolicy:proxy",
        "policy",
        of("kms:Decrypt"),
        "policy, statement 1, is an Allow of decryption by every key; allowed: the ARNs of the keys",
    )
]
FIRES += [("RolePolicy:proxy", "policy", of("kms:Decrypt", resource="arn:aws:kms:eu-central-1:123456789012:*"))]
