"""Cases of rds-parameter-group-load-audit: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "shared_preload_libraries",
    bad=["pg_stat_statements", "pgauditor"],
    good=["pgaudit", "pg_cron, pgaudit"],
    says="pg_stat_statements; allowed: a list with pgaudit.",
)
