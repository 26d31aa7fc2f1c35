"""Cases of atlas-auditing-record: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import on

FIRES, PASSES, CANNOT_TELL, SAYS = on("Auditing:mongodb", "enabled")
FIRES += [("Auditing:mongodb", "auditFilter", bad) for bad in (UNSET, "", 0)]
CANNOT_TELL += [("Auditing:mongodb", "auditFilter", UNKNOWN)]
