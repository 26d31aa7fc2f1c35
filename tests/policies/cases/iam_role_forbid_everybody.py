"""Cases of iam-role-forbid-everybody: resource, property, value."""

from tests.policies.documents import public_policy_table

FIRES, PASSES, CANNOT_TELL, SAYS = public_policy_table("Role:proxy", "assumeRolePolicy", "sts:AssumeRole", unset=False)
