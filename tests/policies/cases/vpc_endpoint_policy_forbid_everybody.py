"""Cases of vpc-endpoint-policy-forbid-everybody: resource, property, value."""

from tests.policies.documents import allow, document, public_policy_table

FIRES, PASSES, CANNOT_TELL, SAYS = public_policy_table(
    "VpcEndpoint:secrets", "policy", "secretsmanager:GetSecretValue", unset=True
)
PASSES += [
    (
        "VpcEndpoint:secrets",
        "policy",
        document({**allow("*", "sts:AssumeRoleWithWebIdentity"), "Resource": "arn:aws:iam::123456789012:role/*"}),
    )
]
FIRES += [("VpcEndpoint:secrets", "policy", document({**allow("*", "s3:*"), "Resource": "arn:aws:s3:::a/*"}))]
FIRES += [("VpcEndpoint:secrets", "policy", document({**allow("*", "s3:*"), "Resource": "arn:aws:s3:"}))]
