"""Cases of atlas-cluster-require-tls: resource, property, value."""

from tests.policies.tables import table

FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "AdvancedCluster:mongodb",
    "advancedConfiguration.minimumEnabledTlsProtocol",
    bad=["TLS1_2", "TLS1_0", "", 0, []],
    good=["TLS1_3"],
    says=("TLS1_2", "TLS1_2; allowed: TLS1_3."),
)
FIRES += [("AdvancedCluster:mongodb", "advancedConfiguration.minimumEnabledTlsProtocol", "tls1_3")]
LIMITS = [("allowed", ["TLS1_2", "TLS1_3"], FIRES[0])]
