"""Cases of rds-parameter-group-require-tls-1-3: resource, property, value."""

from tests.policies.parameters import parameter_table

FIRES, PASSES, CANNOT_TELL, SAYS = parameter_table(
    "ssl_min_protocol_version", bad=["TLSv1.2", "TLSv1", "tlsv1.3"], good=["TLSv1.3"], says="TLSv1.2; allowed: TLSv1.3."
)
LIMITS = [("allowedVersions", ["TLSv1.2", "TLSv1.3"], FIRES[0])]
