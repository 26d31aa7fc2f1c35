"""Cases of iam-policy-forbid-everything: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.documents import document


def of(*actions: str, resource: object = "*", effect: str = "Allow", **more: object) -> str:
    return document({"Effect": effect, "Action": list(actions), "Resource": resource, **more})


KEY = "arn:aws:kms:eu-central-1:123456789012:key/a"
FIRES: list[tuple[str, str, object]] = [
    ("RolePolicy:proxy", "policy", bad)
    for bad in (
        of("*"),
        of("*:*"),
        document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        document({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::a"}),
    )
]
PASSES: list[tuple[str, str, object]] = [
    ("RolePolicy:proxy", "policy", good)
    for good in (of("*", effect="Deny"), of("s3:GetObject", resource="arn:aws:s3:::a/*"))
]
CANNOT_TELL: list[tuple[str, str, object]] = [("RolePolicy:proxy", "policy", UNKNOWN)]
SAYS = [
    (
        "RolePolicy:proxy",
        "policy",
        of("*"),
        "policy, statement 1, is an Allow of everything on everything; allowed: the actions that are needed",
    )
]
PASSES += [("RolePolicy:proxy", "policy", of("cloudwatch:PutMetricData"))]
