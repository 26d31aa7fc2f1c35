"""Cases of kms-policy-forbid-everybody: resource, property, value."""

from tests.policies.documents import public_policy_table

FIRES, PASSES, CANNOT_TELL, SAYS = public_policy_table("KeyPolicy:documents", "policy", "kms:Decrypt", unset=True)
FIRES += [("ReplicaKey:fashion-wallet-key-relational-recovery", *row[1:]) for row in FIRES[:2]] + [
    ("Key:fashion-wallet-key-relational", *row[1:]) for row in FIRES[:2]
]
