"""Cases of backup-vault-use-customer-key: resource, property, value."""

from tests.policies.names import secret
from tests.policies.tables import name

FIRES, PASSES, CANNOT_TELL, SAYS = name("Vault:fashion-wallet-vault", "kmsKeyArn", good=[], bad=("alias/aws/backup",))
PASSES = [("Vault:fashion-wallet-vault", "kmsKeyArn", secret("arn:aws:kms:eu-central-1:123456789012:key/another"))]
