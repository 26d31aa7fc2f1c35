"""Cases of rds-parameter-group-audit-structure: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "pgaudit.log",
    bad=["none", "ddl", "ddl,roles"],
    good=["ddl, role", "ROLE,DDL,write", "all"],
    says="none; allowed: a list with ddl and role.",
)
LIMITS = [("classes", ["ddl"], FIRES[1])]
