"""Cases of iam-role-limit-federation: resource, property, value."""

from policies.values import UNKNOWN
from tests.policies.documents import document

PROVIDER = "oidc.eks.eu-central-1.amazonaws.com/id/A"


def trust(**condition: object) -> str:
    federated = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{PROVIDER}"}
    more = {"Condition": condition} if condition else {}
    return document({"Effect": "Allow", "Principal": federated, "Action": "sts:AssumeRoleWithWebIdentity", **more})


FIRES: list[tuple[str, str, object]] = [
    ("Role:proxy", "assumeRolePolicy", bad)
    for bad in (
        trust(),
        trust(StringEquals={f"{PROVIDER}:aud": "sts.amazonaws.com"}),
        trust(StringLike={f"{PROVIDER}:sub": "*"}),
        trust(StringNotEquals={f"{PROVIDER}:sub": "a"}),
    )
]
PASSES: list[tuple[str, str, object]] = [
    ("Role:proxy", "assumeRolePolicy", trust(StringEquals={f"{PROVIDER}:sub": "system:serviceaccount:a:b"})),
    ("Role:proxy", "assumeRolePolicy", trust(StringLike={f"{PROVIDER}:sub": ["repo:a/b:environment:prod"]})),
]
CANNOT_TELL: list[tuple[str, str, object]] = [("Role:proxy", "assumeRolePolicy", UNKNOWN)]
SAYS = [
    (
        "Role:proxy",
        "assumeRolePolicy",
        trust(),
        "statement 1, is an Allow for every workload of the provider; allowed: a",
    )
]
FIRES += [("Role:proxy", "assumeRolePolicy", trust(StringLike={f"{PROVIDER}:sub": one})) for one in ("*", ["*"])]
PASSES += [
    (
        "Role:proxy",
        "assumeRolePolicy",
        trust(**{"ForAllValues:StringEquals": {f"{PROVIDER}:sub": "system:serviceaccount:a:b"}}),
    )
]
PASSES += [("Role:proxy", "assumeRolePolicy", trust().replace('"Allow"', '"Deny"'))]
