"""Cases of rds-parameter-group-require-scram: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "rds.accepted_password_auth_method", bad=["md5+scram", "md5"], good=["scram"], says="md5+scram; allowed: scram."
)
