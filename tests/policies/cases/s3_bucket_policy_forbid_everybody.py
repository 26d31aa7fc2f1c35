"""Cases of s3-bucket-policy-forbid-everybody: resource, property, value."""

from tests.policies.cloud_world import TLS_ONLY
from tests.policies.documents import public_policy_table

FIRES, PASSES, CANNOT_TELL, SAYS = public_policy_table(
    "BucketPolicy:dumps", "policy", "s3:GetObject", unset=True, also=(TLS_ONLY,)
)
