"""Cases of sns-topic-policy-forbid-everybody: resource, property, value."""

from tests.policies.documents import public_policy_table

FIRES, PASSES, CANNOT_TELL, SAYS = public_policy_table("TopicPolicy:alerts", "policy", "sns:Publish", unset=True)
FIRES += [("Topic:alerts", *row[1:]) for row in FIRES[:2]]
