"""Cases of s3-bucket-forbid-forced-destroy: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Bucket:fashion-wallet-bucket-dumps", "forceDestroy")
