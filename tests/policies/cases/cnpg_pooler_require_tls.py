"""Cases of cnpg-pooler-require-tls: resource, property, value."""

from tests.policies.tables import table

PATH = "spec.pgbouncer.parameters.client_tls_sslmode"
FIRES, PASSES, CANNOT_TELL, SAYS = table(
    "Pooler:pooler",
    PATH,
    bad=["prefer", *["allow", "disable", "", 0]],
    good=["require", "verify-ca", "verify-full"],
    says=("prefer", "prefer; allowed: require or verify-ca or verify-full."),
)
LIMITS = [("allowedModes", ["prefer", *["require", "verify-ca", "verify-full"]], ("Pooler:pooler", PATH, "prefer"))]
