"""Cases of iam-policy-forbid-every-action: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.documents import document


def of(*actions: str, resource: object = "*", effect: str = "Allow", **more: object) -> str:
    return document({"Effect": effect, "Action": list(actions), "Resource": resource, **more})


KEY = "arn:aws:kms:eu-central-1:123456789012:key/a"
FIRES: list[tuple[str, str, object]] = [
    ("RolePolicy:proxy", "policy", bad)
    for bad in (of("s3:*", resource="arn:aws:s3:::a"), of("s3:GetObject", "RDS:*", resource="arn:a"))
]
PASSES: list[tuple[str, str, object]] = [
    ("RolePolicy:proxy", "policy", good)
    for good in (of("s3:Get*", resource="arn:aws:s3:::a/*"), of("s3:*", effect="Deny"))
]
CANNOT_TELL: list[tuple[str, str, object]] = [("RolePolicy:proxy", "policy", UNKNOWN)]
SAYS = [
    (
        "RolePolicy:proxy",
        "policy",
        of("s3:GetObject", "RDS:*", resource="arn:a"),
        "policy, statement 1, is an Allow of rds:*; allowed: the actions that are needed.",
    )
]
