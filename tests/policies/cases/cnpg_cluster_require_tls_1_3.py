"""Cases of cnpg-cluster-require-tls-1-3: resource, property, value."""

from tests.policies.tables import table

PATH = "spec.postgresql.parameters.ssl_min_protocol_version"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "Cluster:timescale",
    PATH,
    bad=["TLSv1.2", "", 0],
    good=["TLSv1.3"],
    says=("TLSv1.2", "TLSv1.2; allowed: TLSv1.3 or unset."),
    unset=True,
)
LIMITS = [("allowedVersions", ["TLSv1.2", "TLSv1.3"], ("Cluster:timescale", PATH, "TLSv1.2"))]
