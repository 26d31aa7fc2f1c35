"""Cases of log-group-use-customer-key: resource, property, value."""

from tests.policies.names import secret
from tests.policies.tables import name

FIRES, PASSES, CANNOT_TELL, SAYS = name(
    "LogGroup:postgres", "kmsKeyId", good=[secret("arn:aws:kms:eu-central-1:123456789012:key/another")]
)
