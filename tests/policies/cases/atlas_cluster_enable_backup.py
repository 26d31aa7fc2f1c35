"""Cases of atlas-cluster-enable-backup: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("AdvancedCluster:mongodb", "backupEnabled")
