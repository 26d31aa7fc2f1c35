"""Cases of atlas-cluster-take-yearly-releases: resource, property, value."""

from tests.policies.tables import table

FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "AdvancedCluster:mongodb",
    "versionReleaseSystem",
    bad=["CONTINUOUS", "", 0],
    good=["LTS"],
    says=("CONTINUOUS", "CONTINUOUS; allowed: LTS or unset."),
    unset=True,
)
LIMITS = [("allowed", ["LTS", "CONTINUOUS"], ("AdvancedCluster:mongodb", "versionReleaseSystem", "CONTINUOUS"))]
