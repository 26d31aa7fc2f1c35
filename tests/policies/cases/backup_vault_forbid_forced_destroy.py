"""Cases of backup-vault-forbid-forced-destroy: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Vault:fashion-wallet-vault", "forceDestroy")
