"""Cases of atlas-cluster-encrypt-with-own-key: resource, property, value."""

from tests.policies.names import secret
from tests.policies.tables import table

FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "AdvancedCluster:mongodb",
    "encryptionAtRestProvider",
    bad=["NONE", "none", "", 0, "GCP"],
    good=["AWS", secret("AWS")],
    says=("NONE", "NONE; allowed: AWS."),
)
LIMITS = [("allowed", ["AWS", "GCP"], ("AdvancedCluster:mongodb", "encryptionAtRestProvider", "GCP"))]
