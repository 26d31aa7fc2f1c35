"""Cases of rds-instance-use-customer-key: resource, property, value."""

from policies.values import UNSET
from tests.policies.tables import name

FIRES, PASSES, CANNOT_TELL, SAYS = name(
    "Instance:postgres-primary",
    "kmsKeyId",
    good=[],
    bad=("alias/aws/rds", "arn:aws:kms:eu-central-1:123456789012:alias/aws/rds"),
)
PASSES = [
    ("Instance:postgres-replica-b", "kmsKeyId", UNSET),
    ("Instance:postgres-replica-b", "kmsKeyId", "arn:aws:kms:eu-central-1:123456789012:key/mrk-relational"),
]
FIRES += [("Instance:postgres-replica-b", "kmsKeyId", "")]
