"""Cases of cnpg-cluster-forbid-superuser: resource, property, value."""

from tests.policies.tables import off

FIRES, PASSES, CANNOT_TELL, SAYS = off("Cluster:timescale", "spec.enableSuperuserAccess")
