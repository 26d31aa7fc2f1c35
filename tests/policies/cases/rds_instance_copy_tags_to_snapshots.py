"""Cases of rds-instance-copy-tags-to-snapshots: resource, property, value."""

from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Instance:postgres-primary", "copyTagsToSnapshot")
