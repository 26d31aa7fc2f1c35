"""Cases of secret-use-customer-key: resource, property, value."""

from tests.policies.names import secret
from tests.policies.tables import name

FIRES, PASSES, CANNOT_TELL, SAYS = name("Secret:avatar", "kmsKeyId", good=[], bad=("alias/aws/secretsmanager",))
PASSES = [("Secret:avatar", "kmsKeyId", secret("arn:aws:kms:eu-central-1:123456789012:key/another"))]
