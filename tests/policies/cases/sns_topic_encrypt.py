"""Cases of sns-topic-encrypt: resource, property, value."""

from tests.policies.names import secret
from tests.policies.tables import name

FIRES, PASSES, CANNOT_TELL, SAYS = name("Topic:alerts", "kmsMasterKeyId", good=[], bad=("alias/aws/sns",))
PASSES = [("Topic:alerts", "kmsMasterKeyId", secret("arn:aws:kms:eu-central-1:123456789012:key/mrk-logs"))]
