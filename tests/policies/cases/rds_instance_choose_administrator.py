"""Cases of rds-instance-choose-administrator: resource, property, value."""

from policies.values import UNSET
from tests.policies.tables import name

FIRES, PASSES, CANNOT_TELL, SAYS = name(
    "Instance:postgres-primary", "username", good=["somebody"], bad=("postgres", "Admin", " root ")
)
PASSES += [("Instance:postgres-replica-b", "username", UNSET)]
LIMITS = [("refused", ["root"], ("Instance:postgres-primary", "username", "postgres"))]
