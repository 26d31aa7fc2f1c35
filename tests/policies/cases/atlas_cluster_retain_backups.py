"""Cases of atlas-cluster-retain-backups: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("AdvancedCluster:mongodb", "retainBackupsEnabled")
