"""Cases of secret-policy-forbid-everybody: resource, property, value."""

from tests.policies.documents import public_policy_table

FIRES, PASSES, CANNOT_TELL, SAYS = public_policy_table(
    "SecretPolicy:avatar", "policy", "secretsmanager:GetSecretValue", unset=True
)
