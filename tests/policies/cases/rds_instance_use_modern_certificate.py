"""Cases of rds-instance-use-modern-certificate: resource, property, value."""

from tests.policies.names import secret
from tests.policies.tables import table

FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "Instance:postgres-primary",
    "caCertIdentifier",
    bad=["rds-ca-2019", "", 0, []],
    good=["rds-ca-ecc384-g1", secret("rds-ca-rsa4096-g1")],
    says=("rds-ca-2019", "rds-ca-2019; allowed: rds-ca-rsa2048-g1 or"),
)
LIMITS = [
    ("allowed", ["rds-ca-rsa2048-g1", "rds-ca-2019"], ("Instance:postgres-primary", "caCertIdentifier", "rds-ca-2019"))
]
