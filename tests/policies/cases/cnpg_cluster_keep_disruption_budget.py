"""Cases of cnpg-cluster-keep-disruption-budget: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Cluster:timescale", "spec.enablePDB", unset=True)
